import threading

import numpy as np
import pytest
from sklearn.datasets import load_digits
from threadpoolctl import ThreadpoolController, threadpool_limits

from sknet_spectral._graph import threads
from sknet_spectral._graph.affinities.shortest_edges import shortest_missing_edges
from sknet_spectral._graph.search import cell_search, partitioned_search, search_costs
from sknet_spectral._graph.search.neighbors import nearest_neighbors
from sknet_spectral._graph.threads import call_in_threads, few_threads

# Whole numbers: many rows are equally far from others.
X, _ = load_digits(return_X_y=True)


@pytest.fixture(autouse=True)
def runtimes_of_now():
    """Also limit the libraries that other tests have loaded since the first search."""
    threads._runtimes.cache_clear()


def counts(user_api):
    libraries = ThreadpoolController().select(user_api=user_api).lib_controllers
    return [library.num_threads for library in libraries]


def with_threads(n_threads, function):
    with threadpool_limits(n_threads):
        return function()


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "cosine"])
@pytest.mark.parametrize("n_rows", [300, 1025, 1797])
def test_neighbors_do_not_depend_on_the_number_of_threads(n_rows, metric):
    def search():
        source = np.random.RandomState(0)
        return nearest_neighbors(X[:n_rows], 10, metric=metric, random_state=source)

    one, two, four = (with_threads(n_threads, search) for n_threads in (1, 2, 4))
    for other in (two, four):
        np.testing.assert_array_equal(one.indices, other.indices)
        np.testing.assert_array_equal(one.distances, other.distances)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_a_partition_does_not_depend_on_the_number_of_threads(monkeypatch, metric):
    monkeypatch.setattr(search_costs, "_EXACTNESS_SECONDS", 0.0)
    monkeypatch.setattr(cell_search, "_FIRST_COMPARED", 50)
    monkeypatch.setattr(partitioned_search, "compared_neighbors", None)
    wide = X @ np.random.default_rng(0).normal(size=(X.shape[1], 150))

    def search():
        source = np.random.RandomState(0)
        return nearest_neighbors(wide, 10, metric=metric, random_state=source)

    one, four = (with_threads(n_threads, search) for n_threads in (1, 4))
    np.testing.assert_array_equal(one.indices, four.indices)
    np.testing.assert_array_equal(one.distances, four.distances)


def test_joining_edges_do_not_depend_on_the_number_of_threads():
    labels = np.arange(300) % 3

    def join():
        return shortest_missing_edges(X[:300], labels, 1, "euclidean")

    for one, four in zip(with_threads(1, join), with_threads(4, join), strict=True):
        np.testing.assert_array_equal(one, four)


@pytest.mark.parametrize("n_rows", [1, 1024, 1025, 2048, 2049, 10**6])
@pytest.mark.parametrize("allowed", [1, 2])
def test_a_row_has_one_thread_and_no_limit_is_exceeded(n_rows, allowed):
    with threadpool_limits(allowed):
        before = counts("openmp")
        with few_threads(n_rows):
            assert max(counts("openmp")) == (2 if n_rows > 2048 and allowed > 1 else 1)
            assert set(counts("blas")) == {1}
        assert counts("openmp") == before


def test_the_end_of_blas_s_limit_lifts_no_limit_of_openmp():
    with threadpool_limits(2):
        with threads.one_blas_thread:
            # As in a thread that a process has limited meanwhile.
            ThreadpoolController().limit(limits=1, user_api="openmp")
        assert set(counts("openmp")) == {1}


def test_every_item_is_called_with_on_one_thread():
    seen = []

    def look(item):
        seen.append((item, set(counts("openmp")), set(counts("blas"))))

    with threadpool_limits(2):
        before = counts("openmp"), counts("blas")
        call_in_threads(look, range(20))
        assert (counts("openmp"), counts("blas")) == before
    assert sorted(seen) == [(item, {1}, {1}) for item in range(20)]


def test_as_many_threads_as_openmp_is_allowed():
    def threads_used(n_threads):
        used, together = set(), threading.Barrier(n_threads, timeout=30)

        def meet(_):
            together.wait()
            used.add(threading.get_ident())

        with_threads(n_threads, lambda: call_in_threads(meet, range(n_threads)))
        return len(used)

    assert [threads_used(n) for n in (1, 2, 3)] == [1, 2, 3]


@pytest.mark.parametrize("n_items", [0, 1, 100, 1000])
def test_results_are_reported_in_order_by_the_calling_thread(n_items):
    reported = []
    call_in_threads(
        lambda item: -item,
        iter(range(n_items)),
        lambda result: reported.append((result, threading.get_ident())),
    )
    here = threading.get_ident()
    assert reported == [(-item, here) for item in range(n_items)]


def test_an_error_in_a_thread_is_raised():
    with pytest.raises(ZeroDivisionError):
        call_in_threads(lambda item: 1 / item, [1, 0, 2])


def test_searches_that_overlap_give_blas_its_threads_back():
    with threadpool_limits(2):
        before = counts("blas")
        first, second = few_threads(10), few_threads(10)
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert set(counts("blas")) == {1}
        second.__exit__(None, None, None)
        assert counts("blas") == before
