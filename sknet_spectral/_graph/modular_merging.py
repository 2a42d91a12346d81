"""Merge the nodes of a small dense graph into clusters of large modularity."""

import numpy as np

from .arrays import Floats, Integers
from .node_groups import between

_MAX_SWEEPS, _MAX_SEARCHES = 20, 12
# Rounding can turn no gain into this share of a node's weight.
_ROUNDING = 1e-12


def large_modular_clusters(
    A: Floats,
    rows: Integers,
    n_clusters: int,
    min_rows: float,
    random_state: np.random.RandomState,
) -> Integers:
    """Merge nodes into clusters of large modularity, none with too few rows.

    A cluster that is too small joins the one to which it has most weight. More
    clusters are then tried, up to twice as many, until enough are large.

    Parameters
    ----------
    A : ndarray of shape (n_nodes, n_nodes)
        Symmetric weights; the diagonal holds twice the weight inside a node.
    rows : ndarray of shape (n_nodes,)
        Number of rows that each node stands for.
    n_clusters : int
        Number of clusters.
    min_rows : float
        Least number of rows of a cluster.
    random_state : numpy.random.RandomState
        Draws the order in which nodes move.

    Returns
    -------
    ndarray of shape (n_nodes,)
        Cluster of each node, from zero: `n_clusters` of them, or as many as were found.
    """
    best = np.zeros(len(A), dtype=int)
    for count in range(n_clusters, min(2 * n_clusters, len(A)) + 1):
        labels = modular_clusters(A, count, random_state)
        labels = _without_small(A, labels, rows, min_rows)
        if best.max() < labels.max() < n_clusters:
            best = labels
        if best.max() + 1 == n_clusters:
            break
    return best


def modular_clusters(
    A: Floats, n_clusters: int, random_state: np.random.RandomState
) -> Integers:
    """Merge nodes into a number of clusters of large modularity.

    The method of Louvain (Blondel et al., "Fast unfolding of communities in large
    networks", 2008) finds a number of its own, which grows with the resolution. The
    resolution is searched that gives the number wanted, or the fewest above it; then
    the pairs that cost least are merged.

    Parameters
    ----------
    A : ndarray of shape (n_nodes, n_nodes)
        Symmetric weights; the diagonal holds twice the weight inside a node.
    n_clusters : int
        Number of clusters, at most the number of nodes.
    random_state : numpy.random.RandomState
        Draws the order in which nodes move.

    Returns
    -------
    ndarray of shape (n_nodes,)
        Cluster of each node, from zero.
    """
    low, high, resolution = 0.0, np.inf, 1.0
    best: Integers = np.arange(len(A))
    best_resolution = 1.0
    for _ in range(_MAX_SEARCHES):
        labels = _louvain(A, resolution, random_state)
        count = labels.max() + 1
        if n_clusters <= count <= best.max() + 1:
            best, best_resolution = labels, resolution
        if count == n_clusters:
            break
        if count < n_clusters:
            low = resolution
        else:
            high = resolution
        resolution = _between(low, high)
    labels = _fewer(A, best, n_clusters, best_resolution)
    return _moved(A, labels, best_resolution, random_state, keeps_all=True)


def _between(low: float, high: float) -> float:
    if low == 0.0:
        return high / 2.0
    return 2.0 * low if high == np.inf else float(np.sqrt(low * high))


def _louvain(
    A: Floats, resolution: float, random_state: np.random.RandomState
) -> Integers:
    """Move single nodes, then whole clusters, until the modularity gains no more."""
    labels: Integers = np.arange(len(A))
    coarse = A
    while True:
        found = _moved(coarse, np.arange(len(coarse)), resolution, random_state)
        labels = found[labels]
        if found.max() + 1 == len(coarse):
            return _moved(A, labels, resolution, random_state)
        coarse = between(coarse, found)


def _fewer(A: Floats, labels: Integers, n_clusters: int, resolution: float) -> Integers:
    """Merge the two clusters that cost least modularity until few enough are left."""
    labels = labels.copy()
    while labels.max() + 1 > n_clusters:
        sums = between(A, labels)
        gain = sums - resolution * weights_by_chance(sums)
        np.fill_diagonal(gain, -np.inf)
        _merge(labels, *divmod(int(gain.argmax()), len(gain)))
    return labels


def _without_small(
    A: Floats, labels: Integers, rows: Integers, min_rows: float
) -> Integers:
    """Merge each cluster that is too small with the one to which it has most weight."""
    labels = labels.copy()
    while labels.max() > 0:
        sizes = np.bincount(labels, weights=rows)
        small = int(sizes.argmin())
        if sizes[small] >= min_rows:
            break
        links = between(A, labels)[small]
        links[small] = -1.0
        _merge(labels, small, int(links.argmax()))
    return labels


def _merge(labels: Integers, first: int, second: int) -> None:
    """Merge two clusters in place, and close the gap among the numbers."""
    kept, gone = sorted((first, second))
    labels[labels == gone] = kept
    labels[labels > gone] -= 1


def weights_by_chance(sums: Floats) -> Floats:
    """Return the weights that chance would put between nodes of these degrees.

    Parameters
    ----------
    sums : ndarray of shape (n_nodes, n_nodes)
        Symmetric weights; the diagonal holds twice the weight inside a node.

    Returns
    -------
    ndarray of shape (n_nodes, n_nodes)
        Weights of the same row sums.
    """
    degrees = sums.sum(axis=1)
    return np.outer(degrees, degrees) / max(degrees.sum(), 1e-300)


def _moved(
    A: Floats,
    labels: Integers,
    resolution: float,
    random_state: np.random.RandomState,
    *,
    keeps_all: bool = False,
) -> Integers:
    """Move single nodes to the cluster where modularity gains most, until none gains.

    With `keeps_all`, the last node of a cluster stays.
    """
    labels = labels.copy()
    degrees = A.sum(axis=1)
    chance = resolution * degrees / max(degrees.sum(), 1e-300)
    links = A @ np.eye(labels.max() + 1)[labels]
    volumes = np.bincount(labels, weights=degrees)
    counts = np.bincount(labels)
    own = np.diagonal(A) - chance * degrees
    for _ in range(_MAX_SWEEPS):
        n_moved = 0
        for node in random_state.permutation(len(A)):
            here = labels[node]
            if keeps_all and counts[here] == 1:
                continue
            gain = links[node] - chance[node] * volumes
            gain[here] -= own[node]
            there = int(gain.argmax())
            if gain[there] <= gain[here] + _ROUNDING * degrees[node]:
                continue
            for cluster, sign in ((here, -1), (there, 1)):
                links[:, cluster] += sign * A[:, node]
                volumes[cluster] += sign * degrees[node]
                counts[cluster] += sign
            labels[node] = there
            n_moved += 1
        if not n_moved:
            break
    return np.unique(labels, return_inverse=True)[1].reshape(-1)
