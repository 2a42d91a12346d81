"""The spectral transformation of Lanczos's method: an inverse, or a polynomial filter.

The filter lies where upper bounds of the lowest eigenvalues say that they end.
"""

import numpy as np

from ..arrays import Floats, Product, is_sparse
from .coarse_graphs import coarse_bounds
from .eigenproblem import Eigenproblem
from .lanczos import coarse_values

# The filter's interval starts behind this many Ritz values beyond the wanted ones.
GUARD_PAIRS = 5
# With fewer, a sweep of Lanczos is faster than coarser graphs.
_COARSENED_NODES = 50_000


def spectral_transformation(
    problem: Eigenproblem, n_pairs: int, random_state: np.random.RandomState
) -> tuple[Product, float] | None:
    """Return the product with which Lanczos's method finds the lowest eigenpairs.

    Parameters
    ----------
    problem : Eigenproblem
        The problem.
    n_pairs : int
        Number of wanted pairs.
    random_state : numpy.random.RandomState
        Source of a starting vector.

    Returns
    -------
    tuple of (callable, float) or None
        The product and its scale, as of `Eigenproblem.amplify`. None if nothing bounds
        the eigenvalues from above.
    """
    if problem.inverse is not None:
        return problem.amplify(np.empty(0), n_pairs)
    n_others = len(problem.null) - problem.null.shape[1] - 1
    values = _upper_bounds(problem, min(n_pairs + GUARD_PAIRS, n_others), random_state)
    return None if values is None else problem.amplify(values, n_pairs)


def _upper_bounds(
    problem: Eigenproblem, n_values: int, random_state: np.random.RandomState
) -> Floats | None:
    """Bound the lowest eigenvalues from above, or return None if nothing is found."""
    S, null = problem.S, problem.null
    if is_sparse(S.W) and S.shape[0] > _COARSENED_NODES:
        n_null = null.shape[1]
        bounds = coarse_bounds(S, n_null + n_values)
        if bounds is not None:
            return bounds[n_null:]
    flipped = coarse_values(problem.multiply_flipped, (null,), n_values, random_state)
    return None if flipped is None else np.sort(problem.bound - flipped)
