"""Ward's merges of small groups into clusters, then of clusters; cuts of their tree."""

from typing import NamedTuple

import numpy as np

from ..arrays import Floats, Integers

# Heights rise by at least this, in units of the largest: a cut at any number exists.
_MIN_RISE = 4 * float(np.finfo(np.float64).eps)


class Merges(NamedTuple):
    """A binary tree, in the form of scikit-learn's `AgglomerativeClustering`.

    Attributes
    ----------
    children : ndarray of shape (n_leaves - 1, 2)
        The two nodes of each merge. Nodes below `n_leaves` are leaves; merge i makes
        node `n_leaves` + i.
    distances : ndarray of shape (n_leaves - 1,)
        Height of each merge, in ascending order.
    """

    children: Integers
    distances: Floats


def merge_clusters_last(centers: Floats, sizes: Floats, clusters: Integers) -> Merges:
    """Merge groups by Ward's rule, within clusters first, then between them.

    Each merge takes the two groups whose union adds least to the sum of squares. Its
    height is the root of twice that, as in scipy and scikit-learn. If a merge within a
    cluster costs more than the first one between clusters, it gets the height of the
    latter.

    Parameters
    ----------
    centers : ndarray of shape (n_leaves, n_components)
        Means of the groups.
    sizes : ndarray of shape (n_leaves,)
        Number of rows in each.
    clusters : ndarray of shape (n_leaves,)
        Cluster of each.

    Returns
    -------
    Merges
        The tree.
    """
    merging = _Merging(centers, sizes)
    within = merging.merge_all(clusters)
    between = merging.merge_all(np.zeros_like(clusters))
    costs = np.concatenate([np.minimum(within, min(between, default=np.inf)), between])
    children = np.array(merging.children, dtype=np.intp).reshape(-1, 2)
    return Merges(children, _ascending(np.sqrt(2.0 * costs)))


def leaf_groups(children: Integers, n_groups: int) -> Integers:
    """Cut a tree.

    Parameters
    ----------
    children : ndarray of shape (n_leaves - 1, 2)
        The merges, as in `Merges`.
    n_groups : int
        Number of groups, at most as many as leaves.

    Returns
    -------
    ndarray of shape (n_leaves,)
        Group of each leaf. Groups are numbered in the order of their first leaves.
    """
    n_leaves = len(children) + 1
    above = np.arange(2 * n_leaves - 1)
    kept = children[: n_leaves - n_groups]
    above[kept] = n_leaves + np.arange(len(kept))[:, np.newaxis]
    for node in range(len(above) - 1, -1, -1):
        above[node] = above[above[node]]
    _, first, group = np.unique(
        above[:n_leaves], return_index=True, return_inverse=True
    )
    return np.argsort(np.argsort(first))[group.reshape(-1)]


class _Merging:
    """Groups on their way into one, each with the cheapest partner that it may have."""

    def __init__(self, centers: Floats, sizes: Floats) -> None:
        self.centers, self.sizes = centers.astype(np.float64), sizes.astype(np.float64)
        self.node = np.arange(len(sizes))
        self.is_left = np.ones(len(sizes), dtype=bool)
        self.children: list[list[int]] = []

    def merge_all(self, kinds: Integers) -> list[float]:
        """Merge groups of one kind, the cheapest pair first; return what each cost."""
        partner = np.zeros(len(kinds), dtype=np.intp)
        cost = np.full(len(kinds), np.inf)
        for group in np.flatnonzero(self.is_left).tolist():
            partner[group], cost[group] = self._cheapest(group, kinds)
        costs: list[float] = []
        while np.isfinite(cost.min()):
            kept = int(cost.argmin())
            gone = int(partner[kept])
            costs.append(float(cost[kept]))
            self._join(kept, gone)
            cost[gone] = np.inf
            # By Ward's rule no union is nearer to a third group than both its parts.
            lost = (
                np.isin(partner, [kept, gone]) & self.is_left & (kinds == kinds[kept])
            )
            lost[kept] = True
            for group in np.flatnonzero(lost & self.is_left).tolist():
                partner[group], cost[group] = self._cheapest(group, kinds)
        return costs

    def _cheapest(self, group: int, kinds: Integers) -> tuple[int, float]:
        """Return the partner of a group that adds least, and what it adds."""
        may = self.is_left & (kinds == kinds[group])
        may[group] = False
        others = np.flatnonzero(may)
        if not len(others):
            return group, np.inf
        sizes, size = self.sizes[others], self.sizes[group]
        squares = np.square(self.centers[others] - self.centers[group]).sum(axis=1)
        added = squares * sizes * size / (sizes + size)
        best = int(added.argmin())
        return int(others[best]), float(added[best])

    def _join(self, kept: int, gone: int) -> None:
        self.children.append(sorted((int(self.node[kept]), int(self.node[gone]))))
        size = self.sizes[kept] + self.sizes[gone]
        share = self.sizes[gone] / size
        self.centers[kept] += share * (self.centers[gone] - self.centers[kept])
        self.sizes[kept] = size
        self.node[kept] = len(self.node) + len(self.children) - 1
        self.is_left[gone] = False


def _ascending(heights: Floats) -> Floats:
    """Raise heights by a few last bits where they are equal, or fall by rounding."""
    rise = _MIN_RISE * (heights.max(initial=0.0) or 1.0) * np.arange(len(heights))
    return np.maximum.accumulate(heights - rise) + rise
