"""Joining the pieces of a graph that has more than the embedding can tell apart."""

from collections.abc import Iterator

import numpy as np

from .._graph.components import attach, connected_components
from .._graph.construction import Affinity
from .._graph.gaps import RowGaps
from .._rows.rows import Matrix
from .._warnings import warn

# A piece with fewer rows than this share of a mean cluster is no cluster of its own.
_MIN_PIECE = 0.05


def join_pieces(
    affinity: Affinity, Z: Matrix, metric: str, laplacian: str, max_connected: int
) -> tuple[Matrix, int]:
    """Join all but as many connected components as the embedding can tell apart.

    Parameters
    ----------
    affinity : Affinity
        The graph.
    Z : {ndarray, csr_matrix} of shape (n_samples, n_components)
        The rows in the space of the graph.
    metric : str
        Distance there.
    laplacian : {"normalized", "unnormalized"}
        Which Laplacian the graph is for.
    max_connected : int
        How many connected components the embedding can tell apart.

    Returns
    -------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The affinities with further edges.
    n_pieces : int
        Number of connected components before.
    """
    count, labels = connected_components(affinity.W)
    if count == 1:
        return affinity.W, count
    W = affinity.W
    if count <= max_connected:
        outcome = "each stays apart"
        alone = (np.bincount(labels) == 1).any()
        if affinity.extend and laplacian == "normalized" and alone:
            outcome += ", but a row without affinities gets a zero embedding"
    else:
        W, outcome = _joined(affinity, Z, metric, labels, max_connected)
    warn(
        f"Graph is not fully connected, it has {count} components: {outcome}. "
        "Raise n_neighbors, or widen the affinity, if that is too many.",
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
    affinity: Affinity, Z: Matrix, metric: str, labels: np.ndarray, max_connected: int
) -> tuple[Matrix, str]:
    """Attach outliers to their nearest rows, and join the other components."""
    sizes = np.bincount(labels)
    is_core = sizes >= _MIN_PIECE * len(labels) / max_connected
    if not is_core.any():
        is_core[:] = True
    in_core = is_core[labels]
    gaps = affinity.gaps or RowGaps(Z, metric)
    W, outcomes, n_left = affinity.W, [], is_core.sum()
    if n_left > max_connected:
        core = np.flatnonzero(in_core)
        renumbered = np.unique(labels[core], return_inverse=True)[1]
        edges = gaps.shortest_edges(core, renumbered, max_connected)
        n_left -= len(edges[0])
        if len(edges[0]):
            W = affinity.join(edges)
            outcomes.append(f"the shortest missing edges have joined them to {n_left}")
    if not in_core.all():
        nearest = gaps.nearest_rows(in_core)
        W = attach(W, np.flatnonzero(~in_core), nearest)
        outcomes = [*_fates(nearest, int((~is_core).sum())), *outcomes]
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
