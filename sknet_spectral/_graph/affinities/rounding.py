"""Entries of a matrix that are negative only because they were rounded."""

import numpy as np

from ..arrays import Matrix, is_sparse

# As a share of the largest entry. The cosine distances of copies of a row, as in
# ``1 - cosine_similarity(X)``, are down to -7e-6 of it in single precision.
_ROUNDING = 1e-5


def rounded_to_zero(matrix: Matrix) -> Matrix:
    """Set entries to zero that rounding has put below it.

    Parameters
    ----------
    matrix : {ndarray, csr_matrix}
        Affinities or distances.

    Returns
    -------
    {ndarray, csr_matrix}
        The same object if no entry is negative, or one is by more than rounding.
        Otherwise a copy. Sparse matrices store the zeros.
    """
    entries = matrix.data if is_sparse(matrix) else matrix
    smallest = entries.min(initial=0.0)
    if not -_ROUNDING * entries.max(initial=0.0) <= smallest < 0.0:
        return matrix
    if not is_sparse(matrix):
        return np.maximum(matrix, 0.0)
    matrix = matrix.copy()
    matrix.data = np.maximum(matrix.data, 0.0)
    return matrix
