"""Seconds of a fit beside those of its peers, paired in one run.

Each contestant runs in a process of its own: `cold` is that whole process with its
imports and compilations, `warm` a second fit in the same process. Medians over the
runs; contestants take turns, so that ratios hold on a noisy machine. One that takes
minutes is fitted once, cold; a peer that is not installed, or fails, is left out.
ParametricUMAP needs tensorflow. grease-embeddings 0.1.5 needs an environment of its
own, since its wheel brings another module named spectralnet.

Usage: python benchmarks/peers.py [--rows 60000] [--runs 5] [--only NAME ...]
       [--chart peers.svg]
"""

import argparse
import json
import subprocess
import sys
import time
from collections import defaultdict

import numpy as np
from charts import draw_peers
from datasets import load


def ours(X, **parameters):
    from sknet_spectral import SpectralNetClustering

    return SpectralNetClustering(10, random_state=0, **parameters).fit_predict(X)


def stochastic(X):
    return ours(X, eigen_solver="stochastic")


def fewer_epochs(X):
    return ours(X, max_iter=3, batch_size=768)


def scikit_learn(X, eigen_solver):
    from sklearn.cluster import SpectralClustering

    return SpectralClustering(
        10,
        affinity="nearest_neighbors",
        n_neighbors=15,
        eigen_solver=eigen_solver,
        random_state=0,
    ).fit_predict(X)


def amg(X):
    return scikit_learn(X, "amg")


def lobpcg(X):
    return scikit_learn(X, "lobpcg")


def spectralnet(X):
    import torch
    from spectralnet import SpectralNet

    model = SpectralNet(n_clusters=10)
    model.fit(torch.from_numpy(X))
    return model.predict(torch.from_numpy(X))


def grease(X):
    import torch
    from grease import GrEASE
    from sklearn.cluster import KMeans

    Y = GrEASE(n_components=9).fit_transform(torch.from_numpy(X))
    return KMeans(10, n_init=10, random_state=0).fit_predict(Y)


def mixture(Y):
    from sklearn.mixture import GaussianMixture

    return GaussianMixture(10, random_state=0).fit_predict(Y)


def umap_mixture(X):
    from umap import UMAP

    return mixture(UMAP(n_neighbors=30, min_dist=0.0, n_components=10).fit_transform(X))


def parametric_umap_mixture(X):
    from umap.parametric_umap import ParametricUMAP

    model = ParametricUMAP(n_neighbors=30, min_dist=0.0, n_components=10)
    return mixture(model.fit_transform(X))


CONTESTANTS = {
    "this package": ours,
    "this package, 3 epochs": fewer_epochs,
    "this package, stochastic": stochastic,
    "SpectralClustering, amg": amg,
    "SpectralClustering, lobpcg": lobpcg,
    "UMAP + Gaussian mixture": umap_mixture,
    "ParametricUMAP + Gaussian mixture": parametric_umap_mixture,
    "spectralnet 1.1.0": spectralnet,
    "grease-embeddings 0.1.5": grease,
}
OWN = {ours, fewer_epochs, stochastic}
FITTED_ONCE = {
    "spectralnet 1.1.0",
    "grease-embeddings 0.1.5",
    "ParametricUMAP + Gaussian mixture",
}


def run(name, n_rows):
    X, y = load("mnist")
    X, y = X[:n_rows], y[:n_rows]
    try:
        if name not in FITTED_ONCE:
            CONTESTANTS[name](X)
        start = time.perf_counter()
        labels = CONTESTANTS[name](X)
    except (ImportError, RuntimeError) as error:
        if CONTESTANTS[name] in OWN:
            raise
        # Not installed; or it does not import beside this torch, or its fit fails.
        return {"absent": f"{type(error).__name__}: {error}"}
    from sklearn.metrics import normalized_mutual_info_score

    return {
        "fit": time.perf_counter() - start,
        "NMI": normalized_mutual_info_score(y, labels),
    }


def measure(name, n_rows):
    """Return seconds cold, seconds warm and NMI, of a process of its own."""
    start = time.perf_counter()
    command = [sys.executable, __file__, "--run", name, "--rows", str(n_rows)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    total = time.perf_counter() - start
    figures = json.loads(output.stdout.splitlines()[-1])
    if "absent" in figures:
        print(f"{name}: left out. {figures['absent']}")
        return None
    if name in FITTED_ONCE:
        return total, np.nan, figures["NMI"]
    return total - figures["fit"], figures["fit"], figures["NMI"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=list(CONTESTANTS))
    parser.add_argument("--chart", help="file for a chart of the figures")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        return print(json.dumps(run(arguments.run, arguments.rows)))
    figures = defaultdict(list)
    for i in range(arguments.runs):
        for name in arguments.only:
            if i == 0 or (name in figures and name not in FITTED_ONCE):
                measured = measure(name, arguments.rows)
                if measured:
                    figures[name].append(measured)
    columns = "cold", "warm", "NMI", "cold ratio", "warm ratio"
    print(f"{arguments.rows} rows of MNIST, medians of {arguments.runs}")
    print(f"{'':<34}" + "".join(f"{c:>12}" for c in columns))
    medians = {name: np.median(rows, axis=0) for name, rows in figures.items()}
    own = next(iter(medians.values()))
    for name, median in medians.items():
        print(
            f"{name:<34}"
            + "".join(f"{f:12.3f}" for f in (*median, *own[:2] / median[:2]))
        )
    if arguments.chart:
        draw_peers(arguments.chart, medians)


if __name__ == "__main__":
    main()
