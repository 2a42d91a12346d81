"""Which of two partitions a graph supports more."""

import numpy as np

from ..._graph.clusters.least_sizes import OUTLIERS
from ..._partition import Partition

# A cut that costs this much more counts as the same, since two partitions differ by
# chance. So does a partition that joins this much less.
_SAME_CUT = 1.05
# A cut below this share of another one separates clusters of very unequal sizes, which
# the directions of rows do not tell apart.
_FAR_CHEAPER_CUT = 0.4


def is_better_cut(partition: Partition, usual: Partition) -> bool:
    """Tell whether a graph supports one partition more than the usual one.

    It does if the modularity is larger and the normalised cut at most a twentieth
    larger. Each alone has a weakness: modularity prefers clusters of similar size, and
    a normalised cut prefers a cluster of few rows that few edges join to the others. If
    a graph joins nearly all pairs, as a wide kernel does, all cuts cost nearly the
    same. So what the clusters join, beyond clusters in a graph of equal weights, must
    not be a twentieth less either.

    Parameters
    ----------
    partition, usual : Partition
        The two partitions of the graph.

    Returns
    -------
    bool
        Whether the first is better. It is not if it has fewer clusters.
    """
    if partition.n_clusters < usual.n_clusters:
        return False
    if partition.normalized_cut > _SAME_CUT * usual.normalized_cut:
        return False
    if _joined_by_clusters(usual) > _SAME_CUT * _joined_by_clusters(partition):
        return False
    return partition.modularity > usual.modularity


def is_far_cheaper_cut(partition: Partition, chosen: Partition) -> bool:
    """Tell whether a partition cuts far less of a graph than the chosen one.

    It does if its normalised cut is below two fifths of the other, and each cluster has
    enough rows not to be outliers.

    Parameters
    ----------
    partition, chosen : Partition
        The two partitions of the graph.

    Returns
    -------
    bool
        Whether the first cuts far less. It does not if it has fewer clusters.
    """
    if partition.n_clusters < chosen.n_clusters:
        return False
    mean = len(partition.labels) / partition.n_clusters
    if np.bincount(partition.labels).min() < OUTLIERS * mean:
        return False
    return partition.normalized_cut < _FAR_CHEAPER_CUT * chosen.normalized_cut


def _joined_by_clusters(partition: Partition) -> float:
    """Return what clusters join beyond those of a graph with equal weights."""
    return partition.n_clusters - 1 - partition.normalized_cut
