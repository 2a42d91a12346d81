"""The nearest neighbours of every row, searched for or stored."""

import numpy as np
from scipy import sparse
from sklearn.neighbors import NearestNeighbors

from .affinity import Neighbors
from .distances import (
    EUCLIDEAN_METRICS,
    MATRIX_PRODUCT_METRICS,
    check_defined,
    condition,
    precise_distances,
    rounding,
    sklearn_name,
)
from .partitioned_search import partitioned_neighbors
from .search_costs import cheapest_search
from .threads import few_threads

# A GPU compares all pairs of so many rows in less time than pynndescent takes.
_MOST_COMPARED = 1_000_000


def nearest_neighbors(
    X, n_neighbors, *, metric, random_state, n_jobs=None, search_on_gpu=None
):
    """Find the nearest other rows of each row.

    Without a GPU the choice between exact search, a partition and pynndescent depends
    on the shape of the data and the metric alone, so that the same call gives the same
    bits.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    n_neighbors : int
        Number of other rows, less than `n_samples`.
    metric : str
        One of `distances.METRICS`.
    random_state : numpy.random.RandomState
        Source of what an approximate search draws.
    n_jobs : int, default=None
        Threads of exact search; pynndescent's result depends on their number, so it
        always has one.
    search_on_gpu : callable, default=None
        Takes dense rows and `n_neighbors`, returns indices and Euclidean distances.
        It serves where exact search would take long, up to a million rows.

    Returns
    -------
    Neighbors of shape (n_samples, n_neighbors)
        Other rows and their distances, float64, the nearest first.

    Raises
    ------
    ValueError
        If the metric is not defined for some rows, such as constant ones.
    """
    metric = sklearn_name(metric)
    scaled, scale = condition(X, metric)
    search = cheapest_search(X, metric)
    can_compare = metric in EUCLIDEAN_METRICS and not sparse.issparse(X)
    can_compare &= search != "exact" and X.shape[0] <= _MOST_COMPARED
    if search_on_gpu and can_compare:
        indices, distances = search_on_gpu(scaled, n_neighbors)
    elif search == "exact":
        indices, distances = exact_neighbors(scaled, n_neighbors, metric, n_jobs)
    elif search == "partitioned":
        indices, distances = partitioned_neighbors(scaled, n_neighbors, random_state)
    else:
        indices, distances = _approximate(scaled, n_neighbors, metric, random_state)
    return Neighbors(indices, distances.astype(np.float64) * scale)


def exact_neighbors(X, n_neighbors, metric, n_jobs):
    """Find the nearest other rows of each row by comparing all, or by a tree.

    Parameters
    ----------
    X, n_neighbors, metric, n_jobs
        As in `nearest_neighbors`.

    Returns
    -------
    indices, distances : ndarray of shape (n_samples, n_neighbors)
        Other rows, the nearest first, and how far they are.

    Raises
    ------
    ValueError
        If the metric is not defined for some rows, such as constant ones.
    """
    search = NearestNeighbors(n_neighbors=n_neighbors, metric=metric, n_jobs=n_jobs)
    with few_threads(X.shape[0]):
        distances, indices = search.fit(X).kneighbors()
    check_defined(distances, metric)
    if metric in MATRIX_PRODUCT_METRICS:
        return _measured_again(X, indices, distances, metric)
    return indices, distances


def _measured_again(X, indices, distances, metric):
    """Measure precisely what may be no more than the rounding of a matrix product.

    That of a row's copies would be the scale of its weights.
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


def stored_neighbors(distances, n_neighbors=None):
    """Take the nearest neighbours that a matrix of distances stores.

    A stored zero is a neighbour at distance zero, an entry that is not stored is
    no neighbour; a dense matrix stores them all.

    Parameters
    ----------
    distances : {ndarray, sparse matrix} of shape (n_queries, n_samples)
        Distances to some of the training rows.
    n_neighbors : int, default=None
        How many to keep of each row; None keeps all.

    Returns
    -------
    Neighbors of shape (n_queries, largest number kept)
        The nearest first; shorter lists end in infinite distances.

    Raises
    ------
    ValueError
        If a distance is negative.
    """
    graph = distances if sparse.issparse(distances) else _stored_whole(distances)
    if graph.data.min(initial=0.0) < 0:
        raise ValueError(
            "affinity='precomputed_nearest_neighbors' takes distances, got negative "
            f"ones (smallest {graph.data.min():.3g}): affinities are for "
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


def others(neighbors):
    """Leave each training row out of its own list, in which it has counted.

    Parameters
    ----------
    neighbors : Neighbors of shape (n_samples, n_neighbors)
        Neighbours of the training rows among themselves.

    Returns
    -------
    Neighbors of shape (n_samples, largest number of other rows)
        The others, the nearest first.
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


def _stored_whole(distances):
    """Store a dense matrix with its zeros, which scipy would leave out."""
    n_rows, n_columns = distances.shape
    columns = np.tile(np.arange(n_columns), n_rows)
    starts = np.arange(n_rows + 1) * n_columns
    return sparse.csr_matrix((distances.ravel(), columns, starts), distances.shape)


def _approximate(X, n_neighbors, metric, random_state):
    from pynndescent import NNDescent

    seed = random_state.randint(np.iinfo(np.int32).max)
    X = X.astype(np.float32)
    index = NNDescent(
        X,
        metric=metric,
        n_neighbors=n_neighbors + 1,
        random_state=seed,
        n_jobs=1,  # its result depends on the number of threads
    )
    with np.errstate(invalid="ignore"):
        indices, distances = _without_self(*index.neighbor_graph)
    check_defined(distances, metric)
    unfilled = np.flatnonzero((indices < 0).any(axis=1))
    if len(unfilled):
        found, found_distances = index.query(X[unfilled], k=n_neighbors + 1)
        found, found_distances = _without_self(found, found_distances, rows=unfilled)
        indices[unfilled], distances[unfilled] = found, found_distances
    if (indices < 0).any():
        raise ValueError(
            f"pynndescent found fewer than n_neighbors={n_neighbors} neighbours for "
            f"some rows under metric={metric!r}: lower n_neighbors, or choose "
            "another metric."
        )
    return indices, distances


def _without_self(indices, distances, rows=None):
    """Drop each row from its own list, or the last entry where it is absent."""
    rows = np.arange(len(indices)) if rows is None else rows
    other = indices != rows[:, None]
    other[other.all(axis=1), -1] = False
    # Two entries of one row are never both itself, so each row loses exactly one.
    shape = len(indices), indices.shape[1] - 1
    return indices[other].reshape(shape), distances[other].reshape(shape)
