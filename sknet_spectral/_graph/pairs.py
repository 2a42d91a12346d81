"""Pairs of rows that belong together, for the Siamese network."""

import numpy as np
from scipy import sparse

from .affinity import neighbor_edges
from .construction import effective_neighbors
from .neighbors import nearest_neighbors
from .parameter_free import reduce_graph


def neighbor_pairs(X, n_neighbors, **search):
    """Pair each row with each of its neighbours.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows.
    n_neighbors : int
        Neighbours of each row, as many as there are at the most.
    **search
        As in `nearest_neighbors`.

    Returns
    -------
    ndarray of shape (n_pairs, 2)
        The pairs.
    """
    n_neighbors = effective_neighbors(n_neighbors, X.shape[0])
    neighbors = nearest_neighbors(X, n_neighbors, **search)
    rows, columns, _ = neighbor_edges(neighbors)
    return np.column_stack([rows, columns])


def mutual_pairs(X, n_neighbors, **search):
    """Pair the rows that are neighbours of each other.

    Parameters
    ----------
    X, n_neighbors, **search
        As in `neighbor_pairs`.

    Returns
    -------
    ndarray of shape (n_pairs, 2)
        The pairs; all neighbours where no two are mutual.
    """
    pairs = neighbor_pairs(X, n_neighbors, **search)
    directed = sparse.csr_matrix((np.ones(len(pairs)), pairs.T), (X.shape[0],) * 2)
    mutual = directed.multiply(directed.T).tocoo()
    return np.column_stack([mutual.row, mutual.col]) if mutual.nnz else pairs


def parameter_free_pairs(X, n_neighbors, *, metric, n_jobs, **search):
    """Pair each row with those within its reach in the parameter-free graph.

    Parameters
    ----------
    X, metric, n_jobs
        As in `reduce_graph`.
    n_neighbors, **search
        Not needed: there is nothing to set and nothing random.

    Returns
    -------
    ndarray of shape (n_pairs, 2)
        The pairs.
    """
    graph = reduce_graph(X, metric=metric, n_jobs=n_jobs)
    rows, columns, _ = neighbor_edges(graph.close_neighbors)
    return np.column_stack([rows, columns])


PAIRS = {
    "nearest_neighbors": neighbor_pairs,
    "mutual_neighbors": mutual_pairs,
    "parameter_free": parameter_free_pairs,
}
