"""ClusterTreeDisplay: which clusters are near each other, and how each would split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.cluster import hierarchy

from .._graph.clusters.merges import leaf_groups
from ._colors import PALETTE, muted
from ._display import Display, give_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

# The lowest merges of larger trees are left out.
_MAX_LEAVES = 200
# More clusters than this have their numbers upwards; of still more, only some have one.
_MAX_LEVEL = 20
_MAX_NAMED = 60
_LEAF_WIDTH = 10.0  # in scipy's dendrograms


class ClusterTreeDisplay(Display):
    """Dendrogram of the cluster tree, with a colour for each cluster.

    Clusters that merge low are near each other. A cluster whose branches merge high is
    wide. The dashed line cuts the tree into the clusters of `labels_`.

    Parameters
    ----------
    linkage : ndarray of shape (n_leaves - 1, 4)
        The tree in the form of `scipy.cluster.hierarchy.linkage`. The last column
        counts leaves.
    n_clusters : int
        Number of clusters at which the tree is cut.

    Attributes
    ----------
    branches_ : list of matplotlib LineCollection
        The branches within each cluster, and the branches between clusters.
    line_ : matplotlib Line2D or None
        The cut. None if there is no merge on one side of it.
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    ClusterNumbersDisplay : Scores of other numbers of clusters.
    sknet_spectral.SpectralNetClustering.relabel : The partitions.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknet_spectral import SpectralNetClustering
    >>> from sknet_spectral.inspection import ClusterTreeDisplay
    >>> X, _ = load_iris(return_X_y=True)
    >>> model = SpectralNetClustering(3, n_neighbors=30, random_state=0).fit(X)
    >>> display = ClusterTreeDisplay.from_estimator(model)
    >>> len(display.linkage) == model.n_leaves_ - 1
    True
    """

    def __init__(self, *, linkage: np.ndarray, n_clusters: int) -> None:
        self.linkage = linkage
        self.n_clusters = n_clusters

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, ax: Axes | None = None, **kwargs: Any
    ) -> Self:
        """Draw the tree of a fitted estimator.

        Parameters
        ----------
        estimator : SpectralNetClustering
            The estimator, fitted.
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to `scipy.cluster.hierarchy.dendrogram`.

        Returns
        -------
        ClusterTreeDisplay
            The display, already drawn.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If the estimator has no tree, or its tree has one leaf.
        ImportError
            If matplotlib is not installed.
        """
        children = cls._attribute(estimator, "children_")
        if not len(children):
            raise ValueError(
                "ClusterTreeDisplay draws the merges of a tree, and this one has a "
                "single leaf: fit with more rows, clusters or components."
            )
        counts = _leaf_counts(children)
        linkage = np.column_stack([children, estimator.distances_, counts])
        return cls(linkage=linkage, n_clusters=estimator.n_clusters_).plot(
            ax=ax, **kwargs
        )

    def plot(self, *, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the tree.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to `scipy.cluster.hierarchy.dendrogram`.

        Returns
        -------
        ClusterTreeDisplay
            The display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        ax = self._open_axes(ax)
        before = len(ax.collections)
        cluster = self._cluster_of_nodes()
        grey = "#{:02x}{:02x}{:02x}".format(*(255 * muted(ax, 0.6)).astype(int))
        colors = [grey if c < 0 else PALETTE[c % len(PALETTE)] for c in cluster]
        options = {"truncate_mode": "lastp", "p": _MAX_LEAVES, "distance_sort": True}
        options |= {"no_labels": True, "link_color_func": colors.__getitem__, **kwargs}
        drawn = hierarchy.dendrogram(self.linkage, ax=ax, orientation="top", **options)
        self.branches_ = list(ax.collections)[before:]
        self.line_ = self._draw_cut(ax, grey)
        self._name_clusters(ax, cluster[drawn["leaves"]])
        ax.set(xlabel="cluster", ylabel="distance of the merge")
        give_title(ax, "Tree of the clusters")
        return self

    def _cluster_of_nodes(self) -> np.ndarray:
        """Return the cluster of each node, or -1 above the clusters."""
        children = self.linkage[:, :2].astype(int)
        n_leaves = len(children) + 1
        n_clusters = min(self.n_clusters, n_leaves)
        cluster = np.full(2 * n_leaves - 1, -1)
        cluster[:n_leaves] = leaf_groups(children, n_clusters)
        for merge, (child, _) in enumerate(children[: n_leaves - n_clusters]):
            cluster[n_leaves + merge] = cluster[child]
        return cluster

    def _draw_cut(self, ax: Axes, color: str) -> Line2D | None:
        """Draw a line between the merges within clusters and those between them."""
        heights = self.linkage[:, 2]
        n_within = len(heights) + 1 - self.n_clusters
        if not 0 < n_within < len(heights):
            return None
        cut = heights[n_within - 1 : n_within + 1].mean()
        return ax.axhline(cut, color=color, linestyle="--", linewidth=1.0)

    def _name_clusters(self, ax: Axes, clusters: np.ndarray) -> None:
        """Write the number of each cluster below its leaves."""
        shown = np.unique(clusters)
        shown = shown[:: -(-len(shown) // _MAX_NAMED)]
        middle = [np.flatnonzero(clusters == cluster).mean() + 0.5 for cluster in shown]
        rotation = 0 if len(shown) <= _MAX_LEVEL else 90
        ax.set_xticks(_LEAF_WIDTH * np.array(middle), shown, rotation=rotation)


def _leaf_counts(children: np.ndarray) -> np.ndarray:
    """Return how many leaves there are below each merge."""
    n_leaves = len(children) + 1
    counts = np.ones(2 * n_leaves - 1, dtype=int)
    for merge, pair in enumerate(children):
        counts[n_leaves + merge] = counts[pair].sum()
    return counts[n_leaves:]
