"""Neighbours: exact search and pynndescent."""

from unittest import mock

import numpy as np
import pynndescent
import pytest
from scipy import sparse
from sklearn.metrics.pairwise import paired_distances
from sklearn.neighbors import NearestNeighbors

from sknet_spectral._graph.metrics.distances import METRICS
from sknet_spectral._graph.search import (
    approximate_search,
    exact_search,
    neighbors,
    search_costs,
)


def search(X, n_neighbors, metric="euclidean"):
    return neighbors.nearest_neighbors(
        X, n_neighbors, metric=metric, random_state=np.random.RandomState(0)
    )


def test_neighbors_agree_with_scikit_learn_far_from_the_origin():
    X = np.random.default_rng(0).normal(size=(200, 20))
    indices, distances = search(1000 * X + 7, 5)
    expected, expected_indices = (
        NearestNeighbors(n_neighbors=5, algorithm="brute").fit(X).kneighbors()
    )
    np.testing.assert_array_equal(indices, expected_indices)
    np.testing.assert_allclose(distances, 1000 * expected, rtol=1e-9)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("metric", ["euclidean", "sqeuclidean", "cosine"])
def test_copies_are_at_distance_zero(metric, dtype, container):
    # A matrix product alone leaves rounding, which would set the scale of the weights.
    if metric == "sqeuclidean" and container is not np.asarray:
        pytest.skip("not a metric of sparse rows")
    X = np.random.default_rng(0).random(size=(50, 300)).astype(dtype)
    _, distances = search(container(np.repeat(X, 10, axis=0)), 12, metric)
    assert not distances[:, :9].any()
    _, expected = search(X, 1, metric)
    lengths = np.repeat(expected, 10, axis=0)
    np.testing.assert_allclose(distances[:, 9:10], lengths, rtol=1e-4)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("n_features", [2, 40])
def test_rows_close_to_each_other_and_far_from_the_origin_keep_their_distances(
    n_features, metric
):
    rng = np.random.default_rng(0)
    X = np.repeat(rng.choice([-1e8, 1e8], size=(2, n_features)), 30, axis=0)
    X += rng.normal(size=X.shape)
    indices, distances = search(X, 10, metric)
    exact = paired_distances(
        np.repeat(X, 10, axis=0), X[indices.ravel()], metric=metric
    ).reshape(60, 10)
    assert exact.min() > 0
    np.testing.assert_allclose(distances, exact, rtol=1e-6)
    assert (np.diff(distances, axis=1) >= 0).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_features", [4, 20])
def test_an_outlier_leaves_the_other_rows_their_neighbors(n_features, dtype):
    X = np.random.default_rng(0).normal(size=(60, n_features)).astype(dtype)
    expected, lengths = search(X, 5)
    indices, distances = search(np.vstack([X, np.full(n_features, 1e12, dtype)]), 5)
    np.testing.assert_array_equal(indices[:-1], expected)
    np.testing.assert_allclose(distances[:-1], lengths, rtol=1e-5)


def test_a_gpu_searches_if_exact_search_takes_long(monkeypatch):
    X = np.random.default_rng(0).normal(size=(30, 4)) + 100
    seen = []

    def on_gpu(rows, n_neighbors):
        seen.append(rows)
        return exact_search.exact_neighbors(rows, n_neighbors, "euclidean", None)

    def assert_exact(metric):
        found = neighbors.nearest_neighbors(
            X, 5, metric=metric, random_state=None, search_on_gpu=on_gpu
        )
        for part, expected in zip(found, exact[metric], strict=True):
            np.testing.assert_array_equal(part, expected)

    exact = {metric: search(X, 5, metric) for metric in ("euclidean", "manhattan")}
    assert_exact("euclidean")
    assert not seen
    monkeypatch.setattr(search_costs, "_EXACTNESS_SECONDS", 0.0)
    assert_exact("euclidean")
    assert_exact("manhattan")
    (rows,) = seen
    assert abs(rows).max() <= 1


def test_duplicates_never_list_the_row_itself():
    X = np.repeat(np.arange(4.0)[:, None], 6, axis=0)
    indices, _ = search(X, 5)
    assert not (indices == np.arange(24)[:, None]).any()


@pytest.mark.parametrize(
    ("metric", "name"),
    [("taxicab", "manhattan"), ("cityblock", "manhattan"), ("linf", "chebyshev")],
)
def test_synonyms_of_a_metric_find_the_same_neighbors(metric, name, monkeypatch):
    monkeypatch.delattr(pynndescent, "NNDescent")
    X = np.random.default_rng(0).normal(size=(60, 20))
    found, expected = search(X, 5, metric), search(X, 5, name)
    np.testing.assert_array_equal(found.indices, expected.indices)
    np.testing.assert_array_equal(found.distances, expected.distances)


def test_a_metric_that_is_not_defined_for_a_row_is_named():
    X = np.random.default_rng(0).normal(size=(30, 3))
    X[0] = 2.0
    with pytest.raises(ValueError, match="metric='correlation' is not defined"):
        search(X, 5, "correlation")


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("indices", [np.int32, np.int64])
def test_sparse_rows_have_the_neighbors_of_dense_ones(metric, indices):
    X = sparse.random(80, 30, 0.3, format="csr", random_state=0)
    X.indices, X.indptr = X.indices.astype(indices), X.indptr.astype(indices)
    found, distances = search(X, 5, metric)
    expected, expected_distances = search(X.toarray(), 5, metric)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_allclose(distances, expected_distances, atol=1e-7)


def test_all_metrics_of_pynndescent_are_offered():
    named = pynndescent.distances.named_distances
    alone = {name for name in METRICS if name in named}
    assert alone == METRICS - {"cityblock"}


def test_without_self_drops_one_entry_a_row():
    lists = np.array([[0, 1, 2], [2, 0, 1], [0, 1, 3]])
    kept, _ = approximate_search._drop_self(lists, lists.astype(float))
    np.testing.assert_array_equal(kept, [[1, 2], [2, 0], [0, 1]])


# It compiles for half a minute.
@pytest.mark.slow
def test_pynndescent_finds_nearly_all_neighbors_on_any_number_of_threads(monkeypatch):
    """One test, because pynndescent is compiled in each process and for each metric."""
    monkeypatch.setattr(search_costs, "_COMPILATION_SECONDS", 0.0)
    X = np.random.default_rng(0).normal(size=(1500, 10))
    one, two = (
        neighbors.nearest_neighbors(
            X,
            10,
            metric="manhattan",
            random_state=np.random.RandomState(0),
            n_jobs=n_jobs,
        )
        for n_jobs in (1, 2)
    )
    np.testing.assert_array_equal(one.indices, two.indices)
    np.testing.assert_array_equal(one.distances, two.distances)
    exact, _ = exact_search.exact_neighbors(X, 10, "manhattan", None)
    pairs = zip(exact, one.indices, strict=True)
    recall = np.mean([len(set(a) & set(b)) for a, b in pairs])
    assert recall / 10 > 0.95


class UnfilledIndex:
    """Stands for pynndescent where it finds too few neighbours of a row."""

    answer = np.array([[0, 1, 2]])

    def __init__(self, X, **options):
        self.neighbor_graph = (
            np.array([[0, 1, -1], [1, 0, 2], [2, 1, 0]]),
            np.array([[0.0, 1.0, np.inf], [0.0, 1.0, 1.0], [0.0, 1.0, 2.0]]),
        )

    def query(self, X, k):
        assert k == self.answer.shape[1]
        return self.answer, np.array([[0.0, 1.0, 2.0]])


def test_lists_that_pynndescent_left_unfilled_are_searched_again(monkeypatch):
    monkeypatch.setattr(pynndescent, "NNDescent", UnfilledIndex)
    monkeypatch.setattr(search_costs, "_COMPILATION_SECONDS", 0.0)
    X = np.arange(3.0)[:, None]
    found, distances = search(X, 2, "manhattan")
    np.testing.assert_array_equal(found, [[1, 2], [0, 2], [1, 0]])
    np.testing.assert_array_equal(distances[0], [1.0, 2.0])


def test_pynndescent_is_given_what_it_takes_and_one_thread(monkeypatch):
    """The class and its method as they are declared, without their compilation."""
    index = mock.create_autospec(pynndescent.NNDescent)
    index.return_value = UnfilledIndex(None)
    query = mock.create_autospec(pynndescent.NNDescent.query)
    query.side_effect = UnfilledIndex.query
    monkeypatch.setattr(UnfilledIndex, "query", query)
    monkeypatch.setattr(pynndescent, "NNDescent", index)
    monkeypatch.setattr(search_costs, "_COMPILATION_SECONDS", 0.0)
    for n_jobs in (1, 2):
        neighbors.nearest_neighbors(
            np.arange(3.0)[:, None],
            2,
            metric="manhattan",
            random_state=np.random.RandomState(0),
            n_jobs=n_jobs,
        )
    assert query.call_count == 2
    one, two = (call.kwargs for call in index.call_args_list)
    assert one == two
    assert one["n_jobs"] == 1
    assert isinstance(one["random_state"], int)


def test_lists_that_stay_unfilled_are_an_error(monkeypatch):
    monkeypatch.setattr(pynndescent, "NNDescent", UnfilledIndex)
    monkeypatch.setattr(UnfilledIndex, "answer", np.array([[0, 1, -1]]))
    monkeypatch.setattr(search_costs, "_COMPILATION_SECONDS", 0.0)
    with pytest.raises(ValueError, match=r"n_neighbors=2 .* metric='manhattan'"):
        search(np.arange(3.0)[:, None], 2, "manhattan")


def test_a_search_that_misses_many_neighbors_says_so(monkeypatch):
    monkeypatch.setattr(pynndescent, "NNDescent", FarIndex)
    monkeypatch.setattr(search_costs, "_COMPILATION_SECONDS", 0.0)
    with pytest.warns(UserWarning, match="0% of the true .* metric='manhattan'"):
        search(np.arange(9.0)[:, None], 2, "manhattan")


def test_rows_without_neighbors_are_allowed_if_the_metric_is_bounded(monkeypatch):
    monkeypatch.setattr(pynndescent, "NNDescent", UnfilledIndex)
    monkeypatch.setattr(UnfilledIndex, "answer", np.array([[0, 1, -1]]))
    monkeypatch.setattr(search_costs, "_COMPILATION_SECONDS", 0.0)
    _, distances = search(np.eye(3), 2, "jaccard")
    assert np.isinf(distances[0, 1])


def test_lists_that_pynndescent_fills_with_one_row_have_one_neighbor(monkeypatch):
    monkeypatch.setattr(pynndescent, "NNDescent", UnfilledIndex)
    monkeypatch.setattr(search_costs, "_COMPILATION_SECONDS", 0.0)
    for row in (0, 1):
        monkeypatch.setattr(UnfilledIndex, "answer", np.full((1, 3), row))
        _, distances = search(np.eye(3), 2, "jaccard")
        assert np.isinf(distances[0]).sum() == 2 - row


class FarIndex:
    """Stands for pynndescent where it finds what is far."""

    def __init__(self, X, **options):
        indices = (np.arange(9)[:, None] + [0, 4, 5]) % 9
        self.neighbor_graph = indices, np.abs(X[indices, 0] - X)
