"""The clusters of a fit: their rule, and a description of them."""

import math
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from ..._graph.clusters.least_sizes import min_group_rows
from ..spectral_map.steps import SpectralFit
from ..underflow import tiny_is_zero
from .assignment import LabelRule, NearestCenter
from .cluster_tree import ClusterTree
from .label_choice import LabelOptions, learn_labels
from .membership import Memberships, find_exemplars, fit_memberships


@dataclass(frozen=True)
class Clusters:
    """Clusters of the rows of a graph.

    Attributes
    ----------
    rule : LabelRule
        The rule that labels rows of the embedding.
    n_clusters : int
        Number of clusters of the rule. It is smaller than requested if fewer rows are
        distinct.
    labels : ndarray of shape (n_samples,)
        Cluster of each row of the graph.
    memberships : Memberships
        Their probabilities.
    exemplars : list of ndarray of shape (at most 10,)
        Positions of the rows that stand for each cluster.
    least_certain : ndarray of shape (at most 10,)
        Positions of the rows between two clusters.
    tree : ClusterTree
        How they split and merge.
    """

    rule: LabelRule
    n_clusters: int
    labels: np.ndarray
    memberships: Memberships
    exemplars: list[np.ndarray]
    least_certain: np.ndarray
    tree: ClusterTree

    def attributes(self) -> dict[str, Any]:
        """Return the fitted attributes, by name."""
        found = {
            "n_clusters_": self.n_clusters,
            "temperature_": self.memberships.temperature,
            "exemplars_": self.exemplars,
            "least_certain_": self.least_certain,
            "children_": self.tree.children,
            "distances_": self.tree.distances,
            "n_leaves_": self.tree.n_leaves,
            "_rule": self.rule,
            "_memberships": self.memberships,
            "_tree": self.tree,
        }
        if isinstance(self.rule, NearestCenter):
            found["cluster_centers_"] = self.rule.centers
        return found


@tiny_is_zero()
def find_clusters(fit: SpectralFit, options: LabelOptions) -> Clusters:
    """Label the rows of the graph, and describe their clusters.

    The description says how sure labels are, which rows are typical of each cluster,
    and which clusters merge first.

    Parameters
    ----------
    fit : SpectralFit
        The embedding and the graph.
    options : LabelOptions
        How labels are made.

    Returns
    -------
    Clusters
        What was found.
    """
    if options.verbose:
        print(f"Computing label assignment using {options.assign_labels}")
    Y, n_clusters = fit.map.embedding, cast(int, fit.map.n_clusters)
    min_rows = min_group_rows(options.min_cluster_size, len(Y), n_clusters)
    min_rows = max(min_rows, fit.map.min_rows)  # what has no component is no cluster
    rule = learn_labels(
        Y,
        fit.graph.W,
        fit.graph.compared_on,
        n_clusters,
        replace(options, min_cluster_size=math.ceil(min_rows)),
        np.random.RandomState(fit.run.seeds.labels),
    )
    return describe(fit, rule, unit_length=options.unit_length)


def describe(fit: SpectralFit, rule: LabelRule, *, unit_length: bool) -> Clusters:
    """Say how sure the labels of a rule are, and how its clusters merge.

    Parameters
    ----------
    fit : SpectralFit
        The embedding and the graph.
    rule : LabelRule
        The rule.
    unit_length : bool
        Whether the leaves of the tree are made of rows of unit length.

    Returns
    -------
    Clusters
        The clusters.
    """
    Y = fit.map.embedding
    scores = rule.scores(Y)
    labels = scores.argmax(axis=1).astype(np.int32)
    memberships = fit_memberships(scores, fit.graph.W)
    exemplars, least_certain = find_exemplars(
        scores, memberships.spread, rule.typicality(Y), fit.sample.positions
    )
    tree = ClusterTree(
        Y,
        labels,
        fit.map.eigenvalues,
        unit_length=unit_length,
        random_state=np.random.RandomState(fit.run.seeds.tree),
    )
    return Clusters(
        rule,
        scores.shape[1],
        labels,
        memberships,
        exemplars,
        least_certain,
        tree,
    )
