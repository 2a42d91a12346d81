"""Lanczos's method: the largest eigenvalues of a product."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse.linalg import (
    ArpackError,
    ArpackNoConvergence,
    LinearOperator,
    eigsh,
)

from ..arrays import Floats, Product

# Lanczos keeps at least this many vectors, or fewer for a single pair, whose value is
# compared long before it is exact. Four per pair are no faster than two.
_MIN_BASIS, _BASIS_OF_ONE = 30, 10
# Number of restarts before Lanczos gives up, and of starting vectors that it tries.
_MAX_RESTARTS = 300
_MAX_STARTS = 3


def largest_eigenvectors(
    product: Product,
    known: Sequence[Floats],
    n_pairs: int,
    tol: float,
    random_state: np.random.RandomState,
    start: Floats | None = None,
    max_products: float | None = None,
) -> Floats | None:
    """Find the eigenvectors of the largest eigenvalues outside the span of known bases.

    Parameters
    ----------
    product : callable
        Multiplies a vector of shape (n_nodes,) by a symmetric matrix.
    known : sequence of ndarray of shape (n_nodes, n_known)
        Orthonormal bases of the known spans.
    n_pairs : int
        Number of wanted vectors.
    tol : float
        Residual at which to stop, relative to the eigenvalue.
    random_state : numpy.random.RandomState
        Source of starting vectors.
    start : ndarray of shape (n_nodes,), default=None
        A starting vector.
    max_products : float, default=None
        Products after which to give up, about; None stands for many restarts.

    Returns
    -------
    ndarray of shape (n_nodes, n_pairs) or None
        The eigenvectors, or None if they were not found.
    """
    max_restarts = _MAX_RESTARTS
    if max_products is not None:
        n_kept = _basis_size(len(known[0]), n_pairs)
        restarts = math.ceil(max_products / (n_kept - n_pairs))
        max_restarts = min(restarts, _MAX_RESTARTS)
    for _ in range(_MAX_STARTS):
        try:
            return _run_arpack(
                product,
                known,
                n_pairs,
                tol,
                random_state,
                start,
                maxiter=max_restarts,
            )[1]
        except ArpackNoConvergence:
            return None
        except ArpackError:  # the start lies in too small an invariant space
            start = None
    return None


def coarse_values(
    product: Product,
    known: Sequence[Floats],
    n_values: int,
    random_state: np.random.RandomState,
) -> Floats | None:
    """Return the largest Ritz values after one sweep, or None if there are none.

    Parameters
    ----------
    product, known, random_state
        As in `largest_eigenvectors`.
    n_values : int
        Number of wanted values.

    Returns
    -------
    ndarray of shape (n_values,) or None
        Lower bounds of the largest eigenvalues, in ascending order.
    """
    try:
        # With a tolerance of 1 nothing is restarted.
        return _run_arpack(
            product,
            known,
            n_values,
            1,
            random_state,
            maxiter=_MAX_RESTARTS,
            return_eigenvectors=False,
        )
    except ArpackError:
        return None


def outside(known: Sequence[Floats], x: Floats) -> Floats:
    """Project a vector on the orthogonal complement of known spans."""
    for basis in known:
        x = x - basis @ (basis.T @ x)
    return x


def _run_arpack(
    product: Product,
    known: Sequence[Floats],
    n_pairs: int,
    tol: float,
    random_state: np.random.RandomState,
    start: Floats | None = None,
    **options: Any,
) -> Any:
    n_nodes = len(known[0])
    start = random_state.standard_normal(n_nodes) if start is None else start

    def multiply(x: Floats) -> Floats:
        # Projecting on both sides removes known vectors that rounding brings back.
        return outside(known, product(outside(known, x)))

    return eigsh(
        LinearOperator((n_nodes, n_nodes), matvec=multiply, dtype=np.float64),
        k=n_pairs,
        which="LA",
        tol=tol,
        v0=outside(known, start),
        ncv=_basis_size(n_nodes, n_pairs),
        **options,
    )


def _basis_size(n_nodes: int, n_pairs: int) -> int:
    return min(n_nodes, max(2 * n_pairs, _BASIS_OF_ONE if n_pairs == 1 else _MIN_BASIS))
