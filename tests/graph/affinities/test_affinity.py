"""The weights of the neighbour graph."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from sknet_spectral._graph.affinities.affinity import (
    SMALLEST_WEIGHT,
    neighbor_affinity,
    query_affinity,
    training_scales,
)
from sknet_spectral._graph.affinities.weights import WEIGHTS
from sknet_spectral._graph.arrays import Neighbors

X = np.random.default_rng(0).normal(size=(100, 3))


def nearest(rows, n_neighbors):
    search = NearestNeighbors(n_neighbors=n_neighbors).fit(rows)
    distances, indices = search.kneighbors()
    return Neighbors(indices, distances)


def graph(weights, rows=X, n_neighbors=10, extra_edges=None):
    neighbors = nearest(rows, n_neighbors)
    return neighbor_affinity(neighbors, extra_edges, weights=weights, gamma=0.5)


@pytest.mark.parametrize("weights", sorted(WEIGHTS))
def test_affinities_are_symmetric_and_positive(weights):
    W = graph(weights)
    assert abs(W - W.T).max() < 1e-15
    assert (W.data > 0).all()
    assert not W.diagonal().any()


@pytest.mark.parametrize("weights", ["local_scaling", "uniform", "fuzzy"])
def test_affinities_do_not_depend_on_units(weights):
    difference = abs(graph(weights) - graph(weights, 1000 * X))
    assert difference.max() < 1e-9


@pytest.mark.parametrize("weights", sorted(WEIGHTS))
def test_affinities_follow_a_permutation_of_the_rows(weights):
    order = np.random.default_rng(1).permutation(len(X))
    difference = abs(graph(weights)[order][:, order] - graph(weights, X[order]))
    assert difference.max() < 1e-9


def test_uniform_weights_equal_scikit_learn_less_the_diagonal():
    directed = NearestNeighbors(n_neighbors=10).fit(X).kneighbors_graph()
    assert abs(graph("uniform") - 0.5 * (directed + directed.T)).max() == 0


def test_local_scaling_by_hand():
    # A line 0, 1, 3: the scale of a row is its farthest neighbour, up to the 7th.
    W = graph("local_scaling", np.array([[0.0], [1.0], [3.0]]), 2).toarray()
    expected = np.exp([-1 / (3 * 2), -9 / (3 * 3), -4 / (2 * 3)])
    np.testing.assert_allclose(W[[0, 0, 1], [1, 2, 2]], expected)


def test_heat_by_hand():
    W = graph("heat", np.array([[0.0], [1.0], [3.0]]), 2).toarray()
    np.testing.assert_allclose(W[[0, 0, 1], [1, 2, 2]], np.exp([-0.5, -4.5, -2]))


@pytest.mark.parametrize(
    ("gamma", "expected"), [(0.0, 1.0), (1e-300, 1.0), (0.5, 0.0), (1e308, 0.0)]
)
def test_heat_reaches_as_far_as_numbers_do(gamma, expected):
    _, weight = WEIGHTS["heat"]
    assert weight(np.array([1e100]), None, None, gamma) == expected
    assert weight(np.array([1e300]), None, None, gamma) == (gamma == 0)


def test_fuzzy_memberships_of_a_row_sum_to_the_logarithm_of_their_number():
    neighbors = nearest(X, 10)
    indices, distances = neighbors
    scales, weight = WEIGHTS["fuzzy"]
    rows = np.repeat(np.arange(len(X)), 10)
    own = scales(distances, 1.0)[rows]
    memberships = weight(distances.ravel(), own, own, None).reshape(-1, 10)
    np.testing.assert_allclose(memberships.sum(axis=1), np.log2(10), rtol=1e-6)
    np.testing.assert_allclose(memberships[:, 0], 1.0)
    directed = np.zeros((len(X), len(X)))
    np.put_along_axis(directed, indices, memberships, axis=1)
    W = neighbor_affinity(neighbors, weights="fuzzy", gamma=None)
    union = directed + directed.T - directed * directed.T
    np.testing.assert_allclose(W.toarray(), union)


def test_fuzzy_scales_are_at_least_a_thousandth_of_the_mean_distance():
    # Nine memberships of one already sum to more than log2(10).
    distances = np.array([[1.0] * 9 + [1.01]])
    scales, _ = WEIGHTS["fuzzy"]
    np.testing.assert_allclose(scales(distances, 1.0), [[1.0, 1.001e-3]])
    padded = np.pad(distances, ((0, 0), (0, 5)), constant_values=np.inf)
    np.testing.assert_allclose(scales(padded, 1.0), [[1.0, 1.001e-3]])


@pytest.mark.parametrize("weights", sorted(WEIGHTS))
def test_duplicates_have_the_largest_affinity(weights):
    W = graph(weights, np.repeat(X[:20], 3, axis=0), 5)
    assert np.isfinite(W.data).all()
    assert W[0, 1] == pytest.approx(1.0)


def test_the_scale_of_a_row_with_seven_copies_is_its_farthest_neighbor():
    distances = np.array([[0.0] * 7 + [2.0, 3.0], [1.0] * 8 + [4.0], [0.0] * 9])
    scales, _ = WEIGHTS["local_scaling"]
    np.testing.assert_array_equal(scales(distances, 0.5), [3.0, 1.0, 0.5])


def test_a_row_of_copies_alone_has_the_least_fuzzy_scale():
    scales, _ = WEIGHTS["fuzzy"]
    np.testing.assert_array_equal(scales(np.zeros((1, 15)), 0.5), [[0.0, 0.5]])


@pytest.mark.parametrize("weights", sorted(WEIGHTS))
def test_a_far_edge_keeps_the_graph_in_one_piece(weights):
    rows = np.concatenate([X[:10], X[10:20] + 1e4])
    edge = np.array([0]), np.array([10]), np.array([1e4])
    W = graph(weights, rows, 5, edge)
    assert SMALLEST_WEIGHT / 2 <= W[0, 10] == W[10, 0]


def test_infinite_entries_are_not_neighbors():
    lists = Neighbors(
        np.array([[1, 2], [0, 0], [0, 0]]),
        np.array([[1.0, 2.0], [1.0, np.inf], [np.inf, np.inf]]),
    )
    for weights in WEIGHTS:
        W = neighbor_affinity(lists, weights=weights, gamma=1.0)
        assert W[1, 2] == 0
        assert W[0, 1] > W[0, 2] / 2 > 0


@pytest.mark.parametrize("weights", sorted(WEIGHTS))
def test_queries_have_the_affinities_of_the_rows_they_repeat(weights):
    # With every row a neighbour of every other, nothing is left to symmetrise.
    neighbors = nearest(X, 99)
    W = neighbor_affinity(neighbors, weights=weights, gamma=0.5)
    scales = training_scales(neighbors, weights)
    found = query_affinity(neighbors, scales, weights=weights, gamma=0.5)
    if weights == "fuzzy":
        found = found + found.T - found.multiply(found.T)
    np.testing.assert_allclose(found.toarray(), W.toarray(), atol=SMALLEST_WEIGHT)


def test_a_far_query_keeps_its_edges():
    neighbors = Neighbors(np.array([[1], [0]]), np.array([[1e-3], [1e-3]]))
    query = Neighbors(np.array([[0, 1]]), np.array([[10.0, 11.0]]))
    scales = training_scales(neighbors, "local_scaling")
    found = query_affinity(query, scales, weights="local_scaling", gamma=1.0)
    np.testing.assert_array_equal(found.toarray(), [[SMALLEST_WEIGHT] * 2])


@pytest.mark.parametrize("weights", sorted(WEIGHTS))
def test_a_query_does_not_depend_on_the_others(weights):
    lengths = np.array([[0.0] * 8 + [1.0] * 2, [0.01] * 10])
    queries = Neighbors(np.tile(np.arange(10), (2, 1)), lengths)
    scales = training_scales(nearest(X, 10), weights)
    together, alone = (
        query_affinity(q, scales, weights=weights, gamma=0.5).toarray()
        for q in (queries, Neighbors(*(part[:1] for part in queries)))
    )
    np.testing.assert_array_equal(together[:1], alone)
