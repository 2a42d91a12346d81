"""The expected cost of each search for neighbours, and the choice of the cheapest."""

import math
from typing import Literal

import numpy as np

from ..arrays import Matrix, is_sparse
from ..metrics.distances import (
    HOMOGENEOUS_METRICS,
    MATRIX_PRODUCT_METRICS,
    SPARSE_METRICS,
)
from ..metrics.pairwise_measures import MEASURED_METRICS, SET_METRICS

# Seconds on two cores, from benchmarks/neighbors.py. They need not be exact on another
# machine, since they are only compared with each other.
_COMPILATION_SECONDS = 20.0
_EXACTNESS_SECONDS = 1.5  # the extra time that exact neighbours are worth
_PRODUCT_SECONDS = 2e-9, 2e-11  # for a pair of rows, and for each of its columns
_LOOP_SECONDS = 1e-9, 3.3e-10
_SPARSE_SECONDS = 1.7e-9, 1.9e-8  # for a pair of rows, and for each shared entry
_MEASURE_SECONDS = 2e-8  # for a pair of rows and each of its columns
_HAVERSINE_SECONDS = 2e-6  # for a node of the tree
_MAX_DENSE_ENTRIES = 2**24  # of sparse rows that are made dense
_MAX_TREE_FEATURES = 15  # with more features, scikit-learn compares all pairs
_TREE_SECONDS, _TREE_GROWTH = 1.6e-7, 1.44  # for a node, and its factor per column


def cheapest_search(
    X: Matrix, metric: str
) -> Literal["exact", "partitioned", "approximate"]:
    """Choose how to search for neighbours.

    The choice depends only on the shape of the data and on the metric. Hence the same
    call gives the same bits.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows of a `MetricSpace`.
    metric : str
        The metric of that space.

    Returns
    -------
    {"exact", "partitioned", "approximate"}
        "exact" unless it takes much longer than the others; then "partitioned" if the
        metric can be searched so.
    """
    can_part = metric in MATRIX_PRODUCT_METRICS and not is_sparse(X)
    if exact_seconds(X, metric) <= (
        _EXACTNESS_SECONDS if can_part else _COMPILATION_SECONDS
    ):
        return "exact"
    return "partitioned" if can_part else "approximate"


def exact_seconds(X: Matrix, metric: str) -> float:
    """Estimate the time of an exact search.

    Parameters
    ----------
    X, metric
        As in `cheapest_search`.

    Returns
    -------
    float
        Seconds, infinite if only pynndescent can measure between such rows.
    """
    n_samples, n_features = X.shape
    if is_sparse(X):
        if metric in SPARSE_METRICS | SET_METRICS:
            row, entry = _SPARSE_SECONDS
            shared = np.square(np.bincount(X.indices).astype(np.float64)).sum()
            return n_samples**2 * row + shared * entry
        if n_samples * n_features > _MAX_DENSE_ENTRIES:
            return math.inf
    if metric == "haversine":
        return _HAVERSINE_SECONDS * n_samples * math.log2(n_samples + 1)
    if metric in MEASURED_METRICS - SET_METRICS:
        return n_samples**2 * n_features * _MEASURE_SECONDS
    if is_comparison_cheapest(X, metric) or metric in SET_METRICS:
        return _pairs_seconds(X, _PRODUCT_SECONDS)
    if not math.isinf(tree := _tree_seconds(X, metric)):
        return tree
    return _pairs_seconds(X, _LOOP_SECONDS)


def is_comparison_cheapest(X: Matrix, metric: str) -> bool:
    """Tell whether products of all rows are the cheapest exact search.

    Parameters
    ----------
    X, metric
        As in `cheapest_search`.

    Returns
    -------
    bool
        Whether rows are dense, the metric follows from products, and no tree is faster.
    """
    if is_sparse(X) or metric not in MATRIX_PRODUCT_METRICS:
        return False
    return _pairs_seconds(X, _PRODUCT_SECONDS) < _tree_seconds(X, metric)


def _tree_seconds(X: Matrix, metric: str) -> float:
    """Return the time of a search using a tree, infinite if scikit-learn uses none."""
    n_samples, n_features = X.shape
    if metric not in HOMOGENEOUS_METRICS or n_features > _MAX_TREE_FEATURES:
        return math.inf
    growth = _TREE_GROWTH**n_features
    return _TREE_SECONDS * n_samples * math.log2(n_samples + 1) * growth


def _pairs_seconds(X: Matrix, seconds: tuple[float, float]) -> float:
    """Return the time for all pairs of rows, of so many columns."""
    n_samples, n_features = X.shape
    return n_samples**2 * (seconds[0] + seconds[1] * n_features)
