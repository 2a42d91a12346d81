"""The partition of a graph's nodes by modularity, beside known clusters."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from sknet_spectral._graph.clusters.row_partition import (
    _edges_within,
    modular_partition,
)
from sknet_spectral._graph.node_groups import joined_by_strongest_edges
from sknet_spectral.metrics import modularity
from tests.graph.clusters.test_collapse import neighbor_graph


def random_state(seed=0):
    return np.random.RandomState(seed)


def planted(sizes, inside=0.2, between=0.002):
    """Draw a graph whose clusters are known."""
    y = np.repeat(range(len(sizes)), sizes)
    rng = np.random.default_rng(0)
    chance = np.where(y[:, None] == y, inside, between)
    is_edge = np.triu(rng.random(chance.shape) < chance, 1)
    W = np.where(is_edge, rng.uniform(0.5, 1.0, size=chance.shape), 0.0)
    return sparse.csr_matrix(W + W.T), y


@pytest.mark.parametrize("sizes", [(400, 300, 500), (900, 200, 100, 50)])
@pytest.mark.parametrize("unit", [1.0, 1e-200, 1e200])
def test_planted_clusters_are_found(sizes, unit):
    W, y = planted(sizes)
    found = modular_partition(unit * W, len(sizes), 10, random_state())
    assert adjusted_rand_score(y, found) > 0.95


@pytest.mark.parametrize("seed", range(4))
def test_nodes_move_to_where_modularity_gains(seed):
    W, y = planted((700, 700, 600), inside=0.05, between=0.01)
    found = modular_partition(W, 3, 10, random_state(seed))
    assert modularity(W, found) >= modularity(W, y) - 0.001


@pytest.mark.parametrize("seed", [4, 5])
def test_groups_of_coarser_graphs_do_not_decide(seed):
    X, _ = make_blobs(2500, centers=8, random_state=seed)
    W = neighbor_graph(X)
    found = [modular_partition(W, 8, 10, random_state(order)) for order in range(3)]
    assert np.ptp([modularity(W, labels) for labels in found]) < 0.001


def test_groups_of_a_second_look_lie_within_clusters():
    W, y = planted((40, 30), inside=0.5, between=0.5)
    group = joined_by_strongest_edges(_edges_within(W, y))
    assert all(len(np.unique(y[group == one])) == 1 for one in np.unique(group))


def test_the_diagonal_does_not_count():
    W, _ = planted((400, 300, 500))
    found = modular_partition(W, 3, 10, random_state())
    loops = sparse.csr_matrix(W + 50 * sparse.identity(1200))
    np.testing.assert_array_equal(
        modular_partition(loops, 3, 10, random_state()), found
    )


def test_groups_of_few_rows_are_no_clusters():
    W = sparse.csr_matrix(sparse.block_diag([planted((400, 400))[0], np.ones((6, 6))]))
    found = modular_partition(W, 2, 20, random_state())
    assert np.bincount(found).min() > 390


def test_many_small_groups_take_no_cluster():
    large = [planted((100,))[0] for _ in range(20)]
    small = [np.ones((4, 4)) for _ in range(20)]
    W = sparse.csr_matrix(sparse.block_diag(large + small))
    found = modular_partition(W, 20, 20, random_state())
    assert adjusted_rand_score(np.repeat(range(20), 100), found[:2000]) > 0.99


@pytest.mark.parametrize(
    "graph",
    [
        # Pairs that no edge joins.
        sparse.csr_matrix(sparse.kron(sparse.identity(3000), np.ones((2, 2)))),
        np.ones((30, 30)),
        sparse.csr_matrix(np.ones((30, 30))),
        sparse.csr_matrix((5, 5)),
    ],
)
def test_a_dense_graph_or_one_of_too_few_nodes_or_many_pieces_has_none(graph):
    assert modular_partition(graph, 20, 1, random_state()) is None


def test_the_same_seed_finds_the_same():
    rng = np.random.default_rng(0)
    W = neighbor_graph(rng.normal(size=(2000, 3)))
    first, second = (modular_partition(W, 5, 10, random_state()) for _ in range(2))
    np.testing.assert_array_equal(first, second)
