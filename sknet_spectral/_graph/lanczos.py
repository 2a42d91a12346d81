"""Lanczos's method: the largest eigenvalues of a product."""

import math

import numpy as np
from scipy.sparse.linalg import (
    ArpackError,
    ArpackNoConvergence,
    LinearOperator,
    eigsh,
)

# Vectors that Lanczos keeps, at least. Four a pair are no faster than two.
_MIN_BASIS = 30
# Restarts of Lanczos before it gives up, and starting vectors that it tries.
_MAX_RESTARTS = 300
_MAX_STARTS = 3


def largest_eigenvectors(
    product, known, n_pairs, tol, random_state, start=None, max_products=None
):
    """Find the eigenvectors of the largest eigenvalues outside the span of known bases.

    Parameters
    ----------
    product : callable
        Multiplies a vector of shape (n_nodes,) by a symmetric matrix.
    known : sequence of ndarray of shape (n_nodes, n_known)
        Orthonormal bases.
    n_pairs : int
        Number of wanted vectors.
    tol : float
        Residual at which to stop, relative to the eigenvalue.
    random_state : numpy.random.RandomState
        Source of a starting vector.
    start : ndarray of shape (n_nodes,), default=None
        A starting vector.
    max_products : float, default=None
        Products after which to give up, about; None stands for many restarts.

    Returns
    -------
    ndarray of shape (n_nodes, n_pairs) or None
        The eigenvectors; None if they were not found.
    """
    max_restarts = _MAX_RESTARTS
    if max_products is not None:
        n_kept = _basis_size(len(known[0]), n_pairs)
        max_restarts = math.ceil(max_products / (n_kept - n_pairs))
    for _ in range(_MAX_STARTS):
        try:
            return _implicitly_restarted(
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


def coarse_values(product, known, n_values, random_state):
    """Return the largest Ritz values after one sweep, None if they were not found.

    Parameters
    ----------
    product, known, random_state
        As in `largest_eigenvectors`.
    n_values : int
        Number of wanted values.

    Returns
    -------
    ndarray of shape (n_values,) or None
        In ascending order, none above the eigenvalue of its rank.
    """
    try:
        # With a tolerance of 1 nothing is restarted.
        return _implicitly_restarted(
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


def outside(known, x):
    """Project a vector on what is orthogonal to known bases."""
    for basis in known:
        x = x - basis @ (basis.T @ x)
    return x


def _implicitly_restarted(
    product, known, n_pairs, tol, random_state, start=None, **options
):
    n_nodes = len(known[0])
    start = random_state.standard_normal(n_nodes) if start is None else start

    def projected(x):
        # On both sides: what the product brings back of known vectors would grow.
        return outside(known, product(outside(known, x)))

    return eigsh(
        LinearOperator((n_nodes, n_nodes), matvec=projected, dtype=np.float64),
        k=n_pairs,
        which="LA",
        tol=tol,
        v0=outside(known, start),
        ncv=_basis_size(n_nodes, n_pairs),
        **options,
    )


def _basis_size(n_nodes, n_pairs):
    return min(n_nodes, max(2 * n_pairs, _MIN_BASIS))
