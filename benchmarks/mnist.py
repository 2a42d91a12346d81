"""MNIST, 60,000 rows in and 10,000 held out: quality and seconds, one table.

Usage: python benchmarks/mnist.py [--seeds 5] [--data fashion_mnist]
"""

import argparse
import time

import numpy as np
from datasets import load
from sklearn.metrics import normalized_mutual_info_score

from sknet_spectral import SpectralNetClustering
from sknet_spectral._fit.labels.k_means import KMeansOptions, k_means_rule
from sknet_spectral._graph.affinities.affinity import neighbor_affinity
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral._graph.search.neighbors import nearest_neighbors
from sknet_spectral.metrics import clustering_accuracy, subspace_distance

N_TRAIN = 60_000
N_CLUSTERS = 10


def exact(X):
    """Return the graph of all rows, its eigenvectors and their labels."""
    random_state = np.random.RandomState(0)
    neighbors = nearest_neighbors(
        X, 15, metric="euclidean", random_state=random_state, n_jobs=None
    )
    W = neighbor_affinity(neighbors, weights="local_scaling", gamma=1.0)
    graph = Laplacian(W)
    Y = graph.eigenpairs(N_CLUSTERS, random_state=random_state)[1]
    options = KMeansOptions(unit_length=True, n_init=10)
    rule = k_means_rule(Y, N_CLUSTERS, options, random_state)
    return graph, Y, rule.labels(Y)


def row(name, *figures):
    print(f"{name:<32}" + "".join(f"{f:10.4f}" for f in figures), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--data", default="mnist")
    arguments = parser.parse_args()
    X, y = load(arguments.data)
    train, held, y_held = X[:N_TRAIN], X[N_TRAIN:], y[N_TRAIN:]
    columns = "accuracy", "NMI", "err train", "err held", "seconds"
    print(
        f"{arguments.data + ', held-out rows':<32}"
        + "".join(f"{c:>10}" for c in columns)
    )

    def scores(labels):
        return (
            clustering_accuracy(y_held, labels),
            normalized_mutual_info_score(y_held, labels),
        )

    graph, Y, labels = exact(X)
    row("exact, graph of all rows", *scores(labels[N_TRAIN:]))
    for solver in (None, "stochastic"):
        name = "eigenvectors first" if solver is None else solver
        table = []
        for seed in range(arguments.seeds):
            model = SpectralNetClustering(
                N_CLUSTERS, eigen_solver=solver, random_state=seed
            )
            start = time.perf_counter()
            model.fit(train)
            seconds = time.perf_counter() - start
            own = Laplacian(model.affinity_matrix_)
            _, U = own.eigenpairs(N_CLUSTERS, random_state=np.random.RandomState(0))
            mapped = model.transform(held)
            table.append(
                [
                    *scores(model.predict(held)),
                    subspace_distance(model.embedding_, U, own.mass),
                    subspace_distance(mapped, Y[N_TRAIN:], graph.mass[N_TRAIN:]),
                    seconds,
                ]
            )
            row(f"{name}, seed {seed}", *table[-1])
        row(f"{name}, mean", *np.mean(table, axis=0))


if __name__ == "__main__":
    main()
