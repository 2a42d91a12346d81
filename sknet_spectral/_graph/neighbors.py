"""The nearest neighbours of every row, searched for or stored."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import sparse

from .affinity import Neighbors
from .approximate_search import approximate_neighbors, warn_if_missed
from .arrays import Floats, Integers, Matrix, is_sparse
from .distances import EUCLIDEAN_METRICS
from .exact_search import exact_neighbors, search_as_euclidean
from .metric_spaces import metric_space
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
    """

    n_neighbors: int | None
    metric: str
    random_state: np.random.RandomState
    n_jobs: int | None = None
    search_on_gpu: SearchOnGpu | None = None

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
        )


def nearest_neighbors(
    X: Matrix,
    n_neighbors: int,
    *,
    metric: str,
    random_state: np.random.RandomState,
    n_jobs: int | None = None,
    search_on_gpu: SearchOnGpu | None = None,
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
        indices, distances = exact_neighbors(rows, n_neighbors, metric, n_jobs)
    elif search == "partitioned":
        search_some = partial(partitioned_neighbors, random_state=random_state)
        indices, distances = search_as_euclidean(search_some, rows, n_neighbors, metric)
        warn_if_missed(space, distances)
    else:
        indices, distances = approximate_neighbors(space, n_neighbors, random_state)
        warn_if_missed(space, distances)
    return Neighbors(indices, space.separate_unrelated(indices, distances))


def stored_neighbors(distances: Matrix, n_neighbors: int | None = None) -> Neighbors:
    """Return the nearest neighbours that a matrix of distances stores.

    A stored zero is a neighbour at distance zero, and an entry that is not stored is
    not a neighbour. A dense matrix stores all entries.

    Parameters
    ----------
    distances : {ndarray, sparse matrix} of shape (n_queries, n_samples)
        Distances to some of the training rows.
    n_neighbors : int, default=None
        Number of neighbours of each row to keep; None keeps all.

    Returns
    -------
    Neighbors of shape (n_queries, largest number kept)
        The nearest first; shorter lists end in infinite distances.

    Raises
    ------
    ValueError
        If a distance is negative.
    """
    graph = distances if is_sparse(distances) else _store_all(distances)
    if graph.data.min(initial=0.0) < 0:
        raise ValueError(
            "affinity='precomputed_nearest_neighbors' takes distances, got negative "
            f"ones (smallest {graph.data.min():.3g}). If these are affinities, use "
            "affinity='precomputed'."
        )
    counts = np.diff(graph.indptr)
    rows = np.repeat(np.arange(len(counts)), counts)
    order = np.lexsort((graph.data, rows))
    columns, lengths = graph.indices[order], graph.data[order].astype(np.float64)
    rank = np.arange(len(rows)) - graph.indptr[rows]
    kept = rank < (counts.max(initial=0) if n_neighbors is None else n_neighbors)
    rows, columns, lengths = rows[kept], columns[kept], lengths[kept]
    counts = np.bincount(rows, minlength=len(counts))
    shape = len(counts), counts.max(initial=1)
    rank = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    indices, padded = np.zeros(shape, dtype=np.int64), np.full(shape, np.inf)
    indices[rows, rank], padded[rows, rank] = columns, lengths
    return Neighbors(indices, padded)


def drop_self(neighbors: Neighbors) -> Neighbors:
    """Drop each training row from its own list.

    Parameters
    ----------
    neighbors : Neighbors of shape (n_samples, n_neighbors)
        Neighbours among the training rows; a list may hold its own row.

    Returns
    -------
    Neighbors of shape (n_samples, largest number of other rows)
        The other rows, the nearest first.
    """
    indices, distances = neighbors
    itself = indices == np.arange(len(indices))[:, None]
    distances = np.where(itself, np.inf, distances)
    longest = np.isfinite(distances).sum(axis=1).max(initial=1)
    order = np.argsort(distances, axis=1, kind="stable")[:, :longest]
    return Neighbors(
        np.take_along_axis(indices, order, axis=1),
        np.take_along_axis(distances, order, axis=1),
    )


def _store_all(distances: Floats) -> sparse.csr_matrix:
    """Make a dense matrix sparse without dropping its zeros, as scipy would."""
    n_rows, n_columns = distances.shape
    columns = np.tile(np.arange(n_columns), n_rows)
    starts = np.arange(n_rows + 1) * n_columns
    return sparse.csr_matrix((distances.ravel(), columns, starts), distances.shape)
