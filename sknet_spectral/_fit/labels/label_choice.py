"""Which rule turns the embedding into labels, and the rule of "auto"."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ..._graph.clusters.least_sizes import OUTLIERS, min_group_rows
from ..._graph.clusters.parts import MIN_ROWS_PER_GROUP
from ..._graph.clusters.row_partition import modular_partition, moved_rows
from ..._graph.eigenvectors.meshes import is_mesh
from ..._partition import Partition
from ..._rows.rows import Matrix
from .assignment import (
    Discretization,
    LabelRule,
    NearestCenter,
    PivotedRotation,
    check_rule,
)
from .k_means import KMeansOptions, drawn_rows, k_means_rule
from .merged_centers import MergedCenters, centers_of_partition, merge_centers
from .modular_choice import most_modular_centers

# A cut that costs so much more counts as no more: two partitions differ by chance. So
# does a partition that joins so much less.
_SAME_CUT = 1.05
# A cut that costs less than this share of another is that of clusters of very unequal
# size, which directions of rows do not tell apart.
_FAR_CHEAPER_CUT = 0.4
# A map that tells a partition of the graph apart gives so many rows the same label;
# a partition that it knows less well follows single edges, not clusters.
_TOLD_APART = 0.965


@dataclass(frozen=True, kw_only=True)
class LabelOptions(KMeansOptions):
    """How labels are made, by k-means or otherwise.

    Attributes
    ----------
    assign_labels : {"auto", "kmeans", "modularity", "discretize", "cluster_qr"}
        The rule.
    compares_partitions : bool
        Whether the graph chooses among runs of k-means.
    min_cluster_size : int, float or None
        Least number of rows of a merged cluster, or their share; None means a rule.
    of_given_graph : bool
        Whether the user gave affinities instead of rows.
    """

    assign_labels: str
    compares_partitions: bool
    min_cluster_size: int | float | None
    of_given_graph: bool


def learn_labels(
    Y: np.ndarray,
    W: Matrix,
    compared_on: Matrix,
    n_clusters: int,
    options: LabelOptions,
    random_state: np.random.RandomState,
) -> LabelRule:
    """Learn a rule that labels any rows of an embedding.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_components)
        Embedding of the rows of the graph, float64.
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The affinities, on which parts are merged.
    compared_on : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The affinities that judge partitions.
    n_clusters : int
        Number of clusters.
    options : LabelOptions
        Which rule.
    random_state : numpy.random.RandomState
        What the rule draws comes from it.

    Returns
    -------
    LabelRule
        The rule.

    Raises
    ------
    ValueError
        If the rule does not go with so many components.
    """
    check_rule(options.assign_labels, Y.shape[1], n_clusters)
    if options.assign_labels == "discretize":
        return Discretization(Y, random_state=random_state)
    if options.assign_labels == "cluster_qr":
        return PivotedRotation(Y)
    if options.assign_labels == "modularity":
        return _merged(Y, W, n_clusters, options, random_state)
    usual = _usual(Y, compared_on, n_clusters, options, random_state)
    if options.assign_labels == "kmeans" or _has_few_partitions(W, n_clusters, options):
        return usual
    merged = _merged(Y, W, n_clusters, options, random_state)
    chosen = _judged(Y, compared_on, usual)
    of_parts = _judged(Y, compared_on, merged)
    if is_better_cut(of_parts.partition, chosen.partition):
        chosen = of_parts
    chosen = _of_graph(Y, W, n_clusters, options, random_state, chosen)
    if options.unit_length:
        keeping_length = replace(options, unit_length=False)
        others = _judged(
            Y, compared_on, _centers(Y, n_clusters, keeping_length, random_state)
        )
        if is_far_cheaper_cut(others.partition, chosen.partition):
            return others.rule
    return chosen.rule


def _has_few_partitions(W: Matrix, n_clusters: int, options: LabelOptions) -> bool:
    """Tell whether a graph says little about partitions that k-means does not.

    A graph of few nodes does, and a mesh: each of its connected parts of like size has
    nearly the largest modularity.
    """
    is_small = W.shape[0] < MIN_ROWS_PER_GROUP * n_clusters
    return n_clusters == 1 or is_small or (options.of_given_graph and is_mesh(W))


class _Judged(NamedTuple):
    """A rule and its partition of the rows of a graph."""

    rule: LabelRule
    partition: Partition


def _judged(Y: np.ndarray, W: Matrix, rule: LabelRule) -> _Judged:
    return _Judged(rule, Partition(W, rule.labels(Y)))


def is_better_cut(partition: Partition, usual: Partition) -> bool:
    """Tell whether a graph supports one partition more than the usual one.

    It does if the modularity is larger and the normalised cut at most a twentieth
    larger. Each alone has a weakness: modularity prefers clusters of like size, and a
    normalised cut prefers one that has few rows and hangs by few edges. In a graph that
    joins nearly all pairs, as a wide kernel does, all cuts cost nearly the same. What
    the clusters join beyond any other partition of such a graph must not be a twentieth
    less, either.

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
    if _joined(usual) > _SAME_CUT * _joined(partition):
        return False
    return partition.modularity > usual.modularity


def _joined(partition: Partition) -> float:
    """Return what clusters join beyond those of a graph with equal weights."""
    return partition.n_clusters - 1 - partition.normalized_cut


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


def _usual(
    Y: np.ndarray,
    W: Matrix,
    n_clusters: int,
    options: LabelOptions,
    random_state: np.random.RandomState,
) -> NearestCenter:
    """Learn k-means, whose best run the embedding chooses, or the graph."""
    if not options.compares_partitions:
        return _centers(Y, n_clusters, options, random_state)
    return most_modular_centers(Y, W, n_clusters, options, random_state)


def _centers(
    Y: np.ndarray,
    n_clusters: int,
    options: LabelOptions,
    random_state: np.random.RandomState,
) -> NearestCenter:
    some = drawn_rows(Y, random_state)
    return k_means_rule(some, n_clusters, options, random_state)


def _merged(
    Y: np.ndarray,
    W: Matrix,
    n_clusters: int,
    options: LabelOptions,
    random_state: np.random.RandomState,
) -> MergedCenters:
    """Merge parts of the embedding on the graph."""
    return merge_centers(
        Y,
        W,
        n_clusters,
        min_rows=min_group_rows(options.min_cluster_size, len(Y), n_clusters),
        unit_length=options.unit_length,
        random_state=random_state,
    )


def _of_graph(
    Y: np.ndarray,
    W: Matrix,
    n_clusters: int,
    options: LabelOptions,
    random_state: np.random.RandomState,
    chosen: _Judged,
) -> _Judged:
    """Take a partition of the graph itself, if it is better and the map can tell it.

    Its rows have moved to where modularity is largest, which labels by a map cannot.
    So like is compared with like: either the map's labels of the partition have the
    larger modularity, or the partition is better than the chosen labels after the same
    moves.
    """
    min_rows = min_group_rows(options.min_cluster_size, len(Y), n_clusters)
    labels = modular_partition(W, n_clusters, min_rows, random_state)
    if labels is None:
        return chosen
    found = chosen.partition.of_same_graph(labels)
    if not is_better_cut(found, chosen.partition):
        return chosen
    rule = centers_of_partition(
        Y, labels, unit_length=options.unit_length, random_state=random_state
    )
    told = chosen.partition.of_same_graph(rule.labels(Y))
    if told.n_clusters < found.n_clusters or _same(told, found) < _TOLD_APART:
        return chosen
    if told.modularity > chosen.partition.modularity:
        return _Judged(rule, told)
    moved = moved_rows(W, chosen.partition.labels, random_state)
    is_better = is_better_cut(found, chosen.partition.of_same_graph(moved))
    return _Judged(rule, told) if is_better else chosen


def _same(first: Partition, second: Partition) -> float:
    """Return the share of the rows that have the same cluster in both."""
    return float(np.mean(first.labels == second.labels))
