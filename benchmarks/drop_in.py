"""Accuracy and NMI beside scikit-learn's SpectralClustering with the same affinity.

Means and standard deviations over seeds, on the rows that were fitted. The neighbour
graphs are the same but for the diagonal: scikit-learn counts a row among its own
neighbours, this package does not. The last column has this package's own default.

Usage: python benchmarks/drop_in.py [--seeds 5]
"""

import argparse
import warnings

import numpy as np
from datasets import load
from sklearn.cluster import SpectralClustering
from sklearn.datasets import make_blobs, make_circles, make_moons
from sklearn.metrics import normalized_mutual_info_score

from sknet_spectral import SpectralNetClustering
from sknet_spectral.metrics import clustering_accuracy

NEIGHBORS = {"affinity": "nearest_neighbors", "n_neighbors": 15}


def toy(make, **options):
    return make(2000, random_state=0, **options)


def first_rows(name, n_rows):
    X, y = load(name)
    return X[:n_rows], y[:n_rows]


DATA = [
    ("digits", lambda: load("digits"), 10, NEIGHBORS),
    ("pendigits", lambda: load("pendigits"), 10, NEIGHBORS),
    ("dry bean", lambda: load("dry_bean"), 7, NEIGHBORS),
    ("MNIST 10,000", lambda: first_rows("mnist", 10_000), 10, NEIGHBORS),
    ("moons", lambda: toy(make_moons, noise=0.05), 2, NEIGHBORS),
    ("circles", lambda: toy(make_circles, noise=0.05, factor=0.5), 2, NEIGHBORS),
    ("blobs", lambda: toy(make_blobs, centers=6, cluster_std=2.0), 6, NEIGHBORS),
    ("digits", lambda: load("digits"), 10, {"affinity": "rbf", "gamma": 1e-3}),
    (
        "moons",
        lambda: toy(make_moons, noise=0.05),
        2,
        {"affinity": "rbf", "gamma": 100.0},
    ),
    (
        "blobs",
        lambda: toy(make_blobs, centers=6, cluster_std=2.0),
        6,
        {"affinity": "rbf", "gamma": 1.0},
    ),
]


def scores(estimators, X, y):
    labels = [estimator.fit_predict(X) for estimator in estimators]
    return [
        [clustering_accuracy(y, found), normalized_mutual_info_score(y, found)]
        for found in labels
    ]


def text(table):
    mean, spread = np.mean(table, axis=0), np.std(table, axis=0)
    return "  ".join(f"{m:.3f} ({s:.3f})" for m, s in zip(mean, spread, strict=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(parser.parse_args().seeds)
    columns = "scikit-learn", "the same affinity", "defaults"
    print(f"{'accuracy (sd)  NMI (sd)':<28}" + "".join(f"{c:>30}" for c in columns))
    # Clusters that lie apart make a disconnected graph, of which both warn.
    warnings.filterwarnings("ignore", message="Graph is not fully connected")
    for name, make, n_clusters, affinity in DATA:
        X, y = make()
        own = dict(affinity)
        if affinity is NEIGHBORS:
            own = {**affinity, "n_neighbors": 14, "weights": "uniform"}
        contestants = [
            [
                SpectralClustering(n_clusters, random_state=seed, **affinity)
                for seed in seeds
            ],
            [
                SpectralNetClustering(n_clusters, random_state=seed, **own)
                for seed in seeds
            ],
            [SpectralNetClustering(n_clusters, random_state=seed) for seed in seeds],
        ]
        cells = [text(scores(estimators, X, y)) for estimators in contestants]
        title = f"{name}, {affinity['affinity']}"
        print(f"{title:<28}" + "".join(f"{c:>30}" for c in cells), flush=True)


if __name__ == "__main__":
    main()
