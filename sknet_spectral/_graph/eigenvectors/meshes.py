"""Graphs whose Laplacian has sparse factors.

They are meshes, such as pixels, roads or rings, and chains, such as the neighbours of
rows along a line or a curve.
"""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import reverse_cuthill_mckee

from ..arrays import Matrix, is_sparse

# The nodes of a mesh have few edges, and can be numbered so that neighbours differ by a
# small multiple of sqrt(n_nodes).
_MAX_DEGREE, _MAX_BANDWIDTH = 12, 8
# Neighbours in a chain differ by at most this, however many edges and nodes there are.
_MAX_WIDTH = 256
# Most other graphs are told apart by these rows alone.
_N_ROWS = 1000


def is_mesh(W: Matrix) -> bool:
    """Tell whether a graph is a mesh.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Symmetric affinities.

    Returns
    -------
    bool
        Whether it is. A dense graph never is.
    """
    return is_sparse(W) and _has_few_edges(W) and has_sparse_factors(W)


def has_sparse_factors(W: Matrix) -> bool:
    """Tell whether a graph is a mesh or a chain.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Symmetric affinities.

    Returns
    -------
    bool
        Whether it is. A dense graph never is.
    """
    if not is_sparse(W):
        return False
    side = np.sqrt(W.shape[0])
    # A chain of few edges is a mesh too.
    limit = _MAX_BANDWIDTH * side if _has_few_edges(W) else min(_MAX_WIDTH, side)
    return _has_bandwidth(W, limit)


def _has_few_edges(W: sparse.csr_matrix) -> bool:
    return W.nnz <= _MAX_DEGREE * W.shape[0]


def _has_bandwidth(W: sparse.csr_matrix, limit: float) -> bool:
    """Tell whether the nodes can be numbered so that neighbours differ by no more."""
    n_nodes = W.shape[0]
    order = reverse_cuthill_mckee(sparse.csr_matrix(W), symmetric_mode=True)
    position = np.empty(n_nodes, dtype=np.int64)
    position[order] = np.arange(n_nodes)
    some = np.linspace(0, n_nodes - 1, min(_N_ROWS, n_nodes)).astype(np.int64)
    if _bandwidth(W[some], position[some], position) > limit:
        return False
    return bool(_bandwidth(W, position, position) <= limit)


def _bandwidth(W: sparse.csr_matrix, own: np.ndarray, position: np.ndarray) -> int:
    edges = W.tocoo()
    return int(np.abs(own[edges.row] - position[edges.col]).max(initial=0))
