"""Merge the nodes of a small dense graph into clusters of large modularity."""

import numpy as np

from ..arrays import Floats, Integers

_MAX_SWEEPS, _MAX_SEARCHES = 20, 12
# Modularity itself (resolution one) may find so many times the clusters, of which some
# merge. A lower resolution would join large clusters instead, and keep small ones.
_MAX_MERGED = 1.25
# Rounding can turn no gain into this share of a node's weight.
_ROUNDING = 1e-12


def large_modular_clusters(
    A: Floats,
    rows: Integers | Floats,
    n_clusters: int,
    min_rows: float,
    random_state: np.random.RandomState,
) -> Integers:
    """Merge nodes into clusters of large modularity, none with too few rows.

    The method of Louvain (Blondel et al., "Fast unfolding of communities in large
    networks", 2008) finds a number of its own, which grows with the resolution. At
    resolution one it may be the number wanted, or a few more. Otherwise the resolution
    is searched that gives the number wanted of clusters that are large enough, or the
    fewest above it. A cluster that is too small joins the one to which it has most
    weight, then the pairs that cost least are merged.

    Parameters
    ----------
    A : ndarray of shape (n_nodes, n_nodes)
        Symmetric weights; the diagonal holds twice the weight inside a node.
    rows : ndarray of shape (n_nodes,)
        Number of rows that each node stands for.
    n_clusters : int
        Number of clusters, at most the number of nodes.
    min_rows : float
        Least number of rows of a cluster.
    random_state : numpy.random.RandomState
        Draws the order in which nodes move.

    Returns
    -------
    ndarray of shape (n_nodes,)
        Cluster of each node, from zero: `n_clusters` of them, or as many as were found.
    """

    def rank(labels: Integers) -> tuple[bool, int, int]:
        n_large = _n_large(labels, rows, min_rows)
        return n_large < n_clusters, abs(n_large - n_clusters), labels.max()

    low, high, resolution = 0.0, np.inf, 1.0
    best: Integers = np.arange(len(A))
    best_resolution = 1.0
    for _ in range(_MAX_SEARCHES):
        labels = _louvain(A, resolution, random_state)
        if rank(labels) < rank(best):
            best, best_resolution = labels, resolution
        n_large = _n_large(labels, rows, min_rows)
        most = _MAX_MERGED * n_clusters if resolution == 1.0 else n_clusters
        if n_clusters <= n_large <= most:
            break
        # Clusters that fall into twice as many are too small, not too few.
        if n_large < n_clusters and labels.max() + 1 < 2 * n_clusters:
            low = resolution
        else:
            high = resolution
        resolution = _next_resolution(low, high)
    labels = _merge_small(A, best, rows, min_rows)
    labels = _merge_cheapest(A, labels, n_clusters, best_resolution)
    labels = _move_one_by_one(A, labels, best_resolution, random_state, keeps_all=True)
    return _merge_small(A, labels, rows, min_rows)


def _n_large(labels: Integers, rows: Integers | Floats, min_rows: float) -> int:
    return int(np.sum(np.bincount(labels, weights=rows) >= min_rows))


def _next_resolution(low: float, high: float) -> float:
    """Return a resolution between one that is too low and one that is too high."""
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
        found = _move_one_by_one(
            coarse, np.arange(len(coarse)), resolution, random_state
        )
        labels = found[labels]
        if found.max() + 1 == len(coarse):
            return _move_one_by_one(A, labels, resolution, random_state)
        coarse = _sums_of_groups(coarse, found)


def _merge_cheapest(
    A: Floats, labels: Integers, n_clusters: int, resolution: float
) -> Integers:
    """Merge the two clusters that cost least modularity until few enough are left."""
    labels, sums = labels.copy(), _sums_of_groups(A, labels)
    gain = sums - resolution * weights_by_chance(sums)
    np.fill_diagonal(gain, -np.inf)
    for _ in range(n_clusters, len(gain)):
        _join(gain, labels, *divmod(int(gain.argmax()), len(gain)))
    return _renumber(labels)


def _merge_small(
    A: Floats, labels: Integers, rows: Integers | Floats, min_rows: float
) -> Integers:
    """Merge each cluster that is too small with the one to which it has most weight."""
    labels, links = labels.copy(), _sums_of_groups(A, labels)
    np.fill_diagonal(links, -np.inf)
    sizes = np.bincount(labels, weights=rows).astype(float)
    for _ in range(1, len(sizes)):
        small = int(sizes.argmin())
        if sizes[small] >= min_rows:
            break
        other = int(links[small].argmax())
        sizes[other] += sizes[small]
        sizes[small] = np.inf
        _join(links, labels, other, small)
    return _renumber(labels)


def _join(pairs: Floats, labels: Integers, kept: int, gone: int) -> None:
    """Merge two clusters in place; no pair has the one that is gone."""
    labels[labels == gone] = kept
    pairs[kept] += pairs[gone]
    pairs[:, kept] += pairs[:, gone]
    pairs[gone] = pairs[:, gone] = -np.inf


def _sums_of_groups(A: Floats, labels: Integers) -> Floats:
    """Sum the weights within and between groups."""
    return _sums_of_rows(_sums_of_rows(A.T, labels).T, labels)


def _sums_of_rows(A: Floats, labels: Integers) -> Floats:
    """Sum the rows of each group: few enough that indicators would take longer."""
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(labels.max() + 1))
    return np.add.reduceat(A[order], starts, axis=0)


def _renumber(labels: Integers) -> Integers:
    """Number the clusters from zero."""
    return np.unique(labels, return_inverse=True)[1].reshape(-1)


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


def _move_one_by_one(
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
    labels, nodes = labels.copy(), np.arange(len(A))
    degrees = A.sum(axis=1)
    chance = resolution * degrees / max(degrees.sum(), 1e-300)
    links = _sums_of_rows(A, labels)
    volumes = np.bincount(labels, weights=degrees)
    counts = np.bincount(labels)
    own = np.diagonal(A) - chance * degrees
    least = _ROUNDING * degrees
    for _ in range(_MAX_SWEEPS):
        gain = links - np.outer(volumes, chance)
        gain[labels, nodes] -= own
        gains = gain.max(axis=0) > gain[labels, nodes] + least
        for node in random_state.permutation(np.flatnonzero(gains)):
            old = labels[node]
            if keeps_all and counts[old] == 1:
                continue
            gain_of_node = links[:, node] - chance[node] * volumes
            gain_of_node[old] -= own[node]
            new = gain_of_node.argmax()
            if gain_of_node[new] <= gain_of_node[old] + least[node]:
                continue
            links[old] -= A[node]
            links[new] += A[node]
            volumes[old] -= degrees[node]
            volumes[new] += degrees[node]
            counts[old] -= 1
            counts[new] += 1
            labels[node] = new
        if not gains.any():
            break
    return _renumber(labels)
