"""A partition of the nodes of a graph by modularity.

Nodes join along their strongest edges, level by level, until few groups are left. The
groups are merged to clusters, and from level to level smaller groups move, in the end
single nodes (multilevel refinement: Karypis and Kumar, SIAM J. Sci. Comput. 20, 1998).
Large graphs are coarsened again within the clusters that were found (Walshaw, Annals of
Operations Research 131, 2004).
"""

import numpy as np
from numpy.random import RandomState
from scipy import sparse

from ..arrays import Floats, Integers, Matrix, is_sparse
from ..node_groups import (
    between,
    joined_by_strongest_edges,
    joined_nodes,
    members_of,
)
from .modular_merging import large_modular_clusters, weights_by_chance
from .node_moves import Level, finest_level, move_nodes

# Groups are joined until this many are left, or this many for each cluster.
_FEW_GROUPS, _GROUPS_PER_CLUSTER = 100, 4
# Up to this many, those of large graphs are merged to clusters on the way as well.
_SOME_GROUPS = 400
# Merging more groups takes long. More are left only if no edges join them.
_MAX_GROUPS = 600
# Up to this many nodes those of several partitions move. Graphs of more rows are large.
_MAX_NODES = 2_000
# Orders of merges that are drawn, and partitions that go on to the next level.
_N_DRAWS = 3
# Times that a large graph is coarsened again within its clusters.
_N_ROUNDS = 2


def modular_partition(
    W: Matrix, n_clusters: int, min_rows: float, random_state: RandomState
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
        Clusters from zero, perhaps fewer than asked for. None if the graph is dense, if
        it has few nodes for each cluster, or if very many groups have no edge between
        them.
    """
    if not is_sparse(W) or W.shape[0] < 2 * n_clusters:
        return None
    level = finest_level(W)
    drawn = _partitions(level, n_clusters, min_rows, random_state)
    return _best(level, drawn, 1)[0] if drawn else None


def move_rows(W: Matrix, labels: Integers, random_state: RandomState) -> Integers:
    """Move rows to the cluster where modularity gains most, until few gain.

    Parameters
    ----------
    W : csr_matrix of shape (n_nodes, n_nodes)
        Symmetric affinities.
    labels : ndarray of shape (n_nodes,)
        Cluster of each node, from zero.
    random_state : numpy.random.RandomState
        Draws which nodes move.

    Returns
    -------
    ndarray of shape (n_nodes,)
        The clusters after the moves.
    """
    return move_nodes(finest_level(W), labels, random_state)


def _partitions(
    level: Level,
    n_clusters: int,
    min_rows: float,
    random_state: RandomState,
    within: Integers | None = None,
) -> list[Integers]:
    """Partition a coarser graph and move nodes; the nodes of small graphs are merged.

    A group of a coarser graph may hold nodes of two clusters, which no move takes
    apart. So nodes of large graphs are merged on several levels, and large graphs are
    coarsened again within the clusters that were found. Of many nodes, those of one
    partition alone move.
    """
    options = n_clusters, min_rows, random_state
    group = joined_by_strongest_edges(_edges_within(level.W, within))
    n_nodes, n_groups = len(group), group.max() + 1
    n_few = max(_FEW_GROUPS, _GROUPS_PER_CLUSTER * n_clusters)
    if n_nodes <= n_few or not 2 * n_clusters <= n_groups < n_nodes:
        known = [] if within is None else [within]
        too_many = n_nodes > max(_MAX_GROUPS, n_few)
        return known if too_many else known + _merge_nodes(level, *options)
    coarse = _group_nodes(level, group)
    if within is not None:
        within = within[np.unique(group, return_index=True)[1]]
    drawn = _partitions(coarse, *options, within)
    if n_nodes > _MAX_NODES:
        drawn = _best(coarse, drawn, 1)
        if drawn and len(coarse.rows) <= _MAX_NODES:
            drawn = _coarsen_again(coarse, drawn, *options)
    moved = [move_nodes(level, labels[group], random_state) for labels in drawn]
    if n_nodes > _SOME_GROUPS or level.rows.sum() <= _MAX_NODES:
        return moved
    return _best(level, moved + _merge_nodes(level, *options), _N_DRAWS)


def _coarsen_again(
    level: Level,
    drawn: list[Integers],
    n_clusters: int,
    min_rows: float,
    random_state: RandomState,
) -> list[Integers]:
    """Coarsen a graph within its partition, and look for a better one, some times."""
    for _ in range(_N_ROUNDS):
        within = drawn[0]
        again = _partitions(level, n_clusters, min_rows, random_state, within)
        drawn = _best(level, drawn + again, 1)
    return drawn


def _edges_within(W: sparse.csr_matrix, labels: Integers | None) -> sparse.csr_matrix:
    """Set the weights between clusters to zero, if there are any clusters."""
    if labels is None:
        return W
    is_inside = np.repeat(labels, np.diff(W.indptr)) == labels[W.indices]
    inside = np.where(is_inside, W.data, 0.0)
    return sparse.csr_matrix((inside, W.indices, W.indptr), shape=W.shape)


def _group_nodes(level: Level, group: Integers) -> Level:
    """Make the graph whose nodes are groups of nodes."""
    members = members_of(group, group.max() + 1).T
    return Level(
        joined_nodes(level.W, group), members @ level.degrees, members @ level.rows
    )


def _merge_nodes(
    level: Level, n_clusters: int, min_rows: float, random_state: RandomState
) -> list[Integers]:
    """Merge the nodes of a small graph, in several orders."""
    sums = _sums(level).toarray()
    return [
        large_modular_clusters(sums, level.rows, n_clusters, min_rows, random_state)
        for _ in range(_N_DRAWS)
    ]


def _best(level: Level, drawn: list[Integers], n_best: int) -> list[Integers]:
    """Return the partitions of largest modularity."""
    if len(drawn) <= n_best:
        return drawn
    sums = _sums(level)
    drawn = sorted(drawn, key=lambda labels: -_gain(between(sums, labels)))
    return drawn[:n_best]


def _sums(level: Level) -> sparse.csr_matrix:
    """Return weights whose diagonal is twice the weight inside a node."""
    inside = level.degrees - np.asarray(level.W.sum(axis=1)).ravel()
    return sparse.csr_matrix(level.W + sparse.diags(inside))


def _gain(sums: Floats) -> float:
    """Return the weight within clusters beyond what chance would put there."""
    return float(np.trace(sums - weights_by_chance(sums)))
