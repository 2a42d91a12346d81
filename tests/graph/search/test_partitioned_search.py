"""Search in a partition, against all pairs."""

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.neighbors import NearestNeighbors

from sknet_spectral._graph.search import (
    cell_search,
    cells,
    neighbors,
    partitioned_search,
    search_costs,
)
from sknet_spectral._graph.search.neighbors import nearest_neighbors
from sknet_spectral._graph.search.partitioned_search import partitioned_neighbors


def blobs(n_samples, n_features):
    return make_blobs(n_samples, n_features, centers=8, random_state=0)[0]


def partitioned(X, n_neighbors=10, seed=0):
    return partitioned_neighbors(X, n_neighbors, np.random.RandomState(seed))


def exact(X, n_neighbors=10):
    return NearestNeighbors(n_neighbors=n_neighbors).fit(X).kneighbors()


def recall(X, indices):
    _, right = exact(X, indices.shape[1])
    return (right[:, :, None] == indices[:, None, :]).any(axis=2).mean()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nearly_all_neighbours_are_found(dtype):
    X = blobs(3000, 5).astype(dtype)
    indices, distances = partitioned(X)
    assert recall(X, indices) > 0.98
    rows = np.arange(len(X))[:, None]
    lengths = np.linalg.norm(X[rows] - X[indices], axis=2)
    np.testing.assert_allclose(distances, lengths, rtol=1e-5)
    assert distances.dtype == dtype


@pytest.mark.parametrize("n_features", [1, 2, 16, 64])
def test_as_many_are_found_wherever_rows_lie(monkeypatch, n_features):
    # With few rows compared at first, the cells alone lead to the neighbours.
    monkeypatch.setattr(cell_search, "_FIRST_COMPARED", 20)
    X = blobs(3000, n_features)
    assert recall(X, partitioned(X)[0]) > 0.97


def test_outliers_and_heavy_tails_are_no_trouble():
    X = np.random.default_rng(0).standard_cauchy(size=(3000, 4))
    assert recall(X, partitioned(X)[0]) > 0.98


def test_close_rows_far_from_the_others_are_told_apart():
    X = blobs(3000, 6)
    X[:1500] = 1e-4 * X[:1500] + 100
    indices, distances = partitioned(X)
    assert recall(X, indices) > 0.97
    lengths = np.linalg.norm(X[:, None] - X[indices], axis=2)
    np.testing.assert_allclose(distances, lengths, rtol=1e-10)


def test_a_search_that_may_compare_few_rows_compares_few(monkeypatch):
    X = np.random.default_rng(0).normal(size=(3000, 40))
    wide = recall(X, partitioned(X)[0])
    monkeypatch.setattr(cell_search, "_FIRST_COMPARED", 20)
    monkeypatch.setattr(cell_search, "MAX_COMPARED", 60)
    assert recall(X, partitioned(X)[0]) < 0.5 < 0.97 < wide


def test_a_search_that_misses_many_neighbours_says_so(monkeypatch):
    monkeypatch.setattr(search_costs, "_EXACTNESS_SECONDS", 0.0)
    monkeypatch.setattr(cell_search, "_FIRST_COMPARED", 20)
    monkeypatch.setattr(cell_search, "MAX_COMPARED", 60)
    X = np.random.default_rng(0).normal(size=(3000, 40))
    with pytest.warns(UserWarning, match="found only .* of the true neighbours"):
        nearest_neighbors(
            X, 10, metric="euclidean", random_state=np.random.RandomState(0)
        )


def test_wide_rows_are_searched_in_few_columns():
    rng = np.random.default_rng(0)
    X = blobs(3000, 8) @ rng.normal(size=(8, 200))
    X += 0.1 * rng.normal(size=X.shape)
    indices, distances = partitioned(X)
    assert recall(X, indices) > 0.97
    rows = np.arange(3000)[:, None]
    lengths = np.linalg.norm(X[rows] - X[indices], axis=2)
    np.testing.assert_allclose(distances, lengths, rtol=1e-10)


@pytest.mark.parametrize("most", [10, 2**15])
def test_wide_rows_without_structure_are_searched_in_all_columns(monkeypatch, most):
    # With many more rows than may be compared, cells are searched, else all pairs.
    monkeypatch.setattr(partitioned_search, "MAX_COMPARED", most)
    X = np.random.default_rng(0).normal(size=(2000, 200))
    assert recall(X, partitioned(X)[0]) > 0.98


def test_a_row_is_no_neighbour_of_itself_and_none_stands_twice():
    indices, distances = partitioned(blobs(2000, 3))
    assert not (indices == np.arange(2000)[:, None]).any()
    assert all(len(set(row)) == 10 for row in indices)
    assert (np.diff(distances, axis=1) >= 0).all()


@pytest.mark.parametrize("n_distinct", [1, 4])
def test_repeated_rows_find_their_copies(n_distinct):
    X = np.repeat(blobs(n_distinct, 6), 900 // n_distinct, axis=0)
    indices, distances = partitioned(X)
    assert not distances.any()
    assert not (indices == np.arange(900)[:, None]).any()
    np.testing.assert_array_equal(X[indices[:, 0]], X)


def test_one_giant_cell_is_searched_in_pieces(monkeypatch):
    monkeypatch.setattr(cells, "_MAX_ROWS", 50)
    X = np.repeat(blobs(3, 4), 400, axis=0)
    X[::7] += 1e-3 * np.random.default_rng(0).normal(size=X[::7].shape)
    indices, _ = partitioned(X)
    assert all(len(set(row)) == 10 for row in indices)
    assert not (indices == np.arange(len(X))[:, None]).any()


@pytest.mark.parametrize("n_features", [3, 200])
@pytest.mark.parametrize("n_samples", [2, 3, 12])
def test_few_rows_are_all_neighbours(n_samples, n_features):
    X = blobs(n_samples, n_features)
    indices, _ = partitioned(X, n_neighbors=n_samples - 1)
    rows = np.arange(n_samples)[:, None]
    found = np.sort(np.hstack([rows, indices]), axis=1)
    np.testing.assert_array_equal(found, np.broadcast_to(rows.T, found.shape))


def test_long_lists_are_filled():
    indices, _ = partitioned(blobs(1500, 2), n_neighbors=600)
    assert all(len(set(row)) == 600 for row in indices)


def test_the_seed_alone_decides(monkeypatch):
    monkeypatch.setattr(cell_search, "_FIRST_COMPARED", 20)
    X = blobs(2000, 12)
    first, again, other = (partitioned(X, seed=seed)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("metric", ["euclidean", "l2"])
def test_the_search_is_taken_where_exact_search_is_slow(monkeypatch, metric):
    monkeypatch.setattr(search_costs, "_EXACTNESS_SECONDS", 0.0)
    monkeypatch.setattr(neighbors, "exact_neighbors", None)
    X = blobs(1500, 20)
    found = nearest_neighbors(
        1e6 + X, 10, metric=metric, random_state=np.random.RandomState(0)
    )
    assert recall(X, found.indices) > 0.98
    lengths = np.linalg.norm(X[:, None] - X[found.indices], axis=2)
    np.testing.assert_allclose(found.distances, lengths, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cosine_distances_are_searched_too(monkeypatch, dtype):
    X = blobs(3000, 12).astype(dtype)
    X *= np.random.default_rng(0).uniform(0.1, 10, size=(3000, 1)).astype(dtype)
    X[[5, 70]] = 0
    right = search_cosine(X)
    monkeypatch.setattr(search_costs, "_EXACTNESS_SECONDS", 0.0)
    monkeypatch.setattr(neighbors, "exact_neighbors", None)
    found = search_cosine(X)
    same = [np.isin(a, b).mean() for a, b in zip(right[0], found.indices, strict=True)]
    assert np.mean(same) > 0.98
    np.testing.assert_allclose(
        np.median(found.distances), np.median(right.distances), rtol=1e-3
    )
    # Rows without entries have nothing in common with any.
    assert np.isinf(found.distances[[5, 70]]).all()
    others = np.delete(np.arange(3000), [5, 70])
    assert np.isfinite(found.distances[others]).all()


def search_cosine(X):
    return nearest_neighbors(
        X, 10, metric="cosine", random_state=np.random.RandomState(0)
    )


def test_squared_distances_are_those_of_the_same_neighbours(monkeypatch):
    monkeypatch.setattr(search_costs, "_EXACTNESS_SECONDS", 0.0)
    X = blobs(1500, 5)
    plain, squared = (
        nearest_neighbors(X, 10, metric=metric, random_state=np.random.RandomState(0))
        for metric in ("euclidean", "sqeuclidean")
    )
    np.testing.assert_array_equal(plain.indices, squared.indices)
    np.testing.assert_allclose(squared.distances, plain.distances**2, rtol=1e-9)
