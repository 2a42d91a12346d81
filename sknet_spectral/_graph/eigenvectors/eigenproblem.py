"""The symmetric eigenproblem of a Laplacian, and the products that Lanczos uses.

Lanczos finds the largest eigenvalues fastest. Three products turn the lowest
eigenvalues of S into the largest: with ``bound I - S``, with a polynomial of S, and
with the inverse of S.
"""

from functools import cached_property, partial

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse.linalg import splu

from ..arrays import Floats, Matrix, Product, is_sparse
from ..steps import Report, report_calls, report_nothing
from .meshes import has_sparse_factors
from .symmetric_form import SymmetricForm

# The polynomial's interval starts beyond the wanted eigenvalues by this share of the
# spectrum. At its very start, an eigenvalue would vanish in the polynomial's ripples.
_MARGIN = 1e-2
# Logarithm of the Chebyshev polynomial's value at the lowest eigenvalue, and its
# largest degree. A steeper polynomial would drown the eigenvalues near the cut.
_GROWTH = 2.7
_MAX_DEGREE = 10
# In units of the bound; this shift makes the factored matrix definite.
_SHIFT = 1e-10


class Eigenproblem:
    """The lowest eigenpairs of a positive semi-definite S outside its null space.

    Parameters
    ----------
    S : SymmetricForm of shape (n_nodes, n_nodes)
        The matrix.
    null : ndarray of shape (n_nodes, n_null)
        Orthonormal basis of the null space.
    report : callable, default=report_nothing
        Takes the number of products since the last call.
    """

    def __init__(
        self, S: SymmetricForm, null: Floats, report: Report = report_nothing
    ) -> None:
        self.S, self.null, self.report = S, null, report

    @property
    def bound(self) -> float:
        """Upper bound of the eigenvalues."""
        return self.S.bound

    @cached_property
    def matrix(self) -> Matrix:
        """The entries of S, which all solvers except Lanczos need."""
        return self.S.matrix()

    @cached_property
    def inverse(self) -> Product | None:
        """The product with the inverse of S, or None if its factors would be large."""
        if not has_sparse_factors(self.S.W):
            return None
        shift = _SHIFT * self.bound * sparse.identity(self.S.shape[0])
        return splu(
            sparse.csc_matrix(self.matrix + shift),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        ).solve

    @property
    def is_dense(self) -> bool:
        """Whether the matrix is stored whole."""
        return not is_sparse(self.S.W)

    def factor(self) -> Product:
        """Factor a dense S, and return the product with its inverse.

        The factors cost as much as a few hundred products with a vector. If many
        eigenvalues lie near zero, Lanczos needs tens of thousands. On the kernel of
        6,000 rows the factors took half a minute, Lanczos alone more than ten.
        """
        S = self.S.matrix()
        S[np.diag_indices_from(S)] += _SHIFT * self.bound
        # The transpose of a symmetric matrix is factored in place.
        factor = cho_factor(S.T, lower=True, overwrite_a=True, check_finite=False)
        inverse = partial(cho_solve, factor, check_finite=False)
        self.inverse = inverse
        return report_calls(inverse, self.report)

    def multiply_flipped(self, x: Floats) -> Floats:
        """Multiply a vector by ``bound I - S``."""
        self.report(1)
        return self.bound * x - self.S @ x

    def amplify(self, values: Floats, n_pairs: int) -> tuple[Product, float]:
        """Return a product that makes the lowest eigenvalues large and far apart.

        It is the product with the inverse if there is one, otherwise with a polynomial
        of S.

        Parameters
        ----------
        values : ndarray of shape (n_values,)
            At least `n_pairs` Ritz values in ascending order; the others are guards.
            The inverse needs none.
        n_pairs : int
            Number of wanted pairs.

        Returns
        -------
        product : callable
            Multiplies a vector.
        scale : float
            The tolerance for this product, divided by the tolerance for S.
        """
        if self.inverse is not None:
            return report_calls(self.inverse, self.report), 1.0
        last = values[n_pairs - 1]
        cut = max(values[-1], last + _MARGIN * (self.bound - last))
        degree, product = chebyshev(self.S, values[0], min(cut, self.bound), self.bound)
        return report_calls(product, self.report), degree


def chebyshev(
    S: SymmetricForm,
    lowest: float,
    cut: float,
    bound: float,
    *,
    growth: float = _GROWTH,
    max_degree: int = _MAX_DEGREE,
) -> tuple[int, Product]:
    """Return the degree of a Chebyshev polynomial of S and its product with a vector.

    The polynomial stays within [-1, 1] from the cut to the bound and grows below the
    cut (Zhou and Saad, SIAM J. Matrix Anal. Appl. 29, 2007). Lanczos then separates the
    wanted eigenvalues in fewer steps. That saves time although each step multiplies
    more often, because the orthogonalisation costs more than the products.

    Parameters
    ----------
    S : SymmetricForm of shape (n_nodes, n_nodes)
        The matrix.
    lowest : float
        Its lowest eigenvalue, roughly.
    cut, bound : float
        The ends of the interval.
    growth : float
        Logarithm of the polynomial's value at the lowest eigenvalue, at most.
    max_degree : int
        Largest degree.

    Returns
    -------
    degree : int
        Degree of the polynomial.
    multiply : callable
        Multiplies a vector, or several, by the polynomial of S.
    """
    center = (bound + cut) / 2
    radius = max(bound - center, np.finfo(np.float64).eps * bound)
    of_degree_one = np.arccosh(max((center - lowest) / radius, 1.0))
    degree = max(int(growth / max(of_degree_one, growth / max_degree)), 1)

    def multiply(x: Floats) -> Floats:
        before, now = x, (center * x - S @ x) / radius
        for _ in range(degree - 1):
            before, now = now, 2 / radius * (center * now - S @ now) - before
        return now

    return degree, multiply
