"""Exact neighbours by matrix products."""

import numpy as np
import pytest
from sklearn.metrics import pairwise_distances
from threadpoolctl import threadpool_limits

from sknet_spectral._graph.search.compared_rows import compared_neighbors


def by_differences(X, n_neighbors):
    """Measure all pairs of rows by differences, in double precision."""
    distances = pairwise_distances(X.astype(np.float64), metric="minkowski")
    np.fill_diagonal(distances, np.inf)
    order = np.argsort(distances, axis=1, kind="stable")[:, :n_neighbors]
    return order, np.take_along_axis(distances, order, axis=1)


def assert_exact(X, n_neighbors):
    found, distances = compared_neighbors(X, n_neighbors)
    _, right = by_differences(X, n_neighbors)
    np.testing.assert_allclose(distances, right, rtol=1e-6)
    assert distances.dtype == X.dtype
    lengths = np.linalg.norm(X[:, None] - X[found], axis=2)
    np.testing.assert_allclose(lengths, distances, rtol=1e-6)
    assert (np.diff(np.sort(found, axis=1), axis=1) > 0).all()
    return found


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(40, 20), (700, 3), (1500, 70)])
def test_neighbors_are_those_that_differences_find(shape, dtype):
    X = np.random.default_rng(0).normal(size=shape).astype(dtype)
    assert_exact(X, 10)


def test_all_other_rows_can_be_wanted():
    X = np.random.default_rng(0).normal(size=(12, 5))
    assert_exact(X, 11)


def test_rows_much_closer_than_single_precision_tells():
    rng = np.random.default_rng(0)
    X = np.concatenate([c + 1e-7 * rng.normal(size=(150, 20)) for c in (-1.0, 0.5, 1)])
    assert_exact(X, 10)


def test_a_row_far_away_costs_the_others_nothing():
    X = np.random.default_rng(0).normal(size=(500, 30)).astype(np.float32)
    X[7] = 1e6
    assert_exact(X, 5)


def test_of_rows_at_one_distance_the_first_are_first():
    # Each corner of a cube has three neighbours at distance one.
    X = np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, -1).T.astype(float)
    np.testing.assert_array_equal(assert_exact(X, 3), by_differences(X, 3)[0])


def test_many_rows_at_one_distance_are_neighbors_all_the_same():
    X = np.repeat(np.eye(4), 300, axis=0)
    _, distances = compared_neighbors(X, 8)
    np.testing.assert_array_equal(distances, 0)
    X = np.random.default_rng(0).integers(2, size=(800, 20)).astype(np.float32)
    assert_exact(X, 8)


def test_threads_change_nothing():
    X = np.random.default_rng(0).normal(size=(1000, 40))
    results = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads):
            results.append(compared_neighbors(X, 15))
    for one, two in zip(*results, strict=True):
        np.testing.assert_array_equal(one, two)


def test_units_do_not_decide_between_equal_distances():
    X = np.random.default_rng(0).integers(8, size=(400, 5)) / 10
    found, _ = compared_neighbors(X, 10)
    again, _ = compared_neighbors(1000 * X + 7, 10)
    np.testing.assert_array_equal(found, again)
