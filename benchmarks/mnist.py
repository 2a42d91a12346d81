"""MNIST, 60,000 rows in and 10,000 held out: quality and seconds, one table.

Usage: python benchmarks/mnist.py [--seeds 5] [--solver stochastic] [--peer]
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
from sklearn.cluster import SpectralClustering
from sklearn.datasets import fetch_openml
from sklearn.metrics import normalized_mutual_info_score

from sknet_spectral import SpectralNetClustering
from sknet_spectral._assignment import fit_centers, nearest_center, unit_rows
from sknet_spectral._graph.affinity import neighbor_affinity
from sknet_spectral._graph.laplacian import Laplacian
from sknet_spectral._graph.neighbors import nearest_neighbors
from sknet_spectral.metrics import clustering_accuracy, subspace_distance

N_TRAIN = 60_000


def load():
    folder = os.environ.get("SKNET_SPECTRAL_DATA")
    if folder:
        data = np.load(Path(folder) / "mnist.npz")
        X, y = data["X"], data["y"]
    else:
        X, y = fetch_openml("mnist_784", return_X_y=True, as_frame=False)
    return (X.reshape(len(X), -1) / 255).astype(np.float32), y.astype(int)


def exact(X, random_state):
    found = nearest_neighbors(
        X, 15, metric="euclidean", random_state=random_state, n_jobs=None
    )
    graph = Laplacian(neighbor_affinity(*found, weights="local_scaling", gamma=1.0))
    return graph, graph.eigenpairs(10, random_state=random_state)[1]


def row(name, y, labels, *figures):
    scores = clustering_accuracy(y, labels), normalized_mutual_info_score(y, labels)
    print(
        f"{name:<28}" + "".join(f"{f:10.4f}" for f in (*scores, *figures)), flush=True
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--solver")
    parser.add_argument("--peer", action="store_true")
    arguments = parser.parse_args()
    X, y = load()
    train, held = X[:N_TRAIN], X[N_TRAIN:]
    columns = "accuracy", "NMI", "err train", "err held", "seconds"
    print(f"{'held-out rows':<28}" + "".join(f"{c:>10}" for c in columns))

    random_state = np.random.RandomState(0)
    graph, Y = exact(X, random_state)
    points = unit_rows(Y)
    centers = fit_centers(points, 10, n_init=10, random_state=random_state)
    row(
        "exact, 70,000-row graph",
        y[N_TRAIN:],
        nearest_center(points, centers)[N_TRAIN:],
    )

    for seed in range(arguments.seeds):
        model = SpectralNetClustering(
            10, eigen_solver=arguments.solver, random_state=seed
        )
        start = time.perf_counter()
        model.fit(train)
        seconds = time.perf_counter() - start
        own = Laplacian(model.affinity_matrix_)
        _, U = own.eigenpairs(10, random_state=np.random.RandomState(0))
        row(
            f"this package, seed {seed}",
            y[N_TRAIN:],
            model.predict(held),
            subspace_distance(model.transform(train), U, own.mass),
            subspace_distance(model.transform(held), Y[N_TRAIN:], graph.mass[N_TRAIN:]),
            seconds,
        )
    if arguments.peer:
        peer = SpectralClustering(
            10,
            affinity="nearest_neighbors",
            n_neighbors=15,
            eigen_solver="amg",
            random_state=0,
        )
        start = time.perf_counter()
        labels = peer.fit_predict(train)
        seconds = time.perf_counter() - start
        row("SpectralClustering, train", y[:N_TRAIN], labels, np.nan, np.nan, seconds)


if __name__ == "__main__":
    main()
