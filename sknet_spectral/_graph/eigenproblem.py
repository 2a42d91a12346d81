"""The symmetric eigenproblem of a Laplacian, and the products that Lanczos works on.

Lanczos finds the largest eigenvalues fastest. Three products turn the lowest ones of S
into these: with ``bound I - S``, with a polynomial of S, and with the inverse of S.
"""

from functools import cached_property, partial

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse.csgraph import reverse_cuthill_mckee
from scipy.sparse.linalg import splu

from .symmetric_form import SymmetricForm

# A share of the spectrum beyond the wanted eigenvalues that the polynomial's interval
# leaves out: where it begins, an eigenvalue is one of its ripples.
_MARGIN = 1e-2
# Logarithm of what a Chebyshev polynomial makes of the lowest eigenvalue, and its
# largest degree. A steeper one leaves nothing of the eigenvalues near the cut.
_GROWTH = 2.7
_MAX_DEGREE = 10
# Meshes, pixels, roads and rings have sparse factors: their nodes have few edges, and
# can be numbered so that neighbours differ by a small multiple of the root of n_nodes.
_MAX_FACTORED_DEGREE = 12
_MAX_FACTORED_BANDWIDTH = 8
# Of the bound; it makes the factored matrix definite.
_SHIFT = 1e-10


class Eigenproblem:
    """The lowest eigenpairs of a positive semi-definite S outside its null space.

    Parameters
    ----------
    S : {ndarray, csr_matrix, SymmetricForm} of shape (n_nodes, n_nodes)
        Symmetric positive semi-definite matrix.
    null : ndarray of shape (n_nodes, n_null)
        Orthonormal basis of the null space.
    bound : float
        Upper bound of the eigenvalues.
    """

    def __init__(self, S, null, bound):
        self.S, self.null, self.bound = S, null, bound

    @property
    def entries(self):
        """The matrix, or the affinities that it is made of."""
        return self.S.W if isinstance(self.S, SymmetricForm) else self.S

    @cached_property
    def matrix(self):
        """S with its entries, which all solvers but Lanczos need."""
        return self.S.matrix() if isinstance(self.S, SymmetricForm) else self.S

    @cached_property
    def inverse(self):
        """Product with the inverse of S, or None if its factors would be large."""
        if not (sparse.issparse(self.entries) and _has_sparse_factors(self.entries)):
            return None
        shift = _SHIFT * self.bound * sparse.identity(self.S.shape[0])
        return splu(
            sparse.csc_matrix(self.matrix + shift),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        ).solve

    @property
    def is_dense(self):
        """Whether the matrix is stored whole."""
        return not sparse.issparse(self.entries)

    def factor(self):
        """Factor a dense S, which `amplified` then uses.

        The factors cost as much as a few hundred products with a vector. Where many
        eigenvalues lie near zero Lanczos needs tens of thousands: of the kernel of
        6,000 rows it took more than ten minutes, not half a minute.
        """
        is_form = isinstance(self.S, SymmetricForm)
        S = self.S.matrix() if is_form else self.S.copy()
        S[np.diag_indices_from(S)] += _SHIFT * self.bound
        # The transpose of what is symmetric is factored in place.
        factor = cho_factor(S.T, lower=True, overwrite_a=True, check_finite=False)
        self.inverse = partial(cho_solve, factor, check_finite=False)

    def flipped(self, x):
        """Multiply a vector by ``bound I - S``."""
        return self.bound * x - self.S @ x

    def amplified(self, values, n_pairs):
        """Return a product in which the lowest eigenvalues are large and far apart.

        It is that with the inverse if there is one, else with a polynomial of S.

        Parameters
        ----------
        values : ndarray of shape (n_values,)
            Ritz values in ascending order, at least `n_pairs`. Those beyond are guards.
        n_pairs : int
            Number of wanted pairs.

        Returns
        -------
        product : callable
            Multiplies a vector.
        scale : float
            Tolerance for this product over the tolerance for S.
        """
        if self.inverse is not None:
            return self.inverse, 1.0
        last = values[n_pairs - 1]
        cut = max(values[-1], last + _MARGIN * (self.bound - last))
        degree, product = chebyshev(self.S, values[0], min(cut, self.bound), self.bound)
        return product, degree


def _has_sparse_factors(W):
    n_nodes = W.shape[0]
    if W.nnz > _MAX_FACTORED_DEGREE * n_nodes:
        return False
    order = reverse_cuthill_mckee(sparse.csr_matrix(W), symmetric_mode=True)
    position = np.empty(n_nodes, dtype=np.int64)
    position[order] = np.arange(n_nodes)
    edges = W.tocoo()
    bandwidth = np.abs(position[edges.row] - position[edges.col]).max(initial=0)
    return bandwidth <= _MAX_FACTORED_BANDWIDTH * np.sqrt(n_nodes)


def chebyshev(S, lowest, cut, bound):
    """Return the degree of a Chebyshev polynomial of S and its product with a vector.

    Its values are within 1 from the cut to the bound and grow below (Zhou and Saad,
    SIAM J. Matrix Anal. Appl. 29, 2007): Lanczos tells the wanted eigenvalues apart in
    fewer steps, and its orthogonalisation costs more than the products of a step.

    Parameters
    ----------
    S : {ndarray, csr_matrix, SymmetricForm} of shape (n_nodes, n_nodes)
        The matrix.
    lowest : float
        Its lowest eigenvalue, roughly.
    cut, bound : float
        The interval.

    Returns
    -------
    degree : int
        Degree of the polynomial.
    filtered : callable
        Multiplies a vector by the polynomial of S.
    """
    center = (bound + cut) / 2
    radius = max(bound - center, np.finfo(np.float64).eps * bound)
    growth = np.arccosh(max((center - lowest) / radius, 1.0))
    degree = max(int(_GROWTH / max(growth, _GROWTH / _MAX_DEGREE)), 1)

    def filtered(x):
        before, now = x, (center * x - S @ x) / radius
        for _ in range(degree - 1):
            before, now = now, 2 / radius * (center * now - S @ now) - before
        return now

    return degree, filtered
