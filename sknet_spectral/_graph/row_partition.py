"""A partition of the nodes of a graph by modularity.

Nodes join along their strongest edges until few groups are left, the groups are merged
to clusters, and then single nodes move (multilevel refinement: Karypis and Kumar, SIAM
J. Sci. Comput. 20, 1998).
"""

import numpy as np
from scipy import sparse

from .arrays import Floats, Integers, Matrix, is_sparse
from .edges import without_diagonal
from .modular_merging import large_modular_clusters, weights_by_chance
from .node_groups import (
    between,
    joined_by_strongest_edges,
    joined_nodes,
    members_of,
)

# Merging looks at pairs of groups.
_MAX_GROUPS = 600
# The order of merges is drawn so often, and the partition of largest modularity kept.
_N_DRAWS = 3
# Nodes that gain move with this chance, since two neighbours could change places.
_MOVES, _MAX_SWEEPS = 0.5, 20
_ROUNDING = 1e-12
_BLOCK_ROWS = 2**14


def modular_partition(
    W: Matrix, n_clusters: int, min_rows: float, random_state: np.random.RandomState
) -> Integers | None:
    """Find a number of clusters of large modularity.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Symmetric affinities.
    n_clusters : int
        Number of clusters.
    min_rows : float
        Least number of nodes of a cluster before nodes move.
    random_state : numpy.random.RandomState
        Draws the order of merges, and which nodes move.

    Returns
    -------
    ndarray of shape (n_nodes,) or None
        Clusters from zero, perhaps fewer than asked for. None if the graph is dense, or
        its nodes join to too few groups.
    """
    if not is_sparse(W):
        return None
    W = sparse.csr_matrix(without_diagonal(W))
    group = _groups(W, max(_MAX_GROUPS, 4 * n_clusters))
    rows = np.bincount(group)
    if len(rows) < 2 * n_clusters:
        return None
    sums = between(W, group)
    # Only ratios matter, and products of large weights would overflow.
    sums /= sums.max() or 1.0
    drawn = [
        large_modular_clusters(sums, rows, n_clusters, min_rows, random_state)
        for _ in range(_N_DRAWS)
    ]
    clusters = max(drawn, key=lambda labels: _gain(between(sums, labels)))
    return _refined(W, clusters[group], random_state)


def _groups(W: sparse.csr_matrix, n_most: int) -> Integers:
    """Join nodes along their strongest edges until at most so many groups are left."""
    group: Integers = np.arange(W.shape[0])
    while W.shape[0] > n_most:
        joined = joined_by_strongest_edges(W)
        if joined.max() + 1 == W.shape[0]:
            break
        W, group = joined_nodes(W, joined), joined[group]
    return group


def _refined(
    W: sparse.csr_matrix, labels: Integers, random_state: np.random.RandomState
) -> Integers:
    """Move nodes to the cluster where modularity gains most, until few gain."""
    labels, n_clusters = labels.copy(), labels.max() + 1
    degrees = np.asarray(W.sum(axis=1)).ravel()
    chance = degrees / (degrees.sum() or 1.0)
    for _ in range(_MAX_SWEEPS):
        members = members_of(labels, n_clusters)
        volumes = np.bincount(labels, weights=degrees, minlength=n_clusters)
        there, gains = labels.copy(), np.zeros(len(labels), dtype=bool)
        for begin in range(0, len(labels), _BLOCK_ROWS):
            rows = slice(begin, begin + _BLOCK_ROWS)
            own = np.arange(len(labels[rows])), labels[rows]
            gain = (W[rows] @ members).toarray() - np.outer(chance[rows], volumes)
            # A node leaves its own weight behind.
            gain[own] += chance[rows] * degrees[rows]
            there[rows] = gain.argmax(axis=1)
            gains[rows] = gain.max(axis=1) > gain[own] + _ROUNDING * degrees[rows]
        moves = gains & (random_state.random_sample(len(labels)) < _MOVES)
        if not moves.any():
            break
        labels[moves] = there[moves]
    return labels


def _gain(sums: Floats) -> float:
    """Return the weight within clusters beyond what chance would put there."""
    return float(np.trace(sums - weights_by_chance(sums)))
