"""The nearest neighbours of every row, found by a search."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.neighbors import NearestNeighbors

from .affinity import Neighbors
from .approximate_search import approximate_neighbors, warn_if_missed
from .arrays import Floats, Integers, Matrix, is_sparse
from .distances import (
    EUCLIDEAN_METRICS,
    MATRIX_PRODUCT_METRICS,
    SPARSE_METRICS,
    check_defined,
    directions,
    precise_distances,
    rounding,
)
from .metric_spaces import metric_space
from .pairwise_measures import MEASURED_METRICS, blocks_of_distances
from .partitioned_search import partitioned_neighbors
from .search_costs import cheapest_search
from .steps import Report, report_nothing
from .threads import few_threads

# Up to this many rows, a GPU compares all pairs faster than pynndescent searches.
_MAX_COMPARED = 1_000_000

SearchOnGpu = Callable[[Floats, int], tuple[Integers, Floats]]


@dataclass(frozen=True)
class NeighborOptions:
    """How to search for neighbours.

    Attributes
    ----------
    n_neighbors : int or None
        Number of neighbours of each row. None leaves the choice to the graph.
    metric : str
        One of `distances.METRICS`.
    random_state : numpy.random.RandomState
        Source of randomness of an approximate search.
    n_jobs : int, default=None
        Number of threads of an exact search.
    search_on_gpu : callable, default=None
        As in `nearest_neighbors`.
    report : callable, default=report_nothing
        As in `nearest_neighbors`.
    """

    n_neighbors: int | None
    metric: str
    random_state: np.random.RandomState
    n_jobs: int | None = None
    search_on_gpu: SearchOnGpu | None = None
    report: Report = report_nothing

    def search(self, X: Matrix, n_neighbors: int) -> Neighbors:
        """Find the nearest other rows of each row.

        Parameters
        ----------
        X : {ndarray, CSR matrix} of shape (n_samples, n_features)
            The rows.
        n_neighbors : int
            Number of neighbours, within what the data allow.

        Returns
        -------
        Neighbors of shape (n_samples, n_neighbors)
            As `nearest_neighbors` returns them.
        """
        return nearest_neighbors(
            X,
            n_neighbors,
            metric=self.metric,
            random_state=self.random_state,
            n_jobs=self.n_jobs,
            search_on_gpu=self.search_on_gpu,
            report=self.report,
        )


def nearest_neighbors(
    X: Matrix,
    n_neighbors: int,
    *,
    metric: str,
    random_state: np.random.RandomState,
    n_jobs: int | None = None,
    search_on_gpu: SearchOnGpu | None = None,
    report: Report = report_nothing,
) -> Neighbors:
    """Find the nearest other rows of each row.

    Without a GPU, the shape of the data and the metric alone determine whether the
    search is exact, in a partition or by pynndescent. Hence the same call gives the
    same bits.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    n_neighbors : int
        Number of neighbours of each row, less than `n_samples`.
    metric : str
        One of `distances.METRICS`.
    random_state : numpy.random.RandomState
        Source of randomness of an approximate search.
    n_jobs : int, default=None
        Number of threads of an exact search. pynndescent always has one, because its
        result depends on their number.
    search_on_gpu : callable, default=None
        Takes dense rows and `n_neighbors`, returns indices and Euclidean distances.
        It is used for up to a million rows if an exact search would take long.
    report : callable, default=report_nothing
        Takes the number of rows that were searched since the last call. A search that
        makes all rows in one step does not call it.

    Returns
    -------
    Neighbors of shape (n_samples, n_neighbors)
        Other rows and their distances in float64, the nearest first. Some metrics give
        rows that have nothing in common a fixed distance, such as 1 for "cosine". Rows
        at that distance are not neighbours, so lists may be shorter.

    Raises
    ------
    ValueError
        If the metric is not defined for some rows, such as constant rows.

    Warns
    -----
    UserWarning
        If a search that is not exact missed many neighbours.
    """
    space = metric_space(X, metric)
    rows, metric = space.rows, space.metric
    search = cheapest_search(rows, metric)
    can_compare = metric in EUCLIDEAN_METRICS and not is_sparse(rows)
    can_compare &= search != "exact" and rows.shape[0] <= _MAX_COMPARED
    if search_on_gpu and can_compare:
        indices, distances = search_on_gpu(rows, n_neighbors)
    elif search == "exact":
        indices, distances = exact_neighbors(rows, n_neighbors, metric, n_jobs, report)
    elif search == "partitioned":
        indices, distances = _search_partition(
            rows, n_neighbors, metric, random_state, report
        )
        warn_if_missed(space, distances)
    else:
        indices, distances = approximate_neighbors(space, n_neighbors, random_state)
        warn_if_missed(space, distances)
    return Neighbors(indices, space.separate_unrelated(indices, distances))


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
    search = NearestNeighbors(n_neighbors=n_neighbors, metric=metric, n_jobs=n_jobs)
    with few_threads(X.shape[0]):
        distances, indices = search.fit(X).kneighbors()
    check_defined(distances, metric)
    if metric in MATRIX_PRODUCT_METRICS:
        return _remeasure_close(X, indices, distances, metric)
    return indices, distances


def _search_partition(
    X: Floats,
    n_neighbors: int,
    metric: str,
    random_state: np.random.RandomState,
    report: Report,
) -> tuple[Integers, Floats]:
    """Search in a partition, under a metric that is Euclidean between some rows."""
    rows = directions(X) if metric == "cosine" else X
    indices, distances = partitioned_neighbors(rows, n_neighbors, random_state, report)
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
