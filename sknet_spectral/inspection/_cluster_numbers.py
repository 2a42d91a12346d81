"""ClusterNumbersDisplay: scores of partitions into other numbers of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from sknet_spectral.metrics import modularity, normalized_cut

from ._colors import PALETTE, mark_n_clusters
from ._display import Display, give_title, in_memory, whole_number_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Rules that need as many clusters as components, so that only a cut of the cluster tree
# gives another number.
_ROTATIONS = "discretize", "cluster_qr"
_MAX_NUMBER = 20


class ClusterNumbersDisplay(Display):
    """Scores and sizes of partitions, against the number of clusters.

    Look for the number after which the modularity hardly rises and the cut jumps. If
    the smallest cluster is much smaller than the mean, look at its rows.

    Parameters
    ----------
    numbers : ndarray of shape (n_partitions,)
        Numbers of clusters.
    modularities : ndarray of shape (n_partitions,)
        Modularity of each partition.
    mean_cuts : ndarray of shape (n_partitions,)
        Normalised cut of each partition, divided by the number of clusters: the mean
        share of a cluster's weight that leaves it.
    smallest_sizes : ndarray of shape (n_partitions,)
        Size of the smallest cluster, divided by the mean size.
    n_clusters : int, default=None
        Number of clusters of the estimator, which is marked. None marks none.

    Attributes
    ----------
    lines_ : list of matplotlib Line2D
        The three curves.
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    EigenvalueDisplay : The gap among the eigenvalues.
    sknet_spectral.SpectralNetClustering.relabel : The partitions.

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> from sknet_spectral import SpectralNetClustering
    >>> from sknet_spectral.inspection import ClusterNumbersDisplay
    >>> X, _ = make_blobs(300, centers=[[0, 0], [4, 0], [2, 3]], random_state=0)
    >>> model = SpectralNetClustering(3, n_components=6, random_state=0).fit(X)
    >>> display = ClusterNumbersDisplay.from_estimator(model, numbers=(2, 3, 4))
    >>> display.numbers.tolist()
    [2, 3, 4]
    """

    def __init__(
        self,
        *,
        numbers: np.ndarray,
        modularities: np.ndarray,
        mean_cuts: np.ndarray,
        smallest_sizes: np.ndarray,
        n_clusters: int | None = None,
    ) -> None:
        self.numbers = numbers
        self.modularities = modularities
        self.mean_cuts = mean_cuts
        self.smallest_sizes = smallest_sizes
        self.n_clusters = n_clusters

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        numbers: Sequence[int] | None = None,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Label the training rows with other numbers of clusters, and draw the scores.

        The estimator does not change. If its rule of labels is "discretize" or
        "cluster_qr", which know one number of clusters, the partitions are cuts of the
        cluster tree.

        Parameters
        ----------
        estimator : SpectralNetClustering
            The estimator, fitted.
        numbers : sequence of int, default=None
            Numbers of clusters. None takes two to twice as many as the estimator has,
            but at most 20. With a `SelfLabeling`, whose clusters can only be merged,
            None takes no more than the estimator has.
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `plot`.

        Returns
        -------
        ClusterNumbersDisplay
            The display, already drawn.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If the estimator has no clusters; if `numbers` is empty or holds anything
            but integers; if `relabel` refuses a number.
        ImportError
            If matplotlib is not installed.
        """
        n_clusters = cls._attribute(estimator, "n_clusters_")
        W = estimator.affinity_matrix_
        drawn = getattr(estimator, "sample_indices_", slice(None))
        rule, relabel = estimator.assign_labels, estimator.relabel
        max_clusters = W.shape[0]
        if hasattr(rule, "assign_labels"):  # a SelfLabeling, with the rule before it
            rule, max_clusters = rule.assign_labels, n_clusters
        if rule in _ROTATIONS:
            max_clusters = min(max_clusters, cls._attribute(estimator, "n_leaves_"))
            relabel = partial(relabel, nested=True)
        if numbers is None:
            last = min(max(3, 2 * n_clusters), _MAX_NUMBER, max_clusters)
            numbers = range(min(2, last), last + 1)
        tried = _checked(numbers)
        partitions = [in_memory(relabel(k))[drawn] for k in tried]
        cuts = np.array([normalized_cut(W, labels) for labels in partitions])
        smallest = [np.bincount(labels).min() / len(labels) for labels in partitions]
        display = cls(
            numbers=tried,
            modularities=np.array([modularity(W, labels) for labels in partitions]),
            mean_cuts=cuts / tried,
            smallest_sizes=np.array(smallest) * tried,
            n_clusters=n_clusters,
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, *, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `plot`.

        Returns
        -------
        ClusterNumbersDisplay
            The display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        ax = self._open_axes(ax)
        curves = {
            "modularity": self.modularities,
            "weight that leaves a cluster": self.mean_cuts,
            "smallest cluster / mean size": self.smallest_sizes,
        }
        self.lines_ = []
        for (name, values), color, marker in zip(
            curves.items(), PALETTE, "os^", strict=False
        ):
            style = {"color": color, "marker": marker, "label": name, **kwargs}
            self.lines_ += ax.plot(self.numbers, values, **style)
        last = int(max(self.numbers))
        if self.n_clusters is not None:
            mark_n_clusters(ax, self.n_clusters, self.n_clusters)
            last = max(last, self.n_clusters)
        ax.set(xlabel="number of clusters", ylabel="share", ylim=(None, 1.05))
        whole_number_ticks(ax.xaxis, int(min(self.numbers)), last)
        give_title(ax, "Other numbers of clusters")
        ax.legend(fontsize="small")
        return self


def _checked(numbers: Sequence[int]) -> np.ndarray:
    """Return numbers of clusters as an array, if they are any."""
    checked = np.asarray(numbers)
    if checked.ndim != 1 or not len(checked) or checked.dtype.kind not in "iu":
        raise ValueError(
            f"numbers must be one or more integers in a sequence, got {numbers!r}."
        )
    return checked
