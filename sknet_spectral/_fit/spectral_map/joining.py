"""Joining the pieces of a graph that has more than the embedding can tell apart."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..._engine.distributed import from_first_rank
from ..._graph.affinities.construction import Affinity
from ..._graph.affinities.gaps import RowGaps
from ..._graph.components import attach, connected_components
from ..._rows.rows import Matrix
from ..._warnings import warn
from .components import Components


def join_pieces(
    affinity: Affinity, Z: Matrix, metric: str, components: Components
) -> tuple[Matrix, int]:
    """Attach small pieces, and join others until the embedding can tell them apart.

    Parameters
    ----------
    affinity : Affinity
        The graph.
    Z : {ndarray, csr_matrix} of shape (n_samples, n_components)
        The rows in the space of the graph.
    metric : str
        Distance there.
    components : Components
        Which pieces are large enough, and how many the embedding can tell apart.

    Returns
    -------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The affinities with further edges.
    n_pieces : int
        Number of connected components before.
    """
    count, labels = connected_components(affinity.W)
    pieces, is_large = from_first_rank(
        lambda: components.large_pieces(affinity, labels)
    )
    W, max_connected = affinity.W, components.max_connected
    if count <= max_connected and is_large.all():
        outcome = "each stays apart"
        alone = (np.bincount(labels) == 1).any()
        if affinity.extend and alone:
            outcome += ", but a row without affinities gets a zero embedding"
    else:
        gaps = affinity.gaps or RowGaps(Z, metric)
        W, outcome = _joined(affinity, gaps, pieces, is_large, max_connected)
    if count > 1:
        warn(
            f"Graph is not fully connected, it has {count} components: {outcome}. "
            "Raise n_neighbors, or widen the affinity, if that is too many."
        )
    return W, count


def warn_if_cut(before: Matrix, after: Matrix, max_connected: int) -> None:
    """Warn if constraints cut a graph into more pieces than can be told apart.

    Parameters
    ----------
    before, after : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The affinities without and with the constraints.
    max_connected : int
        How many connected components the embedding can tell apart.
    """
    n_before, n_after = (connected_components(W)[0] for W in (before, after))
    if n_after > max(max_connected, n_before):
        warn(
            f"The constraints cut the graph into {n_after} components, and the "
            f"embedding can tell {max_connected} apart: rows of the others are placed "
            "arbitrarily. Give fewer labels or cannot_link pairs, or more "
            "clusters or components.",
        )


def _joined(
    affinity: Affinity,
    gaps: Any,
    pieces: np.ndarray,
    is_large: np.ndarray,
    max_connected: int,
) -> tuple[Matrix, str]:
    """Attach small pieces to their nearest rows, and join the other components."""
    in_core = is_large[pieces]
    core = np.flatnonzero(in_core)
    n_left, labels = connected_components(affinity.W[core][:, core])
    W, outcomes = affinity.W, []
    if 1 < n_left <= max_connected:
        outcomes.append(f"the other {n_left} stay apart")
    if n_left > max_connected:
        edges = gaps.shortest_edges(core, labels, max_connected)
        n_left -= len(edges[0])
        if len(edges[0]):
            W = affinity.join(edges)
            outcomes.append(f"the shortest missing edges have joined them to {n_left}")
    if not in_core.all():
        nearest = gaps.nearest_rows(in_core)
        W = attach(W, np.flatnonzero(~in_core), nearest)
        outcomes = [*_fates(nearest, int((~is_large).sum())), *outcomes]
    if n_left > max_connected:
        outcomes.append(
            f"rows outside the largest {max_connected} get a zero embedding"
        )
    return W, ", ".join(outcomes)


def _fates(nearest: np.ndarray, n_small: int) -> Iterator[str]:
    """Say what becomes of the rows of small pieces, by their nearest rows."""
    known = nearest >= 0
    if known.any():
        yield (
            f"the {known.sum()} rows of {n_small} small ones follow the nearest row of "
            "a larger one"
        )
    if not known.all():
        yield (
            f"{np.count_nonzero(~known)} rows of small ones, of which none is known "
            "to be near, get a zero embedding"
        )
