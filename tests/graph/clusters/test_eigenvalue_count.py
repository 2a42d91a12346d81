"""The number of clusters by eigenvalues that stop being alike."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import make_blobs

from sknet_spectral._graph.affinities.parameter_free import reduce_graph
from sknet_spectral._graph.clusters.eigenvalue_count import number_of_clusters
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian


def blocks(*sizes):
    """Complete graphs of these sizes, apart."""
    W = sparse.block_diag([np.ones((size, size)) for size in sizes], format="csr")
    W.setdiag(0)
    W.eliminate_zeros()
    return W


def growing(zeros, *eigenvalues):
    """Extend eigenvalues to 22. The added ones rise slowly."""
    start = np.append(np.zeros(zeros), eigenvalues)
    return np.append(start, start[-1] + 1e-3 * np.arange(1, 23 - len(start)))


@pytest.mark.parametrize(
    ("W", "eigenvalues", "expected"),
    [
        # The mean of 0.1 and 0.2 plus their deviation, 0.22, is above 0.183, the
        # mean with 0.25; the next, 0.26, is not above 0.36, the mean with 0.9.
        (blocks(30), growing(1, 0.1, 0.2, 0.25, 0.9), 2),
        # 0.1 + 0 is below the mean with 0.5, at once.
        (blocks(10, 10, 10), growing(3, 0.1, 0.1, 0.5), 3),
        # The remaining eigenvalues are nearly equal.
        (blocks(10, 10), np.append([0, 0], np.linspace(0.5, 0.6, 20)), 2),
        (blocks(30), np.append([0, 0.01, 0.1], np.linspace(0.2, 0.4, 19)), 3),
        # A row without edges is no cluster.
        (blocks(10, 10, 1), growing(2, 0.1, 0.1, 0.5), 2),
        # Fewer eigenvalues than the rule could ask for.
        (blocks(2), np.array([0.0, 2.0]), 1),
        (blocks(2, 2), np.array([0.0, 0, 2, 2]), 2),
        (blocks(*[2] * 25), np.zeros(22), 25),
    ],
)
def test_number_of_clusters_by_hand(W, eigenvalues, expected):
    assert number_of_clusters(W, eigenvalues) == expected


def test_eigenvalues_that_differ_by_rounding_are_equal():
    rising = np.append(0, 1 + 1e-12 * np.array([0, 1, 1.2, *range(50, 68)]))
    assert number_of_clusters(blocks(30), rising) == 1


def test_number_of_clusters_of_blobs_far_apart():
    X, _ = make_blobs(300, 3, centers=5, center_box=(-100, 100), random_state=3)
    W = reduce_graph(X, metric="euclidean").W
    eigenvalues, _ = Laplacian(W).eigenpairs(22)
    assert number_of_clusters(W, eigenvalues) == 5
