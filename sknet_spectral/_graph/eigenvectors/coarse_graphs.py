"""Upper bounds of the lowest eigenvalues, from ever coarser graphs.

Each node joins the neighbour of its strongest edge, and the groups are the nodes of a
coarser graph (Karypis and Kumar, SIAM J. Sci. Comput. 20, 1998). The Ritz values of
maps that are constant on each group are upper bounds of the eigenvalues.
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.linalg import eigh

from ..arrays import Floats, Integers
from ..node_groups import joined_by_strongest_edges, joined_nodes
from .eigenpair_checks import rayleigh_ritz
from .eigenproblem import chebyshev
from .symmetric_form import SymmetricForm, inverse_or_zero

# The coarsest graph has at most this many nodes, and is solved densely.
_MAX_NODES = 1500
# Coarsening pays if at most this share of the nodes and of the entries is left.
_MAX_LEFT = 0.5
# Vectors beyond the wanted ones. The last ones of a span are inexact.
_GUARD_VECTORS = 3
# Smoothing damps what lies above this share of the spectrum.
_SMOOTH = 0.05


class _Level(NamedTuple):
    """A coarser graph.

    Attributes
    ----------
    S : SymmetricForm
        Its eigenproblem.
    group : ndarray of shape (n_finer_nodes,)
        The node that each node of the finer graph belongs to.
    """

    S: SymmetricForm
    group: Integers


def coarse_bounds(S: SymmetricForm, n_values: int) -> Floats | None:
    """Bound the lowest eigenvalues from above, usually within a factor of two.

    Parameters
    ----------
    S : SymmetricForm of shape (n_nodes, n_nodes)
        The eigenproblem of a sparse graph.
    n_values : int
        How many eigenvalues, including those of the null space.

    Returns
    -------
    ndarray of shape (n_values,) or None
        The bounds in ascending order. None if coarser graphs have as many edges, as
        where most nodes are near each other: Lanczos takes few steps there.
    """
    if n_values not in S.coarse_bounds:
        S.coarse_bounds[n_values] = _bounds(S, n_values)
    return S.coarse_bounds[n_values]


def _bounds(S: SymmetricForm, n_values: int) -> Floats | None:
    n_vectors = n_values + _GUARD_VECTORS
    levels = _coarser(S, n_vectors)
    if not levels:
        return None
    coarsest = levels[-1].S
    values, vectors = eigh(
        coarsest @ np.eye(coarsest.shape[0]), subset_by_index=[0, n_vectors - 1]
    )
    for level, finer in zip(levels[:0:-1], levels[-2::-1], strict=True):
        S = finer.S
        _, smooth = chebyshev(S, 0.0, _SMOOTH * S.bound, S.bound)
        values, vectors, _ = rayleigh_ritz(S, smooth(_prolonged(level, S, vectors)))
    return np.maximum(values[:n_values], 0.0)


def _coarser(S: SymmetricForm, n_vectors: int) -> list[_Level]:
    """Return ever coarser graphs, or none if they do not become small enough."""
    levels: list[_Level] = []
    while S.shape[0] > _MAX_NODES:
        group = joined_by_strongest_edges(S.W)
        coarser = _grouped(S, group)
        n_left, n_entries = coarser.shape[0], _n_entries(coarser)
        if (
            n_left <= n_vectors
            or n_left > _MAX_LEFT * S.shape[0]
            or n_entries > _MAX_LEFT * _n_entries(S)
        ):
            return []
        levels.append(_Level(coarser, group))
        S = coarser
    return levels


def _n_entries(S: SymmetricForm) -> int:
    return sparse.csr_matrix(S.W).nnz


def _grouped(S: SymmetricForm, group: Integers) -> SymmetricForm:
    """Make the eigenproblem of maps that are constant on each group."""
    W = joined_nodes(S.W, group)
    degrees = np.asarray(W.sum(axis=1)).ravel()
    mass = np.bincount(group, weights=inverse_or_zero(S.inverse_root) ** 2)
    inverse_root = inverse_or_zero(np.sqrt(mass))
    return SymmetricForm(
        W, degrees, inverse_root, 2.0 * (degrees * inverse_root**2).max()
    )


def _prolonged(level: _Level, finer: SymmetricForm, vectors: Floats) -> Floats:
    """Give each node the value of its group."""
    values = vectors * level.S.inverse_root[:, None]
    return inverse_or_zero(finer.inverse_root)[:, None] * values[level.group]
