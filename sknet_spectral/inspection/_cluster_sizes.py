"""ClusterSizesDisplay: how many rows each cluster has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ._colors import PALETTE
from ._display import Display, give_title, whole_number_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Numbers above the bars are horizontal for up to this many clusters, then vertical.
_MAX_LEVEL = 12
_MAX_NUMBERED = 60


class ClusterSizesDisplay(Display):
    """Bar chart of the number of training rows in each cluster.

    Parameters
    ----------
    sizes : ndarray of shape (n_clusters,)
        Number of rows of each cluster.

    Attributes
    ----------
    bar_ : matplotlib BarContainer
        The bars.
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    AffinityDisplay : How strongly the clusters are connected.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknet_spectral import SpectralNetClustering
    >>> from sknet_spectral.inspection import ClusterSizesDisplay
    >>> X, _ = load_iris(return_X_y=True)
    >>> model = SpectralNetClustering(3, n_neighbors=30, random_state=0).fit(X)
    >>> display = ClusterSizesDisplay.from_estimator(model)
    >>> int(display.sizes.sum())
    150
    """

    def __init__(self, *, sizes: np.ndarray) -> None:
        self.sizes = sizes

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, ax: Axes | None = None, **kwargs: Any
    ) -> Self:
        """Draw the cluster sizes of a fitted estimator.

        Parameters
        ----------
        estimator : SpectralNetClustering
            The estimator, fitted.
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `bar`.

        Returns
        -------
        ClusterSizesDisplay
            The display, already drawn.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If the estimator has no clusters.
        ImportError
            If matplotlib is not installed.
        """
        sizes = np.bincount(cls._attribute(estimator, "labels_"))
        return cls(sizes=sizes).plot(ax=ax, **kwargs)

    def plot(self, *, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the sizes.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `bar`.

        Returns
        -------
        ClusterSizesDisplay
            The display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        ax = self._open_axes(ax)
        n_clusters = len(self.sizes)
        style = {"color": PALETTE[0], **kwargs}
        self.bar_ = ax.bar(np.arange(n_clusters), self.sizes, **style)
        if n_clusters <= _MAX_NUMBERED:
            rotation = 0 if n_clusters <= _MAX_LEVEL else 90
            ax.bar_label(self.bar_, rotation=rotation, padding=2, fontsize="small")
            ax.margins(y=0.08 if rotation == 0 else 0.16)
        ax.set(xlabel="cluster", ylabel="number of rows", xlim=(-0.8, n_clusters - 0.2))
        whole_number_ticks(ax.xaxis, 0, n_clusters - 1)
        give_title(ax, "Sizes of the clusters")
        return self
