"""What each search for neighbours is expected to cost."""

import math

import numpy as np
import pytest
from scipy import sparse

from sknet_spectral._graph.search import search_costs
from sknet_spectral._graph.search.search_costs import (
    cheapest_search,
    exact_seconds,
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


@pytest.mark.parametrize("metric", ["euclidean", "sqeuclidean", "cosine"])
def test_a_partition_serves_dense_rows_of_any_number(metric):
    assert cheapest_search(np.empty((5_000, 64), np.float32), metric) == "exact"
    many = np.lib.stride_tricks.as_strided(np.zeros(1), (10**7, 64), (0, 0))
    assert cheapest_search(many, metric) == "partitioned"
    assert cheapest_search(many, "manhattan") == "approximate"


def test_sparse_rows_are_compared_as_scikit_learn_can():
    X = sparse.random(50, 10, 0.3, format="csr", random_state=0)
    assert cheapest_search(X, "cosine") == "exact"
    assert cheapest_search(X, "sqeuclidean") == "exact"
    wide = sparse.csr_matrix((100_000, 100_000))
    assert cheapest_search(wide, "sqeuclidean") == "approximate"
