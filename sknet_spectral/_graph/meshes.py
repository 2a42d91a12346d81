"""Meshes: graphs of pixels, roads or rings, whose Laplacian has sparse factors."""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import reverse_cuthill_mckee

from .arrays import Matrix, is_sparse

# The nodes of a mesh have few edges, and can be numbered so that neighbours differ by a
# small multiple of sqrt(n_nodes).
_MAX_DEGREE, _MAX_BANDWIDTH = 12, 8


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
    n_nodes = W.shape[0]
    if not is_sparse(W) or W.nnz > _MAX_DEGREE * n_nodes:
        return False
    order = reverse_cuthill_mckee(sparse.csr_matrix(W), symmetric_mode=True)
    position = np.empty(n_nodes, dtype=np.int64)
    position[order] = np.arange(n_nodes)
    edges = W.tocoo()
    bandwidth = np.abs(position[edges.row] - position[edges.col]).max(initial=0)
    return bool(bandwidth <= _MAX_BANDWIDTH * np.sqrt(n_nodes))
