"""The nearest neighbours of every row, found by a search."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..arrays import Floats, Integers, Matrix, Neighbors, is_sparse
from ..metrics.distances import EUCLIDEAN_METRICS
from ..metrics.metric_spaces import metric_space
from ..steps import Report, report_nothing
from .approximate_search import approximate_neighbors, warn_if_missed
from .exact_search import exact_neighbors, search_as_euclidean
from .partitioned_search import partitioned_neighbors
from .search_costs import cheapest_search

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
        search_some = partial(
            partitioned_neighbors, random_state=random_state, report=report
        )
        indices, distances = search_as_euclidean(search_some, rows, n_neighbors, metric)
        warn_if_missed(space, distances)
    else:
        indices, distances = approximate_neighbors(space, n_neighbors, random_state)
        warn_if_missed(space, distances)
    return Neighbors(indices, space.separate_unrelated(indices, distances))
