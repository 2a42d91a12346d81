"""ContingencyDisplay: known labels compared with clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment
from sklearn.metrics.cluster import contingency_matrix

from .. import _partition
from ._display import Display, check_labels, give_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MAX_NUMBERED = 25


class ContingencyDisplay(Display):
    """Number of rows for each known label and cluster.

    scikit-learn's `ConfusionMatrixDisplay` needs predicted labels with the names of the
    known ones. Clusters have numbers of their own, and there may be more or fewer of
    them. Columns are ordered so that as many rows as possible lie on the diagonal.

    Parameters
    ----------
    counts : ndarray of shape (n_labels, n_clusters)
        Number of rows of each label in each cluster.
    label_names : sequence of length n_labels
        Known labels, from top to bottom.
    cluster_names : sequence of length n_clusters
        Clusters, from left to right.
    label_name : str, default="label"
        Name of the labels.

    Attributes
    ----------
    image_ : matplotlib AxesImage
        The picture.
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    sknet_spectral.metrics.clustering_accuracy : The share of rows on the diagonal.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknet_spectral import SpectralNetClustering
    >>> from sknet_spectral.inspection import ContingencyDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> model = SpectralNetClustering(3, n_neighbors=30, random_state=0).fit(X)
    >>> display = ContingencyDisplay.from_estimator(model, y=y)
    >>> int(display.counts.sum())
    150
    """

    def __init__(
        self,
        *,
        counts: np.ndarray,
        label_names: Sequence | np.ndarray,
        cluster_names: Sequence | np.ndarray,
        label_name: str = "label",
    ) -> None:
        self.counts = counts
        self.label_names = label_names
        self.cluster_names = cluster_names
        self.label_name = label_name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any = None,
        *,
        y: ArrayLike,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Compare the clusters of a fitted estimator with known labels.

        Parameters
        ----------
        estimator : SpectralNetClustering
            The estimator, fitted.
        X : {array-like, sparse matrix} of shape (n_new, n_features), default=None
            New rows, which `predict` labels. None uses the training rows.
        y : array-like of shape (n_samples,) or (n_new,)
            Known labels of the training rows or, with X, of the new rows.
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `imshow`.

        Returns
        -------
        ContingencyDisplay
            The display, already drawn.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If the estimator has no clusters; if `y` does not have one label for each
            row.
        ImportError
            If matplotlib is not installed.
        """
        clusters = cls._attribute(estimator, "labels_")
        if X is not None:
            clusters = np.asarray(estimator.predict(X))
        return cls.from_predictions(y, clusters, ax=ax, **kwargs)

    @classmethod
    def from_predictions(
        cls,
        y: ArrayLike,
        clusters: ArrayLike,
        *,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Compare clusters with known labels.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Known labels.
        clusters : array-like of shape (n_samples,)
            Clusters of the same rows.
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `imshow`.

        Returns
        -------
        ContingencyDisplay
            The display, already drawn.

        Raises
        ------
        ValueError
            If `y` does not have one label for each row, or labels are missing.
        ImportError
            If matplotlib is not installed.
        """
        clusters = _partition.check_labels(clusters, "clusters")
        known = check_labels(y, len(clusters))
        counts = contingency_matrix(known, clusters)
        order = _matched_first(counts)
        display = cls(
            counts=counts[:, order],
            label_names=np.unique(known),
            cluster_names=np.unique(clusters)[order],
            label_name=getattr(y, "name", None) or "label",
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, *, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the counts.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `imshow`.

        Returns
        -------
        ContingencyDisplay
            The display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        ax = self._open_axes(ax)
        n_labels, n_clusters = self.counts.shape
        style = {"cmap": "Blues", "aspect": "auto", "vmin": 0, **kwargs}
        self.image_ = ax.imshow(self.counts, **style)
        ax.set_xticks(range(n_clusters), labels=self.cluster_names)
        ax.set_yticks(range(n_labels), labels=self.label_names)
        ax.set(xlabel="cluster", ylabel=self.label_name)
        if max(self.counts.shape) <= _MAX_NUMBERED:
            self._write_counts(ax)
        else:
            self.figure_.colorbar(self.image_, ax=ax, label="number of rows")
        give_title(ax, f"Number of rows of each {self.label_name} in each cluster")
        return self

    def _write_counts(self, ax: Axes) -> None:
        """Write each count into its cell, in a colour that stands out from the cell."""
        size = "small" if max(self.counts.shape) <= 12 else "xx-small"
        for (row, column), count in np.ndenumerate(self.counts):
            if count:
                red, green, blue, _ = self.image_.to_rgba(count)
                is_dark = 0.3 * red + 0.6 * green + 0.1 * blue < 0.55
                color = "white" if is_dark else "black"
                options: dict[str, Any] = {
                    "ha": "center",
                    "va": "center",
                    "fontsize": size,
                }
                ax.text(column, row, f"{count:,}", color=color, **options)


def _matched_first(counts: np.ndarray) -> np.ndarray:
    """Order clusters by the labels that they match best, and the others last."""
    labels, clusters = linear_sum_assignment(counts, maximize=True)
    matched = clusters[np.argsort(labels)]
    others = np.setdiff1d(np.arange(counts.shape[1]), matched)
    return np.concatenate([matched, others])
