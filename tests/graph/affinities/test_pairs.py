"""Pairs that belong together."""

import numpy as np

from sknet_spectral._graph.affinities.pairs import (
    mutual_pairs,
    neighbor_pairs,
    parameter_free_pairs,
)
from sknet_spectral._graph.affinities.parameter_free import reduce_graph
from sknet_spectral._graph.search.neighbors import NeighborOptions

ONE_NEIGHBOR = NeighborOptions(
    1, metric="euclidean", random_state=np.random.RandomState(0)
)
# The last row's neighbour is 3, but 3 has a nearer one.
LINE = np.array([[0.0], [1.0], [10.0], [11.0], [13.0]])


def as_set(pairs):
    return set(map(tuple, pairs.tolist()))


def test_neighbor_pairs_join_each_row_to_its_nearest():
    pairs = neighbor_pairs(LINE, ONE_NEIGHBOR)
    assert as_set(pairs) == {(0, 1), (1, 0), (2, 3), (3, 2), (4, 3)}


def test_mutual_pairs_are_neighbours_of_each_other():
    pairs = mutual_pairs(LINE, ONE_NEIGHBOR)
    assert as_set(pairs) == {(0, 1), (1, 0), (2, 3), (3, 2)}


def test_parameter_free_pairs_are_within_reach():
    X = np.random.default_rng(0).normal(size=(60, 2))
    pairs = parameter_free_pairs(X, ONE_NEIGHBOR)
    reach = reduce_graph(X, metric="euclidean").reach
    distances = np.linalg.norm(X[pairs[:, 0]] - X[pairs[:, 1]], axis=1)
    assert (distances <= reach[pairs[:, 0]] * (1 + 1e-9)).all()
    assert set(pairs[:, 0]) == set(range(60))
