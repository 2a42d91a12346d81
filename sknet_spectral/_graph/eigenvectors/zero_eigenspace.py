"""The eigenvectors of the eigenvalue zero, which the connected components determine."""

import numpy as np
from scipy import sparse

from ..arrays import Floats, Matrix
from ..components import connected_components


def zero_eigenspace(W: Matrix, mass: Floats, n_vectors: int) -> Floats:
    """Return an orthonormal basis of the indicators of the largest components.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Symmetric affinities.
    mass : ndarray of shape (n_nodes,)
        Masses of the nodes. A component without mass has no vector.
    n_vectors : int
        Maximum number of vectors.

    Returns
    -------
    ndarray of shape (n_nodes, at most n_vectors)
        The vectors of the symmetric form, the constant one first.
    """
    count, labels = connected_components(W)
    root, volumes = np.sqrt(mass), np.bincount(labels, weights=mass)
    order = np.argsort(-volumes, kind="stable")[: np.count_nonzero(volumes)]
    order = order[:n_vectors]
    position = np.full(count, -1)
    position[order] = np.arange(len(order))
    nodes = np.flatnonzero(position[labels] >= 0)
    indicators = sparse.csr_matrix(
        (
            root[nodes] / np.sqrt(volumes[labels[nodes]]),
            (nodes, position[labels[nodes]]),
        ),
        shape=(len(root), len(order)),
    )
    constant = np.sqrt(volumes[order] / volumes[order].sum())
    rotation = np.linalg.qr(np.column_stack([constant, np.eye(len(order))[:, 1:]]))
    return indicators @ rotation[0]
