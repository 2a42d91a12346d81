"""Which rule turns the embedding into labels, and the rule of "auto"."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ..._graph.clusters.least_sizes import min_group_rows
from ..._graph.clusters.parts import MIN_ROWS_PER_GROUP
from ..._graph.clusters.row_partition import modular_partition, move_rows
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
from .k_means import KMeansOptions, draw_rows, k_means_rule
from .merged_centers import MergedCenters, centers_of_partition, merge_centers
from .modular_choice import most_modular_centers
from .partition_comparison import is_better_cut, is_far_cheaper_cut

# A map can tell a partition of the graph apart if it gives this share of the rows the
# same labels. A partition that it reproduces less well follows single edges.
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
        Source of randomness of the rule.

    Returns
    -------
    LabelRule
        The rule.

    Raises
    ------
    ValueError
        If the rule needs as many components as clusters, and they differ.
    """
    check_rule(options.assign_labels, Y.shape[1], n_clusters)
    if options.assign_labels == "discretize":
        return Discretization(Y, random_state=random_state)
    if options.assign_labels == "cluster_qr":
        return PivotedRotation(Y)
    candidates = _Candidates(Y, W, compared_on, n_clusters, options, random_state)
    if options.assign_labels == "modularity":
        return candidates.merged_parts()
    usual = candidates.k_means()
    if options.assign_labels == "kmeans" or candidates.are_alike():
        return usual
    return candidates.best(usual)


class _Judged(NamedTuple):
    """A rule and its partition of the rows of a graph."""

    rule: LabelRule
    partition: Partition


@dataclass(frozen=True)
class _Candidates:
    """The rules among which "auto" chooses.

    Attributes
    ----------
    Y, W, compared_on, n_clusters, options, random_state
        As in `learn_labels`.
    """

    Y: np.ndarray
    W: Matrix
    compared_on: Matrix
    n_clusters: int
    options: LabelOptions
    random_state: np.random.RandomState

    @property
    def min_rows(self) -> float:
        """Least number of rows of a cluster that was merged."""
        return min_group_rows(
            self.options.min_cluster_size, len(self.Y), self.n_clusters
        )

    def are_alike(self) -> bool:
        """Tell whether the graph says little about partitions that k-means does not.

        A graph of few nodes does, and a mesh: each division of a mesh into connected
        parts of similar size has nearly the largest modularity.
        """
        is_small = self.W.shape[0] < MIN_ROWS_PER_GROUP * self.n_clusters
        is_given_mesh = self.options.of_given_graph and is_mesh(self.W)
        return self.n_clusters == 1 or is_small or is_given_mesh

    def k_means(self) -> NearestCenter:
        """Return k-means, whose best run the embedding chooses, or the graph."""
        if not self.options.compares_partitions:
            return self.centers(self.options)
        return most_modular_centers(
            self.Y, self.compared_on, self.n_clusters, self.options, self.random_state
        )

    def centers(self, options: KMeansOptions) -> NearestCenter:
        """Return k-means, whose best run the embedding chooses."""
        some = draw_rows(self.Y, self.random_state)
        return k_means_rule(some, self.n_clusters, options, self.random_state)

    def merged_parts(self) -> MergedCenters:
        """Return small parts of the embedding, merged on the graph."""
        return merge_centers(
            self.Y,
            self.W,
            self.n_clusters,
            min_rows=self.min_rows,
            unit_length=self.options.unit_length,
            random_state=self.random_state,
        )

    def best(self, usual: NearestCenter) -> LabelRule:
        """Return the rule whose partition the graph supports most."""
        merged = self._judge(self.merged_parts())
        chosen = self._judge(usual)
        if is_better_cut(merged.partition, chosen.partition):
            chosen = merged
        chosen = self._of_graph_if_better(chosen)
        if self.options.unit_length:
            keeping_length = replace(self.options, unit_length=False)
            other = self._judge(self.centers(keeping_length))
            if is_far_cheaper_cut(other.partition, chosen.partition):
                return other.rule
        return chosen.rule

    def _judge(self, rule: LabelRule) -> _Judged:
        return _Judged(rule, Partition(self.compared_on, rule.labels(self.Y)))

    def _of_graph_if_better(self, chosen: _Judged) -> _Judged:
        """Take a partition of the graph, if it is better and the map reproduces it.

        Rows of this partition have moved to where modularity is largest; labels by a
        map cannot. To be fair, either the map's labels of this partition must have the
        larger modularity, or the partition must be better than the chosen labels after
        the same moves.
        """
        labels = modular_partition(
            self.W, self.n_clusters, self.min_rows, self.random_state
        )
        if labels is None:
            return chosen
        found = chosen.partition.of_same_graph(labels)
        if not is_better_cut(found, chosen.partition):
            return chosen
        rule = centers_of_partition(
            self.Y,
            labels,
            unit_length=self.options.unit_length,
            random_state=self.random_state,
        )
        told = _Judged(rule, chosen.partition.of_same_graph(rule.labels(self.Y)))
        is_complete = told.partition.n_clusters >= found.n_clusters
        if not is_complete or _same(told.partition, found) < _TOLD_APART:
            return chosen
        if told.partition.modularity > chosen.partition.modularity:
            return told
        moved = move_rows(self.W, chosen.partition.labels, self.random_state)
        is_better = is_better_cut(found, chosen.partition.of_same_graph(moved))
        return told if is_better else chosen


def _same(first: Partition, second: Partition) -> float:
    """Return the share of the rows that have the same cluster in both."""
    return float(np.mean(first.labels == second.labels))
