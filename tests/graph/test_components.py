"""Components of a graph, and the edges that join them."""

import tracemalloc

import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import eigh
from sklearn.metrics import pairwise_distances

from sknet_spectral._graph.affinities import shortest_edges
from sknet_spectral._graph.affinities.shortest_edges import (
    nearest_core_rows,
    shortest_missing_edges,
)
from sknet_spectral._graph.components import (
    attach,
    connected_components,
    strongly_joined,
)

# Two pairs of nodes and one alone.
W = sparse.csr_matrix(
    ([1.0, 1.0, 2.0, 2.0], ([0, 1, 2, 3], [1, 0, 3, 2])), shape=(5, 5)
)
LINE = np.array([[0.0], [1], [10], [11], [100], [101]])
PAIRS = np.array([0, 0, 1, 1, 2, 2])


@pytest.mark.parametrize("graph", [W, W.toarray()], ids=["sparse", "dense"])
def test_components_are_counted(graph):
    count, labels = connected_components(graph)
    assert count == 3
    np.testing.assert_array_equal(labels, [0, 0, 1, 1, 2])


def test_a_stored_zero_is_not_an_edge_and_stays_stored():
    graph = W.copy()
    graph.data[:2] = 0
    assert connected_components(graph)[0] == 4
    assert graph.nnz == 4


def test_a_kernel_is_one_component():
    assert connected_components(np.ones((4, 4)))[0] == 1


def test_components_of_a_large_kernel_take_no_copies_of_it():
    graph = np.kron(np.eye(2, dtype=np.float32), np.ones((1000, 1000), np.float32))
    tracemalloc.start()
    try:
        count, labels = connected_components(graph)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 2
    np.testing.assert_array_equal(labels, np.repeat([0, 1], 1000))
    assert peak < 0.1 * graph.nbytes


def test_a_node_that_reaches_all_others_but_one_leaves_it_alone():
    graph = np.ones((4, 4))
    graph[0, 1:] = graph[1:, 0] = 0
    count, labels = connected_components(graph)
    assert count == 2
    np.testing.assert_array_equal(labels, [0, 1, 1, 1])


def test_shortest_missing_edges_join_the_nearest_components():
    rows, columns, distances = shortest_missing_edges(LINE, PAIRS, 2, "euclidean")
    assert {int(rows[0]), int(columns[0])} == {1, 2}
    np.testing.assert_allclose(distances, [9.0])


@pytest.mark.parametrize("n_components", [1, 3])
def test_shortest_missing_edges_form_a_forest(n_components):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2)) + 50 * rng.permutation(60)[:, None] // 5
    labels = np.unique(X[:, 0].round(-1), return_inverse=True)[1]
    count = labels.max() + 1
    rows, columns, distances = shortest_missing_edges(
        X, labels, n_components, "manhattan"
    )
    assert len(rows) == count - n_components
    expected = pairwise_distances(X, metric="manhattan")[rows, columns]
    np.testing.assert_allclose(distances, expected)
    joined = sparse.csr_matrix(
        (np.ones(len(rows)), (labels[rows], labels[columns])), shape=(count, count)
    )
    assert connected_components(joined)[0] == n_components


@pytest.mark.parametrize(
    ("unit", "dtype"),
    [(1e-30, np.float32), (1e30, np.float32), (1e-200, float), (1e200, float)],
)
def test_missing_edges_are_measured_in_any_unit(unit, dtype):
    X = (unit * LINE).astype(dtype)
    _, _, distances = shortest_missing_edges(X, PAIRS, 1, "euclidean")
    np.testing.assert_allclose(distances / unit, [9.0, 89.0], rtol=1e-6)


def test_missing_edges_are_measured_far_from_the_origin():
    labels = np.repeat([0, 1], 20)
    X = np.random.default_rng(0).normal(size=(40, 2)) + 100 * labels[:, None]
    expected = shortest_missing_edges(X, labels, 1, "euclidean")
    found = shortest_missing_edges(X + 1e8, labels, 1, "euclidean")
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_synonyms_of_a_metric_measure_the_same():
    _, _, distances = shortest_missing_edges(LINE, PAIRS, 1, "taxicab")
    np.testing.assert_allclose(sorted(distances), [9.0, 89.0])


def test_pieces_are_joined_by_the_metric_they_were_found_by():
    X = np.array([[9.0, 1], [8, 2], [90, 10], [1, 9], [2, 8]])
    rows, columns, distances = shortest_missing_edges(
        X, np.array([0, 0, 1, 2, 2]), 2, "hellinger"
    )
    assert {int(rows[0]), int(columns[0])} == {0, 2}
    np.testing.assert_allclose(distances, 0.0, atol=1e-7)


def test_sparse_rows_are_joined():
    rows = sparse.csr_matrix(LINE)
    assert len(shortest_missing_edges(rows, PAIRS, 1, "euclidean")[0]) == 2


@pytest.mark.parametrize("metric", ["correlation", "hamming", "sqeuclidean", "cosine"])
def test_sparse_rows_are_joined_under_any_metric(metric):
    X = sparse.csr_matrix(np.eye(6) + np.array([1, 1, 1, 0, 0, 0]))
    rows, columns, _ = shortest_missing_edges(X, np.arange(6) // 3, 1, metric)
    assert len(rows) == len(columns) == 1


@pytest.mark.parametrize("rows", [LINE, sparse.csr_matrix(LINE)])
def test_rows_outside_the_core_find_their_nearest_row_of_it(rows):
    in_core = np.array([True, False, True, True, False, False])
    nearest = nearest_core_rows(rows, in_core, "euclidean")
    np.testing.assert_array_equal(nearest, [0, 3, 3])


@pytest.mark.parametrize("as_graph", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("diagonal", [0.0, 100.0])
def test_attached_rows_have_one_edge_each(as_graph, diagonal):
    before = W.toarray() + np.diag([diagonal, diagonal, 0, 0, 0])
    graph = as_graph(before.copy())
    found = attach(graph, np.array([2, 3, 4]), np.array([0, 0, 1]))
    expected = np.zeros((5, 5))
    expected[0, 1] = expected[1, 0] = 1
    expected[0, 0] = expected[1, 1] = diagonal
    # The core rows have one in common, less than 1.2, the mean of six in five rows.
    for row, column, weight in [(2, 0, 0.5), (3, 0, 0.5), (4, 1, 1.0)]:
        expected[row, column] = expected[column, row] = weight
    assert type(found) is type(graph)
    found, graph = (g.toarray() if sparse.issparse(g) else g for g in (found, graph))
    np.testing.assert_allclose(found, expected)
    np.testing.assert_array_equal(graph, before)


@pytest.mark.parametrize("n_features", [2, 20])
def test_many_pieces_are_joined_as_one_after_the_other(n_features, monkeypatch):
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(30), rng.integers(1, 25, size=30))
    X = rng.normal(size=(30, n_features))[labels]
    X = X + 0.01 * rng.normal(size=X.shape)
    D = pairwise_distances(X)
    gaps = [
        [D[labels == a][:, labels == b].min() for b in range(30)] for a in range(30)
    ]
    tree = sparse.csgraph.minimum_spanning_tree(np.array(gaps))
    for width in (0, 3, 64):
        monkeypatch.setattr(shortest_edges, "_WIDE", max(width, 1))
        _, _, lengths = shortest_missing_edges(X, labels, 1, "euclidean")
        np.testing.assert_allclose(np.sort(lengths), np.sort(tree.data), rtol=1e-6)


def test_few_of_many_pieces_are_compared_with_all_rows(monkeypatch):
    compared, nearest = [], shortest_edges._nearest

    def count_pairs(X, Y, metric):
        compared.append(len(X) * len(Y))
        return nearest(X, Y, metric)

    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(400), 25)
    X = 100 * rng.normal(size=(400, 3))[labels] + rng.normal(size=(10_000, 3))
    monkeypatch.setattr(shortest_edges, "_nearest", count_pairs)
    monkeypatch.setattr(shortest_edges, "_MAX_PAIRS", 20_000_000)
    assert len(shortest_missing_edges(X, labels, 4, "euclidean")[0]) == 396
    assert 0 < len(compared) < 200
    assert sum(compared) < len(X) ** 2


def test_a_large_piece_that_is_nearest_to_none_stays_apart():
    X = np.array([[0.0], [1], [50], [51], [52]])
    labels = np.array([0, 1, 2, 2, 2])
    rows, columns, _ = shortest_missing_edges(X, labels, 2, "euclidean")
    assert {int(rows[0]), int(columns[0])} == {0, 1}


def test_attached_rows_do_not_take_their_core_row_from_the_others():
    # The last row of the core hangs on the others by weak edges.
    before = np.ones((8, 8)) - np.eye(8)
    before[5, :5] = before[:5, 5] = 1e-3
    before[5:7, 5:7] = before[7, 5] = before[5, 7] = 0.0
    found = attach(before, np.array([6, 7]), np.array([5, 5]))
    assert found[5, 6:].sum() == pytest.approx(found[5, :5].sum())
    lowest = eigh(np.diag(found.sum(axis=1)) - found, np.diag(found.sum(axis=1)))[0]
    assert lowest[1] > 0.2


def chains(weights):
    """Join rows in a chain by edges of these weights."""
    W = sparse.diags([weights, weights], [-1, 1])
    return sparse.csr_matrix(W)


@pytest.mark.parametrize(
    ("weights", "n_pieces"),
    [([1, 1, 1e-4, 1, 1], 2), ([1, 1, 2e-3, 1, 1], 1), ([1, 1e-4, 1e-4, 1], 1)],
)
def test_edges_weak_at_both_ends_join_nothing(weights, n_pieces):
    assert len(np.unique(strongly_joined(chains(weights)))) == n_pieces


def test_a_far_row_keeps_its_strongest_edges():
    assert len(np.unique(strongly_joined(chains([1.0, 1.0, 1e-6])))) == 1
