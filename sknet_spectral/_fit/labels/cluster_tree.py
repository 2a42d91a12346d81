"""The tree of clusters: nested partitions into any number of clusters."""

import numpy as np
from scipy.cluster.hierarchy import fcluster, ward

from ..._graph.clusters.cluster_count import commute_lengths
from ..._graph.clusters.merges import leaf_groups, merge_clusters_last
from ..._graph.clusters.parts import few_distinct
from .assignment import LabelRule, NearestCenter, rows_to_cluster

# Number of leaves, and number of rows that the mean leaf is made of.
_MIN_LEAVES, _LEAVES_PER_CLUSTER = 100, 10
_MIN_ROWS_PER_LEAF, _MAX_ROWS_PER_LEAF = 5, 10


class ClusterTree:
    """Clusters as the middle of a tree: they merge above it, and split below it.

    Each cluster is cut into small groups, the leaves, using Ward's rule on some of its
    rows. The same rule merges the leaves within each cluster, then the clusters.
    Distances are commute times on the graph: components with small eigenvalues, which
    separate what merges last, count more than in the rule of the labels.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_components)
        Embedding of the rows of the graph, float64.
    labels : ndarray of shape (n_samples,)
        Their clusters.
    eigenvalues : ndarray of shape (n_components,)
        Eigenvalue of each component.
    unit_length : bool
        Whether rows are scaled to unit length.
    random_state : numpy.random.RandomState
        Draws rows.

    Attributes
    ----------
    children : ndarray of shape (n_leaves - 1, 2)
        The merges, as in `merges.Merges`.
    distances : ndarray of shape (n_leaves - 1,)
        Their heights.
    """

    def __init__(
        self,
        Y: np.ndarray,
        labels: np.ndarray,
        eigenvalues: np.ndarray,
        *,
        unit_length: bool,
        random_state: np.random.RandomState,
    ) -> None:
        self.lengths = commute_lengths(eigenvalues)
        rows = np.bincount(labels)
        n_leaves = max(_MIN_LEAVES, _LEAVES_PER_CLUSTER * len(rows))
        n_leaves = min(n_leaves, len(Y) // _MIN_ROWS_PER_LEAF)
        self.parts, centers, sizes = [], [], []
        for cluster, n_rows in enumerate(rows):
            n_parts = max(1, round(n_leaves * n_rows / len(Y)))
            (members,) = np.nonzero(labels == cluster)
            drawn = random_state.permutation(members)[: _MAX_ROWS_PER_LEAF * n_parts]
            points = Y[drawn] / self.lengths
            part = _nearest_group(points, n_parts, unit_length)
            counts = np.bincount(part.labels(points))
            self.parts.append(part)
            centers.append(part.centers)
            sizes.append(counts * n_rows / len(drawn))
        clusters = np.repeat(np.arange(len(sizes)), [len(size) for size in sizes])
        self.children, self.distances = merge_clusters_last(
            np.concatenate(centers), np.concatenate(sizes), clusters
        )

    @property
    def n_leaves(self) -> int:
        """Number of leaves."""
        return len(self.children) + 1

    def leaves(self, Y: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Find the leaf of each row.

        Parameters
        ----------
        Y : ndarray of shape (n_rows, n_components)
            Embedding of the rows.
        labels : ndarray of shape (n_rows,)
            Their clusters.

        Returns
        -------
        ndarray of shape (n_rows,)
            The leaves.
        """
        points, leaves, first = Y / self.lengths, np.empty(len(Y), dtype=np.intp), 0
        for cluster, part in enumerate(self.parts):
            members = labels == cluster
            leaves[members] = first + part.labels(points[members])
            first += len(part.centers)
        return leaves


def _nearest_group(Y: np.ndarray, n_groups: int, unit_length: bool) -> NearestCenter:
    """Merge rows into groups by Ward's rule; a row's label is the nearest mean."""
    points = rows_to_cluster(Y, unit_length)
    # Rows that differ only by rounding are no groups.
    distinct = few_distinct(points, n_groups)
    n_groups = n_groups if distinct is None else len(distinct)
    groups = np.ones(len(points))
    if n_groups > 1:
        groups = fcluster(ward(points), n_groups, "maxclust")
    means = [points[groups == group].mean(axis=0) for group in np.unique(groups)]
    return NearestCenter(np.array(means), unit_length=unit_length).without_empty(Y)


class TreeCut:
    """Labels rows of an embedding, each by itself, using a cut of the tree.

    Parameters
    ----------
    rule : LabelRule
        The rule of the clusters in the tree.
    tree : ClusterTree
        The tree.
    n_clusters : int
        Number of labels, at most the number of leaves.
    """

    def __init__(self, rule: LabelRule, tree: ClusterTree, n_clusters: int) -> None:
        self.rule, self.tree = rule, tree
        self.groups = leaf_groups(tree.children, n_clusters).astype(np.int32)

    def labels(self, Y: np.ndarray) -> np.ndarray:
        """Return the group of each row, of shape (n_rows,)."""
        return self.groups[self.tree.leaves(Y, self.rule.labels(Y))]
