"""What each search for neighbours is expected to cost."""

import math

import numpy as np
import pytest
from scipy import sparse

from sknet_spectral._graph import search_costs
from sknet_spectral._graph.search_costs import (
    cheapest_search,
    exact_seconds,
    partitioned_seconds,
)


def test_exact_search_is_for_few_rows_and_common_metrics():
    few, many = np.zeros((100, 10)), np.empty((1_000_000, 100))
    compilation = search_costs._COMPILATION_SECONDS
    assert exact_seconds(few, "euclidean") < compilation
    assert exact_seconds(few, "canberra") < compilation
    assert exact_seconds(many, "euclidean") > compilation
    assert exact_seconds(few[:, :2], "haversine") < compilation
    assert exact_seconds(few, "jensen_shannon") < compilation
    rows = sparse.csr_matrix(few)
    assert exact_seconds(rows, "cosine") < compilation
    assert exact_seconds(rows, "jaccard") < compilation
    assert exact_seconds(rows, "canberra") < compilation
    # They would fill the memory.
    wide = sparse.csr_matrix((100_000, 100_000))
    assert exact_seconds(wide, "canberra") == math.inf


@pytest.mark.parametrize("metric", ["euclidean", "canberra"])
def test_the_estimate_of_wide_rows_is_that_of_all_pairs(metric):
    few, more, wider = (
        exact_seconds(np.empty(shape, np.float32), metric)
        for shape in ((1000, 64), (2000, 64), (1000, 128))
    )
    assert more == pytest.approx(4 * few)
    assert few < wider < 2 * few < search_costs._EXACTNESS_SECONDS


def test_matrix_products_are_faster_than_loops_and_trees_faster_than_either():
    def seconds(n_features, metric):
        return exact_seconds(np.empty((10_000, n_features)), metric)

    assert seconds(64, "euclidean") < seconds(64, "manhattan")
    # A metric that is no norm has no tree.
    assert seconds(2, "euclidean") < seconds(2, "canberra")
    assert seconds(2, "euclidean") < seconds(15, "euclidean")


def test_the_estimate_grows_with_the_power_one_and_a_half():
    few, many = (
        partitioned_seconds(np.empty((n, 8), np.float32), "euclidean")
        for n in (10_000, 40_000)
    )
    assert 7.5 < many / few < 8.5
    # Beyond 96 columns, only ranking the candidates anew takes longer.
    seconds = [
        partitioned_seconds(np.empty((10_000, d), np.float32), "euclidean")
        for d in (8, 48, 96, 192)
    ]
    gains = np.diff(seconds) / np.diff((8, 48, 96, 192))
    assert gains[0] == pytest.approx(gains[1])
    assert 0 < gains[2] < gains[1]
    assert partitioned_seconds(np.empty((10, 8)), "cosine") == np.inf


def test_sparse_rows_are_compared_as_scikit_learn_can():
    X = sparse.random(50, 10, 0.3, format="csr", random_state=0)
    assert cheapest_search(X, "cosine") == "exact"
    assert cheapest_search(X, "sqeuclidean") == "exact"
    wide = sparse.csr_matrix((100_000, 100_000))
    assert cheapest_search(wide, "sqeuclidean") == "approximate"
