"""The symmetric matrix of the Laplacian's eigenproblem, multiplied without its copy."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import LinearOperator

from .threads import allowed_threads

# Entries of a block of rows, whose product takes about 10 ms. Of fewer entries two
# threads multiply no faster than one.
_BLOCK_ENTRIES = 2**22


class SymmetricForm(LinearOperator):
    """M^-1/2 (D - W) M^-1/2, multiplied without a copy of W, which is large.

    Nodes without mass come after all others: each is an eigenvector of 1.5 `bound`.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Affinities, the diagonal zero.
    degrees : ndarray of shape (n_nodes,)
        Diagonal of D.
    inverse_root : ndarray of shape (n_nodes,)
        Diagonal of M^-1/2, zero without mass.
    bound : float
        Upper bound of the eigenvalues, of nodes with mass. The attribute bounds all.
    """

    def __init__(self, W, degrees, inverse_root, bound):
        super().__init__(np.float64, W.shape)
        self.W, self.inverse_root = W, inverse_root
        own = degrees * inverse_root**2
        self.bound = bound if inverse_root.all() else 1.5 * bound
        self.own = np.where(inverse_root > 0, own, self.bound)
        self._blocks = _row_blocks(W)

    def _matvec(self, x):
        x = x.ravel()
        scaled, product = self.inverse_root * x, np.empty(len(x))

        def multiply(block):
            rows, entries = block
            product[rows] = self.own[rows] * x[rows]
            product[rows] -= self.inverse_root[rows] * (entries @ scaled)

        if len(self._blocks) == 1:
            multiply(*self._blocks)
            return product
        # scipy's product takes neither BLAS nor OpenMP, so that nothing is limited.
        with ThreadPoolExecutor(allowed_threads()) as pool:
            for _ in pool.map(multiply, self._blocks):
                pass
        return product

    def matrix(self):
        """Return the entries, which all solvers but Lanczos need."""
        if sparse.issparse(self.W):
            scaling = sparse.diags(self.inverse_root)
            return sparse.csr_matrix(
                sparse.diags(self.own) - scaling @ self.W @ scaling
            )
        S = self.inverse_root[:, None] * self.W
        S *= -self.inverse_root
        np.fill_diagonal(S, self.own)
        return S


def _row_blocks(W):
    """Cut a matrix into blocks of rows for threads, their entries not copied."""
    if not sparse.issparse(W) or allowed_threads() == 1:
        return [(slice(None), W)]
    n_blocks = 1 + W.nnz // _BLOCK_ENTRIES
    cuts = np.searchsorted(W.indptr, np.linspace(0, W.nnz, n_blocks + 1)[1:-1])
    cuts = [0, *cuts, W.shape[0]]
    return [(slice(*rows), _rows_in_place(W, *rows)) for rows in pairwise(cuts)]


def _rows_in_place(W, start, stop):
    block = sparse.csr_matrix((stop - start, W.shape[1]), dtype=W.dtype)
    # Not by the constructor, which copies a view of less than half an array.
    block.indptr = W.indptr[start : stop + 1] - W.indptr[start]
    entries = slice(W.indptr[start], W.indptr[stop])
    block.indices, block.data = W.indices[entries], W.data[entries]
    return block
