"""Checks of eigenpairs, whatever solver has found them."""

from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh

from .lanczos import largest_eigenvectors, outside

# Residual of an eigenvector, in units of the bound, and the smallest one that rounding
# allows.
AUTO_TOLERANCE = 1e-6
SMALLEST_TOLERANCE = 1e-12
# First tolerance of the look for what was missed; it ends at the solver's own.
_LOOK = 0.1
# An eigenvalue lower than another by less, relative to it, counts as equal.
_EQUAL = 1e-6
# Residual over the gap behind the wanted eigenvalues: the sine of the angle between
# the space found and the eigenspace.
_ANGLE = 1e-3


class CheckedPairs(NamedTuple):
    """Eigenpairs, and how exact they are.

    Attributes
    ----------
    values : ndarray of shape (n_pairs,)
        Eigenvalues in ascending order.
    vectors : ndarray of shape (n_nodes, n_pairs)
        Orthonormal eigenvectors.
    residual : float
        Largest |S v - lambda v| among the pairs.
    gap : float
        Distance from the last eigenvalue to the next one, infinite if unknown.
    is_complete : bool
        Whether no lower eigenvalue is left outside.
    """

    values: np.ndarray
    vectors: np.ndarray
    residual: float
    gap: float
    is_complete: bool


def check_pairs(problem, vectors, tol, random_state):
    """Measure eigenvectors, and add those that their solver has missed.

    Lanczos sees one vector of an eigenspace, and those of a ring come in pairs: what
    is outside the vectors found is searched until it holds no lower eigenvalue.

    Parameters
    ----------
    problem : Eigenproblem
        What they are to solve.
    vectors : ndarray of shape (n_nodes, n_pairs)
        Approximate eigenvectors, linearly independent.
    tol : float
        Tolerance of their solver, in units of the bound.
    random_state : numpy.random.RandomState
        Source of starting vectors.

    Returns
    -------
    CheckedPairs
        The Ritz pairs.
    """
    n_pairs = vectors.shape[1]
    values, vectors = _rayleigh_ritz(problem.S, vectors)
    product, scale = problem.amplify(values, n_pairs)
    tol = scale * tol
    while True:
        known = problem.null, vectors
        next_value = _next_eigenvalue(
            problem, product, known, values[-1], tol, random_state
        )
        is_complete = next_value is not None and (
            next_value >= values[-1] * (1 - _EQUAL) - SMALLEST_TOLERANCE * problem.bound
        )
        if is_complete or next_value is None:
            break
        more = largest_eigenvectors(product, known, n_pairs, tol, random_state)
        if more is None:
            break
        merged, basis = _rayleigh_ritz(problem.S, np.hstack([vectors, more]))
        is_complete = merged[:n_pairs].sum() >= values.sum() - _EQUAL * values[-1]
        if is_complete:
            break  # the solver's own tolerance finds nothing lower
        values, vectors = merged[:n_pairs], basis[:, :n_pairs]
    gap = np.inf if next_value is None else next_value - values[-1]
    residual = _residual(problem.S, values, vectors)
    return CheckedPairs(values, vectors, residual, gap, is_complete)


def needed_residual(pairs, bound):
    """Return the residual up to which pairs are eigenpairs.

    One above the eigenvalues says nothing of them, and one above the gap behind them
    nothing of their space. If there is no gap, the last ones are a cluster of equal
    eigenvalues, and the gap before it counts.

    Parameters
    ----------
    pairs : CheckedPairs
        The pairs.
    bound : float
        Upper bound of the eigenvalues.

    Returns
    -------
    float
        The residual.
    """
    last, gap = pairs.values[-1], pairs.gap
    equal = _EQUAL * bound
    if gap <= equal:
        below = pairs.values[pairs.values < last - equal]
        # Each vector of the cluster takes its share of those below; five to spare.
        n_equal = len(pairs.values) - len(below)
        gap = (last - below.max(initial=0.0)) / (5 * np.sqrt(n_equal))
    needed = min(AUTO_TOLERANCE * bound, 0.1 * last, _ANGLE * max(gap, equal))
    return max(needed, SMALLEST_TOLERANCE * bound)


def _next_eigenvalue(problem, product, known, highest, tol, random_state):
    """Find the lowest eigenvalue outside, as exactly as it takes to tell it apart.

    Return None if nothing was found.
    """
    value, look, start = None, max(_LOOK, tol), None
    while True:
        found = largest_eigenvectors(product, known, 1, look, random_state, start)
        if found is None:
            return value
        start = outside(known, found[:, 0])
        start /= np.linalg.norm(start)
        image = problem.S @ start
        value = start @ image
        residual = np.linalg.norm(image - value * start)
        is_apart = value < highest * (1 - _EQUAL) or value - residual >= highest
        is_exact = residual <= AUTO_TOLERANCE * min(problem.bound, highest)
        if is_apart or is_exact or look <= tol:
            return value
        look = max(look / 10, tol)


def _rayleigh_ritz(S, vectors):
    """Return the Ritz values in a space, in ascending order, and its Ritz vectors."""
    basis = np.linalg.qr(vectors)[0]
    image = np.column_stack([S @ vector for vector in basis.T])
    values, rotation = eigh(basis.T @ image)
    return values, basis @ rotation


def _residual(S, values, vectors):
    """Largest |S v - lambda v| of some pairs."""
    pairs = zip(values, vectors.T, strict=True)
    return max(np.linalg.norm(S @ vector - value * vector) for value, vector in pairs)
