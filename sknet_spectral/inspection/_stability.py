"""StabilityDisplay: which clusters stay the same when the rows change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..metrics import stability
from ._colors import PALETTE, muted
from ._display import Display, give_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Labels are horizontal for up to this many clusters, then vertical. For more clusters
# than the second number, only some are labelled.
_MAX_LEVEL = 20
_MAX_NAMED = 60


class StabilityDisplay(Display):
    """Bar chart of how well each cluster is found again in samples of the rows.

    A bar is the mean Jaccard index of a cluster and its match in each refit: 1 if the
    cluster always has the same rows. The line on a bar is the standard deviation. The
    dashed line is the mean adjusted Rand index of pairs of refits.

    Parameters
    ----------
    result : Bunch
        The result of `metrics.stability`.

    Attributes
    ----------
    bar_ : matplotlib BarContainer
        The bars, in the order of ``result.clusters``.
    line_ : matplotlib Line2D
        The mean adjusted Rand index.
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    sknet_spectral.metrics.stability : The numbers.
    ClusterSizesDisplay : How many rows each cluster has.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknet_spectral import SpectralNetClustering
    >>> from sknet_spectral.inspection import StabilityDisplay
    >>> X, _ = load_iris(return_X_y=True)
    >>> model = SpectralNetClustering(3, n_neighbors=30, random_state=0)
    >>> display = StabilityDisplay.from_estimator(
    ...     model, X, n_repeats=3, random_state=0
    ... )
    >>> len(display.bar_)
    3
    """

    def __init__(self, *, result: Any) -> None:
        self.result = result

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        n_repeats: int = 10,
        subsample: float = 0.8,
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int | None = None,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Refit clones of an estimator to samples of the rows, and draw the result.

        Parameters
        ----------
        estimator : estimator
            Any clusterer with `fit` and `predict`, fitted or not.
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows, as for `fit`.
        n_repeats : int, default=10
            Number of samples, at least two.
        subsample : float, default=0.8
            Share of the rows in each sample.
        random_state : int, RandomState instance or None, default=None
            Seed of the samples.
        n_jobs : int, default=None
            Number of processes that fit at the same time. None means one.
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `bar`.

        Returns
        -------
        StabilityDisplay
            The display, already drawn.

        Raises
        ------
        TypeError
            If the estimator has no `predict`.
        ImportError
            If matplotlib is not installed.
        """
        result = stability(
            estimator,
            X,
            n_repeats=n_repeats,
            subsample=subsample,
            random_state=random_state,
            n_jobs=n_jobs,
        )
        return cls(result=result).plot(ax=ax, **kwargs)

    def plot(self, *, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the agreement.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `bar`.

        Returns
        -------
        StabilityDisplay
            The display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        ax = self._open_axes(ax)
        result = self.result
        positions = np.arange(len(result.clusters))
        style = {"color": PALETTE[0], "ecolor": muted(ax, 0.6), **kwargs}
        mean, std = result.cluster_agreement_mean, result.cluster_agreement_std
        # Agreement lies between zero and one.
        spread = np.minimum(std, [mean, 1.0 - mean])
        self.bar_ = ax.bar(positions, mean, yerr=spread, **style)
        self.line_ = ax.axhline(
            result.rand_index_mean,
            color=muted(ax, 0.8),
            linestyle="--",
            label=f"adjusted Rand index {result.rand_index_mean:.2f} "
            f"± {result.rand_index_std:.2f}",
        )
        self._name_clusters(ax)
        ax.set(xlabel="cluster", ylabel="agreement of the refits")
        # The legend stands above the bars.
        ax.set(xlim=(-0.8, len(positions) - 0.2), ylim=(0, 1.18))
        ax.set_yticks(np.linspace(0, 1, 6))
        ax.legend(loc="upper right")
        give_title(ax, "Stability of the clusters")
        return self

    def _name_clusters(self, ax: Axes) -> None:
        """Label the bars, or some of them if there are many."""
        n_clusters = len(self.result.clusters)
        shown = np.arange(n_clusters)[:: -(-n_clusters // _MAX_NAMED)]
        rotation = 0 if n_clusters <= _MAX_LEVEL else 90
        ax.set_xticks(shown, self.result.clusters[shown], rotation=rotation)
