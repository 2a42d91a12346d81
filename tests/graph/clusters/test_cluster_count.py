"""The number of clusters that a graph has, by borders and cuts."""

import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import block_diag
from sklearn.datasets import load_digits, make_blobs, make_circles, make_moons
from sklearn.metrics.pairwise import rbf_kernel

from sknet_spectral._graph.clusters.cluster_count import count_clusters, merge_at_gaps
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from tests.graph.clusters.test_collapse import neighbor_graph

GRID = [[6 * x, 6 * y] for x in range(4) for y in range(3)]
THREE = [[0, 0], [8, 0], [4, 7]]
APART = [[0, 0], [-12, 0], [0, 9]]


def moons(seed):
    return make_moons(500, noise=0.05, random_state=seed)[0], 2


def circles(seed):
    return make_circles(500, noise=0.05, factor=0.5, random_state=seed)[0], 2


def blobs(seed):
    return make_blobs(500, centers=THREE, random_state=seed)[0], 3


def sheared(seed):
    return blobs(seed)[0] @ [[0.6, -0.6], [-0.4, 0.8]], 3


def of_unequal_spread(seed):
    spread = [1, 2.5, 0.5]
    return make_blobs(500, centers=APART, cluster_std=spread, random_state=seed)[0], 3


def twelve(seed):
    return make_blobs(1200, centers=GRID, random_state=seed)[0], 12


def of_unequal_sizes(seed):
    centers = [[0, 0], [8, 0], [0, 8]]
    return make_blobs([1000, 100, 30], centers=centers, random_state=seed)[0], 3


def one_cloud(seed):
    return np.random.RandomState(seed).randn(1000, 10), 1


SHAPES = [moons, circles, blobs, sheared, of_unequal_spread, twelve, of_unequal_sizes]


def counted(W, n_pairs=22, seed=0):
    pairs = Laplacian(W).eigenpairs(n_pairs, random_state=np.random.RandomState(0))
    return count_clusters(W, *pairs, np.random.RandomState(seed))


@pytest.mark.parametrize("shape", [*SHAPES, one_cloud])
def test_the_number_of_shapes_is_found(shape):
    X, expected = shape(0)
    assert counted(neighbor_graph(X)) == expected


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("n_without", [1, 2, 10])
def test_rows_without_edges_hide_no_gap(n_without, container):
    rows = np.random.default_rng(0).normal(size=(120, 2)) / 3
    rows += np.repeat([[0, 0], [50, 0], [0, 50]], 40, axis=0)
    blobs = rbf_kernel(rows, gamma=1.0) - np.eye(120)
    eigenvalues, Y = Laplacian(blobs).eigenpairs(
        44, random_state=np.random.RandomState(0)
    )
    W = container(np.pad(blobs, (0, n_without)))
    Y = np.pad(Y, [(0, n_without), (0, 0)])
    for seed in range(3):
        assert count_clusters(W, eigenvalues, Y, np.random.RandomState(seed)) == 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
@pytest.mark.parametrize("shape", [*SHAPES, one_cloud])
def test_the_number_of_shapes_is_found_for_every_seed(shape, seed):
    X, expected = shape(seed)
    assert counted(neighbor_graph(X), seed=seed) == expected


def test_about_as_many_digits_are_found_as_there_are():
    W = neighbor_graph(load_digits(return_X_y=True)[0])
    assert 8 <= counted(W) <= 13


def test_dense_graphs_are_counted_as_sparse_ones():
    W = neighbor_graph(blobs(0)[0])
    assert counted(W.toarray()) == counted(W) == 3


def test_one_seed_gives_one_count():
    W = neighbor_graph(np.random.RandomState(0).randn(300, 3))
    assert counted(W, seed=5) == counted(W, seed=5)


@pytest.mark.parametrize("n_rows", [2, 3, 5, 30])
def test_few_rows_have_few_clusters(n_rows):
    W = np.ones((n_rows, n_rows))
    assert counted(W, n_pairs=n_rows) == 1
    assert counted(np.zeros((n_rows, n_rows)), n_pairs=n_rows) >= 1


@pytest.mark.parametrize("n_pieces", [3, 20, 25])
def test_pieces_apart_are_counted_up_to_twenty(n_pieces):
    W = sparse.block_diag([np.ones((8, 8))] * n_pieces).tocsr()
    assert counted(W) == min(n_pieces, 20)


def test_groups_merge_only_if_their_border_is_like_a_cut_through_them():
    nodes = np.repeat(np.arange(4), 10)
    A = np.where(nodes[:, None] == nodes, 1.0, 0.02)
    A[:20, :20] = 1.0
    rows = np.full(40, 50)
    groups = merge_at_gaps(A, rows, nodes)
    np.testing.assert_array_equal(groups, np.repeat([0, 1, 2], [20, 10, 10]))


@pytest.mark.parametrize("seed", [13, 26, 44, 53])
def test_a_cut_through_no_edge_costs_nothing_whatever_its_rounding(seed):
    blocks = np.random.default_rng(seed).uniform(size=(3, 3, 3))
    A = block_diag(*(blocks + blocks.transpose(0, 2, 1)))
    A[5, 6] = A[6, 5] = 1e-3
    # The first two blocks are one group, without an edge between them.
    groups = merge_at_gaps(A, np.full(9, 100), np.repeat([0, 0, 1], 3))
    assert set(groups) <= {0, 1}
