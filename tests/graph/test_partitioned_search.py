"""Search in a partition, against all pairs."""

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.neighbors import NearestNeighbors

from sknet_spectral._graph import neighbors, partitioned_search, search_costs
from sknet_spectral._graph.neighbors import nearest_neighbors
from sknet_spectral._graph.partitioned_search import partitioned_neighbors


def blobs(n_samples, n_features):
    return make_blobs(n_samples, n_features, centers=8, random_state=0)[0]


def partitioned(X, n_neighbors=10, seed=0):
    return partitioned_neighbors(X, n_neighbors, np.random.RandomState(seed))


def exact(X, n_neighbors=10):
    return NearestNeighbors(n_neighbors=n_neighbors).fit(X).kneighbors()


def recall(X, indices):
    _, right = exact(X, indices.shape[1])
    found = [np.isin(a, b).mean() for a, b in zip(right, indices, strict=True)]
    return np.mean(found)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_all_neighbours_are_found_if_every_cell_is_searched(dtype):
    X = blobs(1500, 5).astype(dtype)
    indices, distances = partitioned(X)
    expected, right = exact(X)
    assert (indices == right).mean() > 0.999
    np.testing.assert_allclose(distances, expected, rtol=1e-4)
    assert distances.dtype == dtype


def test_most_neighbours_are_found_if_few_cells_are_searched(monkeypatch):
    monkeypatch.setattr(partitioned_search, "_SEARCHED_CELLS", 10)
    X = blobs(6000, 5)
    assert 0.9 < recall(X, partitioned(X)[0]) < 1.0


def test_leading_components_serve_wide_rows(monkeypatch):
    monkeypatch.setattr(partitioned_search, "_COMPONENTS", 12)
    rng = np.random.default_rng(0)
    X = blobs(3000, 8) @ rng.normal(size=(8, 40)) + 0.1 * rng.normal(size=(3000, 40))
    indices, distances = partitioned(X)
    assert recall(X, indices) > 0.9
    rows = np.arange(3000)[:, None]
    lengths = np.linalg.norm(X[rows] - X[indices], axis=2)
    np.testing.assert_allclose(distances, lengths, rtol=1e-10)


def test_no_row_is_its_own_neighbour_and_none_is_listed_twice():
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


def test_small_cells_are_joined_by_others_until_there_are_enough(monkeypatch):
    monkeypatch.setattr(partitioned_search, "_SEARCHED_CELLS", 1)
    indices, _ = partitioned(blobs(400, 2), n_neighbors=60)
    assert all(len(set(row)) == 60 for row in indices)


def test_the_seed_alone_decides(monkeypatch):
    monkeypatch.setattr(partitioned_search, "_SEARCHED_CELLS", 5)
    X = blobs(2000, 5)
    first, again, other = (partitioned(X, seed=seed)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("metric", ["euclidean", "l2"])
def test_the_search_is_used_if_exact_search_is_slow(monkeypatch, metric):
    monkeypatch.setattr(search_costs, "_EXACTNESS_SECONDS", 0.0)
    monkeypatch.setattr(neighbors, "exact_neighbors", None)
    X = blobs(1500, 20)
    found = nearest_neighbors(
        1e6 + X, 10, metric=metric, random_state=np.random.RandomState(0)
    )
    assert recall(X, found.indices) > 0.999
    np.testing.assert_allclose(found.distances, exact(X)[0], rtol=1e-6)


def test_no_more_rows_are_searched_than_there_are():
    assert partitioned_search.count_searched_rows(100) == 100
    # 96 of the 2,000 cells that a million rows have.
    assert partitioned_search.count_searched_rows(10**6) == pytest.approx(48_000)
