"""The nearest neighbours of every row among those that a matrix has distances to."""

import numpy as np
from scipy import sparse

from ..arrays import Floats, Matrix, Neighbors, is_sparse


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
