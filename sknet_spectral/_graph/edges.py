"""The edges of a graph: as a list, and without loops."""

import numpy as np
from scipy import sparse

from .arrays import Floats, Integers, Matrix, is_sparse


def edges_of(W: Matrix) -> tuple[Integers, Floats]:
    """List the edges of a graph, each once.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Symmetric affinities.

    Returns
    -------
    ends : ndarray of shape (n_edges, 2)
        The nodes that each edge joins.
    weights : ndarray of shape (n_edges,)
        Their affinities.
    """
    upper = sparse.triu(W, k=1).tocoo()
    return np.column_stack([upper.row, upper.col]), upper.data


def without_diagonal(W: Matrix) -> Matrix:
    """Leave out loops, and stored zeros.

    Parameters
    ----------
    W : {ndarray, sparse matrix} of shape (n_nodes, n_nodes)
        Affinities.

    Returns
    -------
    {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        The affinities in float64; a sparse matrix may share its entries with W.
    """
    if not is_sparse(W):
        W = np.array(W, dtype=np.float64)
        np.fill_diagonal(W, 0.0)
        return W
    W = sparse.csr_matrix(W, dtype=np.float64)
    if W.diagonal().any() or (W.data == 0).any():
        W = sparse.csr_matrix(W - sparse.diags(W.diagonal()))
        W.eliminate_zeros()
    return W
