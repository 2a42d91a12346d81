"""From the embedding of a fit to labels for another number of clusters."""

from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils import check_scalar

from ..._rows.opening import fitted_rows
from ..._rows.rows import Matrix, Result
from ..._warnings import warn
from .assignment import LabelRule
from .cluster_tree import ClusterTree, TreeCut
from .label_choice import LabelOptions, learn_labels


@dataclass(frozen=True)
class FittedClusters:
    """The clusters of a fit, and what is needed to find others.

    Attributes
    ----------
    rule : LabelRule
        The rule that labels rows of the embedding.
    n_clusters : int
        Number of clusters.
    n_wanted : int
        Number of clusters that was requested. There are fewer if fewer rows are
        distinct.
    embedding : {ndarray, dask.array.Array} of shape (n_samples, n_components)
        Embedding of the training rows.
    drawn : ndarray of shape (n_drawn,) or None
        Positions of the rows of the graph; None means all.
    affinities : {ndarray, csr_matrix} of shape (n_drawn, n_drawn)
        The graph.
    """

    rule: LabelRule
    n_clusters: int
    n_wanted: int
    embedding: Any
    drawn: np.ndarray | None
    affinities: Matrix


def learn_again(
    fitted: FittedClusters,
    n_clusters: int,
    options: LabelOptions,
    seed: int,
) -> LabelRule:
    """Learn the rule of the labels for another number of clusters.

    Parameters
    ----------
    fitted : FittedClusters
        The clusters of the fit.
    n_clusters : int
        Number of clusters.
    options : LabelOptions
        Which rule.
    seed : int
        Seed of the rule.

    Returns
    -------
    LabelRule
        The rule. If the fit has as many clusters, it is the rule of the fit.

    Raises
    ------
    ValueError
        If there are fewer rows than clusters, or the rule needs as many components as
        clusters and there are more or fewer.

    Warns
    -----
    UserWarning
        If the rule finds fewer clusters.
    """
    W = fitted.affinities
    check_scalar(n_clusters, "n_clusters", Integral, min_val=1, max_val=W.shape[0])
    if n_clusters == fitted.n_clusters:
        return fitted.rule
    rows = fitted_rows(fitted.embedding)
    Y = _as_float64(rows.read() if fitted.drawn is None else rows.take(fitted.drawn))
    random_state = np.random.RandomState(seed)
    rule = learn_labels(Y, W, W, n_clusters, options, random_state)
    found = rule.scores(Y[:1]).shape[1]
    if found < n_clusters:
        # The same words for any number: Python then shows them once.
        warn(
            f"The embedding of the fit, n_components={Y.shape[1]}, tells only {found} "
            "of the n_clusters apart: fit again with that n_clusters."
        )
    return rule


def cut_tree(
    fitted: FittedClusters, tree: ClusterTree, n_clusters: int
) -> LabelRule | TreeCut:
    """Cut the cluster tree.

    Parameters
    ----------
    fitted : FittedClusters
        The clusters of the fit.
    tree : ClusterTree
        Their tree.
    n_clusters : int
        Number of clusters.

    Returns
    -------
    LabelRule or TreeCut
        The rule. If the fit has as many clusters, it is the rule of the fit.

    Raises
    ------
    ValueError
        If there are fewer leaves than clusters.
    """
    # As in fit, it is no error if fewer rows are distinct.
    max_clusters = max(tree.n_leaves, fitted.n_wanted)
    check_scalar(n_clusters, "n_clusters", Integral, min_val=1, max_val=max_clusters)
    if n_clusters == fitted.n_clusters:
        return fitted.rule
    return TreeCut(fitted.rule, tree, min(n_clusters, tree.n_leaves))


def label_training_rows(fitted: FittedClusters, rule: LabelRule | TreeCut) -> Result:
    """Label the training rows by another rule.

    Parameters
    ----------
    fitted : FittedClusters
        The clusters of the fit.
    rule : LabelRule or TreeCut
        The rule.

    Returns
    -------
    {ndarray, dask.array.Array} of shape (n_samples,)
        The labels.
    """
    rows = fitted_rows(fitted.embedding)
    (labels,) = rows.map(_as_float64, rows.shape[1], [rule.labels])
    return labels


def _as_float64(Y: np.ndarray) -> np.ndarray:
    return Y.astype(np.float64)
