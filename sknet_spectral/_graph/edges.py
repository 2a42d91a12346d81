"""The edges of a graph as a list."""

import numpy as np
from scipy import sparse

from .arrays import Floats, Integers, Matrix


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
