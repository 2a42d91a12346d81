"""Exact nearest neighbours: by products, by loops, by blocks or using a tree."""

from collections.abc import Callable
from functools import partial

import numpy as np
from sklearn.neighbors import NearestNeighbors

from ..arrays import Floats, Integers, Matrix, is_sparse
from ..metrics.distances import (
    EUCLIDEAN_METRICS,
    MATRIX_PRODUCT_METRICS,
    SPARSE_METRICS,
    check_defined,
    directions,
    precise_distances,
    rounding,
)
from ..metrics.pairwise_measures import MEASURED_METRICS, blocks_of_distances
from ..steps import Report, report_nothing
from ..threads import few_threads
from .compared_rows import compared_neighbors
from .search_costs import is_comparison_cheapest


def exact_neighbors(
    X: Matrix,
    n_neighbors: int,
    metric: str,
    n_jobs: int | None,
    report: Report = report_nothing,
) -> tuple[Integers, Floats]:
    """Find the nearest other rows of each row by comparing all rows, or using a tree.

    Parameters
    ----------
    X, n_neighbors, metric, n_jobs, report
        As in `nearest_neighbors`.

    Returns
    -------
    indices, distances : ndarray of shape (n_samples, n_neighbors)
        Other rows, the nearest first, and their distances.

    Raises
    ------
    ValueError
        If the metric is not defined for some rows, such as constant rows.
    """
    if metric in MEASURED_METRICS:
        return _search_by_blocks(X, n_neighbors, metric, report)
    if is_sparse(X) and metric not in SPARSE_METRICS:
        X = X.toarray()
    if is_comparison_cheapest(X, metric):
        compare = partial(compared_neighbors, report=report)
        return search_as_euclidean(compare, X, n_neighbors, metric)
    search = NearestNeighbors(n_neighbors=n_neighbors, metric=metric, n_jobs=n_jobs)
    with few_threads(X.shape[0]):
        distances, indices = search.fit(X).kneighbors()
    check_defined(distances, metric)
    if metric in MATRIX_PRODUCT_METRICS:
        return _remeasure_close(X, indices, distances, metric)
    return indices, distances


def search_as_euclidean(
    search: Callable[[Floats, int], tuple[Integers, Floats]],
    X: Floats,
    n_neighbors: int,
    metric: str,
) -> tuple[Integers, Floats]:
    """Search under a metric that is Euclidean between some rows.

    Parameters
    ----------
    search : callable
        Takes rows and the number of neighbours, returns indices and Euclidean
        distances.
    X : ndarray of shape (n_samples, n_features)
        The rows.
    n_neighbors : int
        Number of neighbours of each row.
    metric : str
        One of `distances.MATRIX_PRODUCT_METRICS`.

    Returns
    -------
    indices, distances : ndarray of shape (n_samples, n_neighbors)
        Other rows, the nearest first, and their distances in the metric.
    """
    rows = directions(X) if metric == "cosine" else X
    indices, distances = search(rows, n_neighbors)
    if metric in EUCLIDEAN_METRICS:
        return indices, distances
    squares = np.square(distances)
    return indices, squares / 2 if metric == "cosine" else squares


def _search_by_blocks(
    X: Matrix, n_neighbors: int, metric: str, report: Report
) -> tuple[Integers, Floats]:
    """Compare all rows under a metric that scikit-learn cannot search with."""
    found = []
    with few_threads(X.shape[0]):
        for rows, distances in blocks_of_distances(X, X, metric):
            own = np.arange(X.shape[0])[rows]
            distances[np.arange(len(own)), own] = np.inf
            order = np.argsort(distances, axis=1, kind="stable")[:, :n_neighbors]
            found.append((order, np.take_along_axis(distances, order, axis=1)))
            report(len(own))
    indices, distances = (np.concatenate(part) for part in zip(*found, strict=True))
    check_defined(distances, metric)
    return indices, distances


def _remeasure_close(
    X: Matrix, indices: Integers, distances: Floats, metric: str
) -> tuple[Integers, Floats]:
    """Measure distances again that may be mere rounding errors of a matrix product.

    The rounding errors between copies of a row would become the scale of its weights.
    """
    rows, order = np.nonzero(distances <= rounding(X, metric))
    if len(rows):
        columns = indices[rows, order]
        distances[rows, order] = precise_distances(X, rows, columns, metric)
        rows = np.unique(rows)
        order = np.argsort(distances[rows], axis=1, kind="stable")
        for part in (indices, distances):
            part[rows] = np.take_along_axis(part[rows], order, axis=1)
    return indices, distances
