"""Accuracy and NMI of what this package can do, and of its peers, on real data.

Means and standard deviations over seeds, on the rows that were fitted and on held-out
rows where the data have a split; seconds of the fit. Every recipe has the same
arguments on every data set, but for the cosine metric of text, and no label chooses
anything.

Usage: python benchmarks/accuracy.py [--data mnist ...] [--seeds 5] [--only NAME ...]
"""

import argparse
import time
import warnings

import numpy as np
from datasets import load
from scipy import sparse
from sklearn.cluster import KMeans, SpectralClustering
from sklearn.metrics import normalized_mutual_info_score
from sklearn.pipeline import make_pipeline

from sknet_spectral import AutoencoderTransformer, SpectralNetClustering
from sknet_spectral.metrics import clustering_accuracy

# Clusters, and rows of the training split where there is one.
DATA = {
    "mnist": (10, 60_000),
    "fashion_mnist": (10, 60_000),
    "pendigits": (10, 7_494),
    "dry_bean": (7, None),
    "digits": (10, None),
    "reuters": (10, None),
    "news20": (20, None),
}


def k_means(n_clusters, metric, seed):
    return KMeans(n_clusters, n_init=10, random_state=seed)


def spectral_clustering(n_clusters, metric, seed):
    return SpectralClustering(
        n_clusters,
        affinity="nearest_neighbors",
        n_neighbors=15,
        eigen_solver="amg",
        random_state=seed,
    )


def defaults(n_clusters, metric, seed, **parameters):
    return SpectralNetClustering(
        n_clusters, metric=metric, random_state=seed, **parameters
    )


def auto_components(n_clusters, metric, seed):
    return defaults(n_clusters, metric, seed, n_components="auto")


def siamese(n_clusters, metric, seed):
    return defaults(n_clusters, metric, seed, n_components="auto", affinity="siamese")


def codes(n_clusters, metric, seed):
    return make_pipeline(
        AutoencoderTransformer(10, random_state=seed),
        SpectralNetClustering(
            n_clusters, n_components="auto", n_neighbors=10, random_state=seed
        ),
    )


RECIPES = {
    "k-means": k_means,
    "SpectralClustering": spectral_clustering,
    "defaults": defaults,
    "auto components": auto_components,
    "siamese, auto components": siamese,
    "codes, auto components": codes,
}


def scores(y, labels):
    return [
        clustering_accuracy(y, labels),
        normalized_mutual_info_score(y, labels),
    ]


def evaluate(recipe, name, seed):
    """Return accuracy and NMI of fitted rows, of held-out rows, and seconds."""
    n_clusters, n_train = DATA[name]
    X, y = load(name)
    metric = "cosine" if sparse.issparse(X) else "euclidean"
    model = recipe(n_clusters, metric, seed)
    start = time.perf_counter()
    labels = model.fit_predict(X[:n_train])
    seconds = time.perf_counter() - start
    held_out = [np.nan, np.nan]
    if n_train is not None and hasattr(model, "predict"):
        held_out = scores(y[n_train:], model.predict(X[n_train:]))
    return [*scores(y[:n_train], labels), *held_out, seconds]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="*", default=list(DATA))
    parser.add_argument("--only", nargs="*", default=list(RECIPES))
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    # Some data lie apart, of which a fit warns.
    warnings.filterwarnings("ignore", message="Graph is not fully connected")
    columns = "ACC fitted", "NMI fitted", "ACC held", "NMI held", "seconds"
    print(f"{'means (standard deviations)':<44}" + "".join(f"{c:>18}" for c in columns))
    for name in arguments.data:
        for title in arguments.only:
            figures = [
                evaluate(RECIPES[title], name, seed) for seed in range(arguments.seeds)
            ]
            mean, spread = np.mean(figures, axis=0), np.std(figures, axis=0)
            cells = [f"{m:.3f} ({s:.3f})" for m, s in zip(mean, spread, strict=True)]
            row = f"{name + ', ' + title:<44}"
            print(row + "".join(f"{c:>18}" for c in cells), flush=True)


if __name__ == "__main__":
    main()
