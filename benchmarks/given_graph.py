"""MNIST's 70,000 rows with their graph given, beside the graph built in the fit.

Usage: python benchmarks/given_graph.py
"""

import numpy as np
from datasets import load
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from sknet_spectral import SpectralNetClustering
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral.metrics import clustering_accuracy, subspace_distance


def main():
    X, y = load("mnist")
    built = SpectralNetClustering(10, random_state=0).fit(X)
    W = built.affinity_matrix_
    given = SpectralNetClustering(10, random_state=0).fit(X, affinity_matrix=W)
    graph = Laplacian(W)
    _, U = graph.eigenpairs(10, random_state=np.random.RandomState(0))
    for name, model in [("built in the fit", built), ("given", given)]:
        error = subspace_distance(model.embedding_, U, graph.mass)
        print(
            f"{name:<18} accuracy {clustering_accuracy(y, model.labels_):.4f}  NMI "
            f"{normalized_mutual_info_score(y, model.labels_):.4f}  error {error:.4f}"
        )
    print(f"ARI between them {adjusted_rand_score(built.labels_, given.labels_):.4f}")


if __name__ == "__main__":
    main()
