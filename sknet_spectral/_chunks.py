"""Rows in chunks, so that wide rows never fill the memory."""

import numpy as np
from scipy import sparse

# Enough rows for full speed.
_CHUNK_ROWS = 4096
_CHUNK_ENTRIES = 2**24


def chunks(shape: tuple[int, int]) -> list[slice]:
    """Cut an array into chunks of rows.

    Parameters
    ----------
    shape : tuple of int
        Number of rows and of columns.

    Returns
    -------
    list of slice
        The chunks; all but the last have the same length.
    """
    n_rows, n_columns = shape
    size = int(np.clip(_CHUNK_ENTRIES // max(n_columns, 1), 1, _CHUNK_ROWS))
    return [slice(start, start + size) for start in range(0, n_rows, size)]


def product_in_chunks(
    A: np.ndarray | sparse.csr_matrix, B: sparse.csr_matrix
) -> np.ndarray | sparse.csr_matrix:
    """Multiply a matrix, which may fill the memory, by a sparse one.

    scipy copies a dense matrix to multiply it by a sparse one.

    Parameters
    ----------
    A : {ndarray, csr_matrix} of shape (n_rows, n_inner)
        The matrix.
    B : csr_matrix of shape (n_inner, n_columns)
        The sparse matrix.

    Returns
    -------
    {ndarray, csr_matrix} of shape (n_rows, n_columns)
        The product, dense if A is.
    """
    if sparse.issparse(A):
        return A @ B
    return np.vstack([A[rows] @ B for rows in chunks(A.shape)])
