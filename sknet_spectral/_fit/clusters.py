"""The clusters of a fit: their rule, and what else is known of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .assignment import LabelRule, NearestCenter
from .cluster_tree import ClusterTree
from .membership import find_exemplars, fit_temperature
from .steps import SpectralFit


@dataclass(frozen=True)
class Clusters:
    """Clusters of the rows of a graph.

    Attributes
    ----------
    rule : LabelRule
        The rule that labels rows of the embedding.
    labels : ndarray of shape (n_samples,)
        Cluster of each row of the graph.
    temperature : float
        The temperature of their probabilities.
    exemplars : list of ndarray of shape (at most 10,)
        Positions of the rows that stand for each cluster.
    least_certain : ndarray of shape (at most 10,)
        Positions of the rows between two clusters.
    tree : ClusterTree
        How they split and merge.
    """

    rule: LabelRule
    labels: np.ndarray
    temperature: float
    exemplars: list[np.ndarray]
    least_certain: np.ndarray
    tree: ClusterTree

    def attributes(self) -> dict[str, Any]:
        """Return the fitted attributes, by name."""
        found = {
            "temperature_": self.temperature,
            "exemplars_": self.exemplars,
            "least_certain_": self.least_certain,
            "children_": self.tree.children,
            "distances_": self.tree.distances,
            "n_leaves_": self.tree.n_leaves,
            "_rule": self.rule,
            "_tree": self.tree,
        }
        if isinstance(self.rule, NearestCenter):
            found["cluster_centers_"] = self.rule.centers
        return found


def examine_clusters(
    rule: LabelRule,
    fit: SpectralFit,
    *,
    unit_length: bool,
    random_state: np.random.RandomState,
) -> Clusters:
    """Find out how sure labels are, which rows are typical, and what merges first.

    Parameters
    ----------
    rule : LabelRule
        The rule of the labels.
    fit : SpectralFit
        The embedding and the graph.
    unit_length : bool
        Whether rows of the embedding are scaled to unit length.
    random_state : numpy.random.RandomState
        Draws the leaves of the tree.

    Returns
    -------
    Clusters
        What was found.
    """
    Y, labels = fit.map.embedding, rule.labels(fit.map.embedding)
    exemplars, least_certain = find_exemplars(rule, Y, fit.sample.positions)
    tree = ClusterTree(
        Y,
        labels,
        fit.map.eigenvalues,
        unit_length=unit_length,
        random_state=random_state,
    )
    return Clusters(
        rule,
        labels,
        fit_temperature(rule, Y, fit.graph.W),
        exemplars,
        least_certain,
        tree,
    )
