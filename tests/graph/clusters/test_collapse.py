"""What borders and inner cuts cost, and which clusters have collapsed."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import make_blobs

from sknet_spectral._graph.affinities.affinity import WeightOptions
from sknet_spectral._graph.affinities.construction import build_affinity
from sknet_spectral._graph.clusters.collapse import find_collapse
from sknet_spectral._graph.clusters.cuts import cheapest_inner_cut, shares_cut
from sknet_spectral._graph.node_groups import between
from sknet_spectral._graph.search.neighbors import NeighborOptions


def neighbor_graph(X):
    return build_affinity(
        X,
        "nearest_neighbors",
        neighbor_options=NeighborOptions(15, "euclidean", None),
        weight_options=WeightOptions("local_scaling"),
        kernel_options={},
    ).W


def two_blocks(between):
    """Join two blocks of ten nodes by edges of one weight."""
    W = np.full((20, 20), between)
    W[:10, :10] = W[10:, 10:] = 1.0
    np.fill_diagonal(W, 0.0)
    return W, np.repeat([0, 1], 10)


def test_weights_are_summed_between_clusters():
    W = np.arange(16.0).reshape(4, 4)
    W += W.T
    labels = np.array([0, 1, 0, 1])
    expected = [
        [W[np.ix_(labels == a, labels == b)].sum() for b in (0, 1)] for a in (0, 1)
    ]
    np.testing.assert_allclose(between(W, labels), expected)
    np.testing.assert_allclose(between(sparse.csr_matrix(W), labels), expected)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_what_is_cut_is_a_share_of_the_weight(container):
    W, y = two_blocks(0.1)
    np.testing.assert_allclose(shares_cut(container(W), y), [0.1, 0.1])
    np.testing.assert_allclose(cheapest_inner_cut(container(W)), 0.1)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_pieces_apart_cost_nothing_and_one_node_cannot_be_cut(container):
    W, y = two_blocks(0.0)
    np.testing.assert_allclose(shares_cut(container(W), y), 0.0)
    assert cheapest_inner_cut(container(W)) == 0.0
    assert cheapest_inner_cut(container(np.zeros((1, 1)))) == 1.0
    assert cheapest_inner_cut(container(np.zeros((4, 4)))) == 1.0


@pytest.mark.parametrize("distance", [8, 12])
@pytest.mark.parametrize("seed", range(3))
def test_rare_groups_that_lie_apart_are_not_a_collapse(distance, seed):
    centers = [[0, 0], [distance, 0], [0, distance]]
    X, y = make_blobs([1000, 100, 30], centers=centers, random_state=seed)
    assert find_collapse(neighbor_graph(X), y) is None


@pytest.mark.parametrize("seed", range(3))
def test_corners_of_one_cloud_are_a_collapse(seed):
    X = np.random.default_rng(seed).normal(size=(1000, 2))
    labels = np.select([X[:, 0] > 1.6, X[:, 1] > 1.8], [1, 2], 0)
    found = find_collapse(neighbor_graph(X), labels)
    np.testing.assert_array_equal(found.sizes, -np.sort(-np.bincount(labels)))
    assert found.n_tiny == 0


def test_several_clusters_of_next_to_no_rows_are_a_collapse():
    X = np.random.default_rng(0).normal(size=(1000, 2))
    labels = (X[:, 0] > 0) + 0
    labels[:4], labels[4:8] = 2, 3
    found = find_collapse(neighbor_graph(X), labels)
    assert found.n_tiny == 2
    labels[4:8] = 2
    assert find_collapse(neighbor_graph(X), labels) is None


def test_clusters_of_similar_sizes_and_a_single_cluster_are_not_a_collapse():
    W = neighbor_graph(np.random.default_rng(0).normal(size=(200, 2)))
    assert find_collapse(W, np.arange(200) % 4) is None
    assert find_collapse(W, np.zeros(200, dtype=int)) is None
    assert find_collapse(W, np.full(200, 3)) is None


def test_fewer_than_100_rows_never_collapse():
    X = np.random.default_rng(0).normal(size=(99, 2))
    labels = (X[:, 0] > 1.6) + 0
    assert find_collapse(neighbor_graph(X), labels) is None
