"""Pairs of rows that belong together, for the Siamese network."""

import numpy as np
from scipy import sparse

from .affinity import neighbor_edges


def neighbor_pairs(neighbors):
    """Pair each row with each of its neighbours.

    Parameters
    ----------
    neighbors : Neighbors of shape (n_samples, n_neighbors)
        Neighbours of each row.

    Returns
    -------
    ndarray of shape (n_pairs, 2)
        The pairs.
    """
    rows, columns, _ = neighbor_edges(neighbors)
    return np.column_stack([rows, columns])


def mutual_pairs(neighbors):
    """Pair the rows that are neighbours of each other.

    Parameters
    ----------
    neighbors : Neighbors of shape (n_samples, n_neighbors)
        Neighbours of each row.

    Returns
    -------
    ndarray of shape (n_pairs, 2)
        The pairs; all neighbours where no two are mutual.
    """
    pairs = neighbor_pairs(neighbors)
    n_samples = len(neighbors.indices)
    ones = np.ones(len(pairs))
    directed = sparse.csr_matrix((ones, pairs.T), shape=(n_samples, n_samples))
    mutual = directed.multiply(directed.T).tocoo()
    return np.column_stack([mutual.row, mutual.col]) if mutual.nnz else pairs


PAIRS = {"nearest_neighbors": neighbor_pairs, "mutual_neighbors": mutual_pairs}
