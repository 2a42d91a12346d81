"""Moves of the nodes of a sparse graph between clusters, many nodes at once."""

from typing import NamedTuple

import numpy as np
from numpy.random import RandomState
from scipy import sparse

from ..._chunks import chunks
from ..arrays import Flags, Floats, Integers, Matrix
from ..edges import without_diagonal
from ..node_groups import members_of
from ..threads import results_in_threads

# Nodes that gain move with this chance, since two neighbours could change places.
_MOVES, _MAX_SWEEPS = 0.5, 20
_ROUNDING = 1e-12


class Level(NamedTuple):
    """A graph whose nodes are groups of rows.

    Attributes
    ----------
    W : csr_matrix of shape (n_nodes, n_nodes)
        Weights between nodes, without a diagonal.
    degrees : ndarray of shape (n_nodes,)
        Weights of the rows' edges, those inside the node included.
    rows : ndarray of shape (n_nodes,)
        Number of rows.
    """

    W: sparse.csr_matrix
    degrees: Floats
    rows: Floats


def finest_level(W: Matrix) -> Level:
    """Return the graph whose nodes are single rows.

    Parameters
    ----------
    W : csr_matrix of shape (n_nodes, n_nodes)
        Symmetric affinities.

    Returns
    -------
    Level
        The graph. Its weights are shares of the largest one.
    """
    W = sparse.csr_matrix(without_diagonal(W))
    # Only ratios matter, and sums of large weights would overflow.
    scaled = W.data / (W.max() or 1.0)
    W = sparse.csr_matrix((scaled, W.indices, W.indptr), shape=W.shape)
    return Level(W, np.asarray(W.sum(axis=1)).ravel(), np.ones(W.shape[0]))


def move_nodes(level: Level, labels: Integers, random_state: RandomState) -> Integers:
    """Move nodes to the cluster where modularity gains most, many in each sweep.

    Parameters
    ----------
    level : Level
        The graph.
    labels : ndarray of shape (n_nodes,)
        Cluster of each node, from zero.
    random_state : numpy.random.RandomState
        Draws which nodes move.

    Returns
    -------
    ndarray of shape (n_nodes,)
        The clusters after the moves, when few gain.
    """
    labels, n_clusters = labels.copy(), labels.max() + 1
    for _ in range(_MAX_SWEEPS):
        best, gains = _best_moves(level, labels, n_clusters)
        moves = gains & (random_state.random_sample(len(labels)) < _MOVES)
        if not moves.any():
            break
        labels[moves] = best[moves]
    return labels


def _best_moves(
    level: Level, labels: Integers, n_clusters: int
) -> tuple[Integers, Flags]:
    """Return the cluster where each node gains most, and whether it gains."""
    degrees = level.degrees
    chance = degrees / (degrees.sum() or 1.0)
    members = members_of(labels, n_clusters)
    volumes = np.bincount(labels, weights=degrees, minlength=n_clusters)
    best, gains = labels.copy(), np.zeros(len(labels), dtype=bool)

    def look_around(block: slice) -> None:
        rows = _at_border(level.W, labels, block)
        own = np.arange(len(rows)), labels[rows]
        gain = (level.W[rows] @ members).toarray()
        gain -= np.outer(chance[rows], volumes)
        # A node leaves its own weight behind.
        gain[own] += chance[rows] * degrees[rows]
        best[rows] = gain.argmax(axis=1)
        gains[rows] = gain.max(axis=1) > gain[own] + _ROUNDING * degrees[rows]

    results_in_threads(look_around, chunks((len(labels), n_clusters)))
    return best, gains


def _at_border(W: sparse.csr_matrix, labels: Integers, block: slice) -> Integers:
    """Return nodes of a block with edges to other clusters: the rest gains nothing."""
    ends = W.indptr[block.start : block.stop + 1]
    neighbors = labels[W.indices[ends[0] : ends[-1]]]
    is_other = neighbors != np.repeat(labels[block], np.diff(ends))
    n_before = np.concatenate([[0], np.cumsum(is_other)])[ends - ends[0]]
    return block.start + np.flatnonzero(np.diff(n_before))
