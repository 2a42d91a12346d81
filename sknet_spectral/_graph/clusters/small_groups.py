"""Eigenvectors without those of groups that have too few rows to be a cluster."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

from ..arrays import Flags, Floats
from ..components import in_larger_pieces
from ..eigenvectors.laplacian import Laplacian
from ..eigenvectors.signs import signs

# Rows of a small group have at least this multiple of the mean leverage. If there are
# many vectors for few rows, all rows have more than the least size allows.
_MIN_RATIO = 2.0
# If a small group holds more than this share of a direction, part of it may be missed.
_DOUBTFUL = 0.25
# A direction with more than this share of its square on small groups is theirs.
_HALF = 0.5
# As a share of the degrees. It puts rows that are connected to no others at zero.
_RIDGE = 1e-9


class Reduced(NamedTuple):
    """Eigenpairs without the eigenpairs of small groups.

    Attributes
    ----------
    eigenvalues : ndarray of shape (n_left,)
        In ascending order.
    Y : ndarray of shape (n_nodes, n_left)
        The vectors.
    min_rows : float
        Least number of rows of a group that has an eigenvector.
    is_doubtful : bool
        Whether there may be small groups of which these vectors show only a part.
    """

    eigenvalues: np.ndarray
    Y: np.ndarray
    min_rows: float
    is_doubtful: bool


def without_small_groups(
    eigenvalues: Floats, Y: Floats, graph: Laplacian, n_wanted: int, min_rows: float
) -> Reduced:
    """Remove the directions that belong to small groups from a span of eigenvectors.

    The leverage of a row is the sum of the squares of its entries. If a group of r rows
    has an eigenvector of its own, each of its rows has the leverage 1 / r; the same
    holds if several groups share their eigenvectors. So a row is in a small group if
    its leverage exceeds 1 / `min_rows` and twice the mean. Directions that are large
    on such rows only are removed, and the eigenproblem is solved in the rest of the
    span. Rows of small groups then get values between those of their neighbours.

    Parameters
    ----------
    eigenvalues : ndarray of shape (n_vectors,)
        In ascending order.
    Y : ndarray of shape (n_nodes, n_vectors)
        The eigenvectors, with ``Y.T @ M @ Y = tr(M) I``; the constant one, the first,
        stays.
    graph : Laplacian
        The graph.
    n_wanted : int
        Number of vectors to keep, even if they belong to small groups.
    min_rows : float
        Rows of a group that is large enough. A separate piece with up to twice as many
        rows keeps its vector.

    Returns
    -------
    Reduced
        The eigenpairs. If there is no small group, they are the given ones.
    """
    shares = graph.shares
    # A row with many copies counts as one of them.
    leverage = np.minimum(shares, 1.0 / len(Y)) * np.square(Y).sum(axis=1)
    held, _ = _squares_on(leverage > _DOUBTFUL / min_rows, Y, shares)
    is_doubtful = bool(held.max(initial=0.0) > _DOUBTFUL)
    usual = Y.shape[1] / len(Y)
    small = leverage > max(1.0 / min_rows, _MIN_RATIO * usual)
    if small.any():
        small &= in_larger_pieces(graph.W, 2 * min_rows)
    held, axes = _squares_on(small, Y, shares)
    n_left = max(np.count_nonzero(held < _HALF), min(n_wanted - 1, len(held)))
    if n_left == len(held):
        return Reduced(eigenvalues, Y, min_rows, is_doubtful)
    span = axes[:, :n_left]
    left, rotation = np.linalg.eigh(span.T @ (eigenvalues[1:, None] * span))
    others = Y[:, 1:] @ (span @ rotation)
    others[small] = rows_between_neighbors(graph, others, small)
    return Reduced(
        np.r_[eigenvalues[0], np.maximum(left, 0.0)],
        np.column_stack([Y[:, 0], others * signs(others.T)]),
        min_rows,
        is_doubtful,
    )


def _squares_on(some: Flags, Y: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Return directions of the span, and the share of each square on some rows.

    The constant vector is left out. The shares ascend.
    """
    rows = Y[some, 1:]
    return np.linalg.eigh((rows.T * shares[some]) @ rows)


def rows_between_neighbors(graph: Laplacian, Y: Floats, some: Flags) -> Floats:
    """Give some rows values between those of the others, as their edges pull them.

    Parameters
    ----------
    graph : Laplacian
        The graph.
    Y : ndarray of shape (n_nodes, n_vectors)
        Values of the others.
    some : ndarray of shape (n_nodes,)
        Which rows get a value, bool.

    Returns
    -------
    ndarray of shape (n_some, n_vectors)
        Their values.
    """
    among = graph.W[some][:, some]
    pull = graph.W[some][:, ~some] @ Y[~some]
    degrees = np.maximum(graph.degrees[some] * (1 + _RIDGE), np.finfo(float).tiny)
    if sparse.issparse(among):
        return spsolve(sparse.csc_matrix(sparse.diags(degrees) - among), pull).reshape(
            pull.shape
        )
    return np.linalg.solve(np.diag(degrees) - among, pull)
