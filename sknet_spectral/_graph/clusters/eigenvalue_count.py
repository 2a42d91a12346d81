"""How many clusters a graph has, by its eigenvalues: they stop being alike.

Source: Alshammari, Stavrakakis and Takatsuka, "A parameter-free graph reduction for
spectral clustering and SpectralNet", Array 15, 2022.
"""

import numpy as np
from scipy import sparse

from ..arrays import Floats
from ..components import connected_components
from .eigengap import MAX_CLUSTERS, eigengap

# Numbers whose relative difference is below this count as equal.
_ROUNDING = 1e-7


def number_of_clusters(W: sparse.csr_matrix, eigenvalues: Floats) -> int:
    """Choose the number of clusters at which the eigenvalues stop being alike.

    The number starts at the number of components. It grows as long as the next
    eigenvalue raises the mean of the non-zero eigenvalues by at most their standard
    deviation.

    Parameters
    ----------
    W : csr_matrix of shape (n_samples, n_samples)
        Symmetric affinities.
    eigenvalues : ndarray of shape (n_eigenvalues,)
        The 22 lowest eigenvalues of the normalised Laplacian, or all if there are
        fewer, in ascending order.

    Returns
    -------
    int
        Number of clusters. If it would grow beyond 20, the number of components is
        returned instead. If the result would be one, the largest eigengap determines
        it, which was right far more often on connected graphs.
    """
    _, labels = connected_components(W)
    n_components = max(1, int(np.count_nonzero(np.bincount(labels) > 1)))
    n_clusters = n_components
    end = min(MAX_CLUSTERS + 1, len(eigenvalues) - 1)
    for r in range(n_components + 1, end):
        alike = eigenvalues[n_components : r + 1]
        longer = eigenvalues[n_components : r + 2]
        if alike.mean() + alike.std(ddof=1) < longer.mean() * (1 - _ROUNDING):
            break
        n_clusters = r
    else:
        n_clusters = n_components
    return n_clusters if n_clusters > 1 else eigengap(eigenvalues)
