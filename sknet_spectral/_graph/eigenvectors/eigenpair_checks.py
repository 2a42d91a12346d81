"""Checks of eigenpairs, independent of the solver that found them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh, qr

from ..arrays import Floats, Product
from .eigenproblem import Eigenproblem
from .lanczos import largest_eigenvectors, outside
from .symmetric_form import SymmetricForm

# Residuals are in units of the bound. The smallest tolerance is set by rounding.
AUTO_TOLERANCE = 1e-6
SMALLEST_TOLERANCE = 1e-12
# The search for missed eigenvectors starts at this tolerance and ends at the solver's.
_FIRST_TOLERANCE = 0.1
# Eigenvalues whose relative difference is below this count as equal.
_EQUAL = 1e-6
# The residual over the gap behind the wanted eigenvalues is the sine of the angle
# between the space that was found and the eigenspace.
_ANGLE = 1e-3
# Times that missed eigenvectors are looked for. Real graphs take one to four.
_MAX_SEARCHES = 10


class CheckedPairs(NamedTuple):
    """Eigenpairs and their accuracy.

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
        Whether no lower eigenvalue was missed.
    """

    values: Floats
    vectors: Floats
    residual: float
    gap: float
    is_complete: bool


class RitzPairs(NamedTuple):
    """Ritz pairs of a space, in ascending order.

    Attributes
    ----------
    values : ndarray of shape (n_vectors,)
        The Ritz values.
    vectors : ndarray of shape (n_nodes, n_vectors)
        The Ritz vectors, orthonormal.
    residuals : ndarray of shape (n_vectors,)
        |S v - lambda v| of each pair.
    """

    values: Floats
    vectors: Floats
    residuals: Floats

    def first(self, n_pairs: int) -> "RitzPairs":
        """Return the first pairs."""
        return RitzPairs(
            self.values[:n_pairs],
            self.vectors[:, :n_pairs],
            self.residuals[:n_pairs],
        )


def check_pairs(
    problem: Eigenproblem,
    vectors: Floats,
    tol: float,
    random_state: np.random.RandomState,
) -> CheckedPairs:
    """Measure eigenvectors, and add those that the solver missed.

    Lanczos finds a single vector of an eigenspace, but the eigenvalues of a ring, for
    example, are double. The orthogonal complement of the vectors is therefore searched
    until it has no lower eigenvalue, or too many were found.

    Parameters
    ----------
    problem : Eigenproblem
        The problem that the vectors solve.
    vectors : ndarray of shape (n_nodes, n_pairs)
        Approximate eigenvectors, linearly independent.
    tol : float
        Tolerance of the solver, in units of the bound.
    random_state : numpy.random.RandomState
        Source of starting vectors.

    Returns
    -------
    CheckedPairs
        The Ritz pairs.
    """
    n_pairs = vectors.shape[1]
    pairs = rayleigh_ritz(problem.S, vectors)
    product, scale = problem.amplify(pairs.values, n_pairs)
    tol = scale * tol
    n_more = 1
    for _ in range(_MAX_SEARCHES):
        known, last = (problem.null, pairs.vectors), pairs.values[-1]
        next_value = _next_eigenvalue(problem, product, known, last, tol, random_state)
        is_complete = next_value is not None and (
            next_value >= last * (1 - _EQUAL) - SMALLEST_TOLERANCE * problem.bound
        )
        if is_complete or next_value is None:
            break
        # Few: those behind the wanted ones lie close together, and take long.
        more = largest_eigenvectors(product, known, n_more, tol, random_state)
        n_more = min(2 * n_more, n_pairs)
        if more is None:
            break
        merged = rayleigh_ritz(problem.S, np.hstack([pairs.vectors, more]))
        merged = merged.first(n_pairs)
        is_complete = merged.values.sum() >= pairs.values.sum() - _EQUAL * last
        if is_complete:
            break  # nothing lower can be found at the solver's tolerance
        pairs = merged
    gap = np.inf if next_value is None else next_value - pairs.values[-1]
    residual = float(pairs.residuals.max())
    return CheckedPairs(pairs.values, pairs.vectors, residual, gap, is_complete)


def needed_residual(pairs: CheckedPairs, bound: float) -> float:
    """Return the largest residual at which pairs count as eigenpairs.

    If the residual exceeds the eigenvalues, their values are meaningless; if it exceeds
    the gap behind them, their space is. Without a gap, the last eigenvalues form a
    cluster of equal ones, and the gap before this cluster is used.

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
        # Each vector of the cluster mixes with the vectors below; 5 is a safety factor.
        n_equal = len(pairs.values) - len(below)
        gap = (last - below.max(initial=0.0)) / (5 * np.sqrt(n_equal))
    needed = min(AUTO_TOLERANCE * bound, 0.1 * last, _ANGLE * max(gap, equal))
    return max(needed, SMALLEST_TOLERANCE * bound)


def _next_eigenvalue(
    problem: Eigenproblem,
    product: Product,
    known: Sequence[Floats],
    highest: float,
    tol: float,
    random_state: np.random.RandomState,
) -> float | None:
    """Find the lowest eigenvalue outside, exactly enough to compare it.

    Return None if nothing was found.
    """
    value: float | None = None
    start = None
    trial_tol = max(_FIRST_TOLERANCE, tol)
    while True:
        found = largest_eigenvectors(product, known, 1, trial_tol, random_state, start)
        if found is None:
            return value
        start = outside(known, found[:, 0])
        start /= np.linalg.norm(start)
        image = problem.S @ start
        value = float(start @ image)
        residual = np.linalg.norm(image - value * start)
        is_apart = value < highest * (1 - _EQUAL) or value - residual >= highest
        is_exact = residual <= AUTO_TOLERANCE * min(problem.bound, highest)
        if is_apart or is_exact or trial_tol <= tol:
            return value
        trial_tol = max(trial_tol / 10, tol)


def rayleigh_ritz(S: SymmetricForm, vectors: Floats) -> RitzPairs:
    """Find the Ritz pairs of a space.

    Parameters
    ----------
    S : SymmetricForm of shape (n_nodes, n_nodes)
        The matrix.
    vectors : ndarray of shape (n_nodes, n_vectors)
        A basis of the space.

    Returns
    -------
    RitzPairs
        The pairs.
    """
    # On tall matrices, numpy's takes four times as long.
    basis = qr(vectors, mode="economic", check_finite=False)[0]
    image = np.empty_like(basis)
    for column, vector in zip(image.T, basis.T, strict=True):
        column[:] = S @ vector
    values, rotation = eigh(basis.T @ image)
    image = image @ rotation
    vectors = basis @ rotation
    # In place, because these arrays are as large as the graph.
    image -= np.multiply(vectors, values, out=basis)
    residuals = np.sqrt(np.einsum("nv,nv->v", image, image))
    return RitzPairs(values, vectors, residuals)
