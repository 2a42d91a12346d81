"""Labels by merging: small parts of the embedding, joined on the graph."""

import numpy as np
from scipy.spatial.distance import cdist

from ..._graph.clusters.modular_merging import large_modular_clusters
from ..._graph.clusters.parts import part_centers
from ..._graph.node_groups import between
from ..._rows.rows import Matrix
from .assignment import LabelRule, rows_to_cluster

# Small parts that follow the borders of known clusters: for each, and in all.
_PARTS_PER_CLUSTER, _MAX_PARTS = 40, 600


class MergedCenters(LabelRule):
    """Each cluster has several centres; a row belongs to the cluster of the nearest.

    Parameters
    ----------
    centers : ndarray of shape (n_centers, n_components)
        Centres of the parts.
    clusters : ndarray of shape (n_centers,)
        Cluster of each, from zero; none is missing.
    unit_length : bool
        Whether rows are scaled to unit length first.

    Attributes
    ----------
    centers : ndarray of shape (n_centers, n_components)
        The centres, cluster by cluster.
    starts : ndarray of shape (n_clusters,)
        Position of the first centre of each cluster.
    """

    def __init__(
        self, centers: np.ndarray, clusters: np.ndarray, *, unit_length: bool
    ) -> None:
        order = np.argsort(clusters, kind="stable")
        self.centers, self.unit_length = centers[order], unit_length
        self.starts = np.searchsorted(clusters[order], np.arange(clusters.max() + 1))

    def typicality(self, Y: np.ndarray) -> np.ndarray:
        """Return minus the squared distance to the mean of each cluster's centres."""
        counts = np.diff([*self.starts, len(self.centers)])
        means = np.add.reduceat(self.centers, self.starts) / counts[:, np.newaxis]
        return -cdist(rows_to_cluster(Y, self.unit_length), means, "sqeuclidean")

    def _scores(self, Y: np.ndarray) -> np.ndarray:
        """Return minus the squared distance to the nearest centre of each cluster."""
        points = rows_to_cluster(Y, self.unit_length)
        # Differences, not products: a row's answer must not depend on other rows.
        squares = cdist(points, self.centers, "sqeuclidean")
        return -np.minimum.reduceat(squares, self.starts, axis=1)


def merge_centers(
    Y: np.ndarray,
    W: Matrix,
    n_clusters: int,
    *,
    min_rows: float,
    unit_length: bool,
    random_state: np.random.RandomState,
) -> MergedCenters:
    """Cut an embedding into small parts, and merge them into clusters on the graph.

    K-means draws straight borders half-way between the centres of clusters. Merging
    finds clusters of any shape instead, and puts borders where few edges cross them.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_components)
        Embedding of the rows of the graph, float64.
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The affinities.
    n_clusters : int
        Number of clusters.
    min_rows : float
        Least number of rows of a cluster.
    unit_length : bool
        Whether rows of the embedding are scaled to unit length first.
    random_state : numpy.random.RandomState
        Draws rows, initial centres and the order of merges.

    Returns
    -------
    MergedCenters
        The rule, of `n_clusters` clusters or as many as the parts allow.
    """
    points = rows_to_cluster(Y, unit_length)
    centers = part_centers(points, n_clusters, random_state)
    each = MergedCenters(centers, np.arange(len(centers)), unit_length=unit_length)
    found, parts = np.unique(each.labels(Y), return_inverse=True)
    parts = parts.reshape(-1)
    sums = between(W, parts)
    # Only ratios matter, and products of large weights would overflow.
    clusters = large_modular_clusters(
        sums / (sums.max() or 1.0),
        np.bincount(parts),
        min(n_clusters, len(found)),
        min_rows,
        random_state,
    )
    return MergedCenters(centers[found], clusters, unit_length=unit_length)


def centers_of_partition(
    Y: np.ndarray,
    labels: np.ndarray,
    *,
    unit_length: bool,
    random_state: np.random.RandomState,
) -> MergedCenters:
    """Describe clusters by small parts, each in the cluster of most of its rows.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_components)
        Embedding of the rows of the graph, float64.
    labels : ndarray of shape (n_samples,)
        Their clusters, from zero.
    unit_length : bool
        Whether rows of the embedding are scaled to unit length first.
    random_state : numpy.random.RandomState
        Draws rows and initial centres.

    Returns
    -------
    MergedCenters
        The rule, without clusters that have no majority in any part.
    """
    n_clusters = labels.max() + 1
    n_parts = min(_PARTS_PER_CLUSTER, _MAX_PARTS // n_clusters)
    points = rows_to_cluster(Y, unit_length)
    centers = np.vstack(
        [
            part_centers(points[labels == cluster], 1, random_state, n_parts)
            for cluster in np.unique(labels)
        ]
    )
    parts = MergedCenters(
        centers, np.arange(len(centers)), unit_length=unit_length
    ).labels(Y)
    counts = np.zeros((len(centers), n_clusters))
    np.add.at(counts, (parts, labels), 1)
    has_rows = counts.any(axis=1)
    clusters = np.unique(counts[has_rows].argmax(axis=1), return_inverse=True)[1]
    return MergedCenters(centers[has_rows], clusters, unit_length=unit_length)
