"""Rows of small groups in a large graph, found before its eigenvectors.

A group that hangs on the others by a few weak edges has an eigenvector of its own, and
a large graph can have hundreds of such groups. Computing all their eigenvectors would
take long. Instead, random vectors are multiplied by a polynomial that lets the lowest
eigenvectors pass: their entries are large on such groups. The mean of their squares
estimates the leverage (Tremblay, Puy, Gribonval and Vandergheynst, ICML 2016).
"""

import numpy as np

from ..arrays import Flags, Floats, is_sparse
from ..components import in_larger_pieces
from ..eigenvectors.coarse_graphs import coarse_bounds
from ..eigenvectors.eigenproblem import chebyshev
from ..eigenvectors.laplacian import Laplacian
from ..eigenvectors.spectral_transformation import GUARD_PAIRS
from ..eigenvectors.symmetric_form import SymmetricForm

# Below, twice as many eigenvectors as wanted take little time, and show small groups.
_MIN_NODES = 100_000
# The polynomial lets eigenvalues below this multiple of the last wanted one pass.
_PASSED = 4.0
# Logarithm of how much it damps the others, its largest degree, and random vectors.
_DAMPING, _MAX_DEGREE = 8.0, 200
_N_VECTORS = 8
# Rows of a small group have at least this multiple of the median leverage.
_MIN_RATIO = 8.0
# Small groups that hold more than this share of all rows are no exception.
_MAX_SHARE = 0.25


def hanging_rows(
    graph: Laplacian,
    n_pairs: int,
    min_rows: float,
    random_state: np.random.RandomState,
) -> Flags:
    """Find the rows of groups whose eigenvectors would be among the lowest.

    Parameters
    ----------
    graph : Laplacian
        The graph.
    n_pairs : int
        Number of wanted eigenvectors.
    min_rows : float
        Rows of a group that is large enough.
    random_state : numpy.random.RandomState
        Source of the random vectors.

    Returns
    -------
    ndarray of shape (n_nodes,)
        Whether each row is in such a group, bool. In graphs of few nodes, or whose
        nodes are all near each other, no row is.
    """
    none = np.zeros(len(graph.mass), dtype=bool)
    if len(none) < _MIN_NODES or min_rows <= 1 or not is_sparse(graph.W):
        return none
    S, order = graph.symmetric_form
    # As many as the solver asks for, which takes the same ones if no row is found.
    bounds = coarse_bounds(S, n_pairs + GUARD_PAIRS)
    if bounds is None:
        return none
    leverage = np.empty(len(none))
    leverage[order] = _low_pass_leverage(S, _PASSED * bounds[n_pairs - 1], random_state)
    # A row with many copies counts as one of them.
    leverage /= np.maximum(1.0, len(none) * graph.shares)
    can_hang = in_larger_pieces(graph.W, 2 * min_rows)
    least = max(1.0 / min_rows, _MIN_RATIO * np.median(leverage))
    found = can_hang & (leverage > least)
    others = np.flatnonzero(~found)
    is_apart = ~in_larger_pieces(graph.W[others][:, others], min_rows)
    found[others] = can_hang[others] & is_apart
    return found if found.mean() <= _MAX_SHARE else none


def _low_pass_leverage(
    S: SymmetricForm, cut: float, random_state: np.random.RandomState
) -> Floats:
    """Estimate the leverage of each node in the eigenvectors below the cut."""
    # A polynomial of the largest degree damps what lies above this.
    lowest_cut = S.bound * np.tanh(0.5 * _DAMPING / _MAX_DEGREE) ** 2
    cut = min(max(cut, lowest_cut), 0.5 * S.bound)
    degree, multiply = chebyshev(
        S, 0.0, cut, S.bound, growth=_DAMPING, max_degree=_MAX_DEGREE
    )
    at_zero = np.cosh(degree * np.arccosh((S.bound + cut) / (S.bound - cut)))
    signs = random_state.choice([-1.0, 1.0], size=(S.shape[0], _N_VECTORS))
    return np.square(multiply(signs) / at_zero).mean(axis=1)
