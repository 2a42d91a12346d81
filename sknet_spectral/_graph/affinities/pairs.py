"""Pairs of rows that belong together, for the Siamese network."""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from ..arrays import Integers, Matrix
from ..search.neighbors import NeighborOptions
from .affinity import neighbor_edges
from .construction import effective_neighbors
from .parameter_free import reduce_graph


def neighbor_pairs(X: Matrix, options: NeighborOptions) -> Integers:
    """Pair each row with each of its neighbours.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows.
    options : NeighborOptions
        How to search. The number of neighbours is limited to what the data allow.

    Returns
    -------
    ndarray of shape (n_pairs, 2)
        The pairs.
    """
    count = effective_neighbors(options.n_neighbors, X.shape[0])
    neighbors = options.search(X, count)
    rows, columns, _ = neighbor_edges(neighbors)
    return np.column_stack([rows, columns])


def mutual_pairs(X: Matrix, options: NeighborOptions) -> Integers:
    """Pair the rows that are neighbours of each other.

    Parameters
    ----------
    X, options
        As in `neighbor_pairs`.

    Returns
    -------
    ndarray of shape (n_pairs, 2)
        The pairs. If no two rows are mutual neighbours, all pairs of neighbours.
    """
    pairs = neighbor_pairs(X, options)
    directed = sparse.csr_matrix((np.ones(len(pairs)), pairs.T), (X.shape[0],) * 2)
    mutual = directed.multiply(directed.T).tocoo()
    return np.column_stack([mutual.row, mutual.col]) if mutual.nnz else pairs


def parameter_free_pairs(X: Matrix, options: NeighborOptions) -> Integers:
    """Pair each row with those within its reach in the parameter-free graph.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows.
    options : NeighborOptions
        The number of neighbours is not used.

    Returns
    -------
    ndarray of shape (n_pairs, 2)
        The pairs.
    """
    graph = reduce_graph(
        X, metric=options.metric, n_jobs=options.n_jobs, report=options.report
    )
    rows, columns, _ = neighbor_edges(graph.close_neighbors)
    return np.column_stack([rows, columns])


PAIRS: dict[str, Callable[[Matrix, NeighborOptions], Integers]] = {
    "nearest_neighbors": neighbor_pairs,
    "mutual_neighbors": mutual_pairs,
    "parameter_free": parameter_free_pairs,
}
