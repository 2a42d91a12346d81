"""The symmetric matrix of the Laplacian's eigenproblem, without a copy of the graph."""

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import LinearOperator

from ..arrays import Floats, Matrix, is_sparse
from ..threads import allowed_threads

# Multiplying a block of as many entries takes about 10 ms. With fewer, two threads are
# no faster than one.
_BLOCK_ENTRIES = 2**22


class SymmetricForm(LinearOperator):
    """M^-1/2 (D - W) M^-1/2 as an operator that does not copy W, which is large.

    Each node without mass is an eigenvector. Its eigenvalue, 1.5 times the given
    `bound`, lies above all others.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Affinities, the diagonal zero.
    degrees : ndarray of shape (n_nodes,)
        Diagonal of D.
    inverse_root : ndarray of shape (n_nodes,)
        Diagonal of M^-1/2, zero for nodes without mass.
    bound : float
        Upper bound of the eigenvalues for nodes with mass.
    block_entries : int
        Number of entries in a block of rows that a thread multiplies.

    Attributes
    ----------
    bound : float
        Upper bound of all eigenvalues.
    coarse_bounds : dict of int to ndarray or None
        Upper bounds of the lowest eigenvalues by their number, once they are known.
    """

    def __init__(
        self,
        W: Matrix,
        degrees: Floats,
        inverse_root: Floats,
        bound: float,
        block_entries: int = _BLOCK_ENTRIES,
    ) -> None:
        super().__init__(np.float64, W.shape)
        self.W, self.inverse_root = W, inverse_root
        own = degrees * inverse_root**2
        self.bound = bound if inverse_root.all() else 1.5 * bound
        self.own = np.where(inverse_root > 0, own, self.bound)
        self.coarse_bounds: dict[int, Floats | None] = {}
        self._blocks = _row_blocks(W, block_entries)

    def _matvec(self, x: Floats) -> Floats:
        return self._multiply(x.ravel(), self.own, self.inverse_root)

    def _matmat(self, X: Floats) -> Floats:
        return self._multiply(X, self.own[:, None], self.inverse_root[:, None])

    def _multiply(self, x: Floats, own: Floats, inverse_root: Floats) -> Floats:
        scaled, product = inverse_root * x, np.empty(x.shape)

        def multiply(block: tuple[slice, Matrix]) -> None:
            rows, entries = block
            product[rows] = own[rows] * x[rows]
            product[rows] -= inverse_root[rows] * (entries @ scaled)

        if len(self._blocks) == 1:
            multiply(*self._blocks)
            return product
        # scipy's product uses neither BLAS nor OpenMP, so their limits do not matter.
        with ThreadPoolExecutor(allowed_threads()) as pool:
            for _ in pool.map(multiply, self._blocks):
                pass
        return product

    def matrix(self) -> Matrix:
        """Return the entries, which all solvers except Lanczos need."""
        if is_sparse(self.W):
            scaling = sparse.diags(self.inverse_root)
            return sparse.csr_matrix(
                sparse.diags(self.own) - scaling @ self.W @ scaling
            )
        S = self.inverse_root[:, None] * self.W
        S *= -self.inverse_root
        np.fill_diagonal(S, self.own)
        return S


def inverse_or_zero(roots: Floats) -> Floats:
    """Invert the roots of masses, or invert them back. Zeros stay zeros.

    Parameters
    ----------
    roots : ndarray of shape (n_nodes,)
        Diagonal of M^1/2 or of M^-1/2, zero for nodes without mass.

    Returns
    -------
    ndarray of shape (n_nodes,)
        Diagonal of the other one.
    """
    return np.divide(1.0, roots, out=np.zeros_like(roots), where=roots > 0)


def _row_blocks(W: Matrix, block_entries: int) -> list[tuple[slice, Matrix]]:
    """Cut a matrix into blocks of rows for threads, without copying entries."""
    n_threads = allowed_threads()
    if not is_sparse(W) or n_threads == 1 or W.nnz < block_entries:
        return [(slice(None), W)]
    # As many for each thread, so that none waits for the last block.
    n_blocks = n_threads * math.ceil(W.nnz / (n_threads * block_entries))
    inner = np.searchsorted(W.indptr, np.linspace(0, W.nnz, n_blocks + 1)[1:-1])
    cuts = [0, *inner, W.shape[0]]
    return [(slice(*rows), _rows_in_place(W, *rows)) for rows in pairwise(cuts)]


def _rows_in_place(W: sparse.csr_matrix, start: int, stop: int) -> sparse.csr_matrix:
    block = sparse.csr_matrix((stop - start, W.shape[1]), dtype=W.dtype)
    # The constructor would copy a view that is less than half of its array.
    block.indptr = W.indptr[start : stop + 1] - W.indptr[start]
    entries = slice(W.indptr[start], W.indptr[stop])
    block.indices, block.data = W.indices[entries], W.data[entries]
    return block
