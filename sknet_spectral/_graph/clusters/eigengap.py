"""The number of clusters by the largest gap between eigenvalues."""

import numpy as np

from ..arrays import Floats

# The largest number of clusters that a rule can choose.
MAX_CLUSTERS = 20


def eigengap(eigenvalues: Floats) -> int:
    """Count the eigenvalues before the largest gap (von Luxburg, 2007).

    Parameters
    ----------
    eigenvalues : ndarray of shape (n_eigenvalues,)
        Eigenvalues in ascending order; the first 21 are used.

    Returns
    -------
    int
        Number of clusters, at most 20.
    """
    return int(np.diff(eigenvalues[: MAX_CLUSTERS + 1]).argmax()) + 1
