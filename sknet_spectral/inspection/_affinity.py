"""AffinityDisplay: the affinity matrix, its rows in the order of their clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from ._display import Display, check_labels, give_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MAX_CELLS = 500
# Minimum distance between two labels of the axis, as a share of its length.
_TICK_DISTANCE = 0.035


class AffinityDisplay(Display):
    """The affinity matrix W, with rows and columns sorted by cluster.

    Up to 500 rows, each row has its own line. Larger matrices are averaged: the picture
    has at most 500 x 500 cells, and each cell shows a mean affinity. A sparse W stays
    sparse. A good clustering has its weight in the blocks on the diagonal.

    Parameters
    ----------
    affinity_matrix : {ndarray, sparse matrix} of shape (n_samples, n_samples)
        Affinities.
    labels : ndarray of shape (n_samples,)
        Cluster of each row.
    label_name : str, default="cluster"
        Name of the labels.

    Attributes
    ----------
    order_ : ndarray of shape (n_samples,)
        Rows of W from top to bottom.
    image_ : matplotlib AxesImage
        The picture.
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    sknet_spectral.metrics.normalized_cut : The weight outside the blocks, as a number.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknet_spectral import SpectralNetClustering
    >>> from sknet_spectral.inspection import AffinityDisplay
    >>> X, _ = load_iris(return_X_y=True)
    >>> model = SpectralNetClustering(3, n_neighbors=30, random_state=0).fit(X)
    >>> display = AffinityDisplay.from_estimator(model)
    >>> display.image_.get_array().shape
    (150, 150)
    """

    def __init__(
        self,
        *,
        affinity_matrix: Any,
        labels: np.ndarray,
        label_name: str = "cluster",
    ) -> None:
        self.affinity_matrix = affinity_matrix
        self.labels = labels
        self.label_name = label_name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        y: ArrayLike | None = None,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the affinity matrix of a fitted estimator.

        Parameters
        ----------
        estimator : SpectralNetClustering or SpectralNetEmbedding
            The estimator, fitted.
        y : array-like of shape (n_samples,), default=None
            Labels of the training rows to sort by. None uses the clusters, which an
            embedding does not have.
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `imshow`.

        Returns
        -------
        AffinityDisplay
            The display, already drawn.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If the estimator has no affinity matrix; if `y` is None and the estimator
            has no clusters; if `y` does not have one label for each row.
        ImportError
            If matplotlib is not installed.
        """
        W = cls._attribute(estimator, "affinity_matrix_")
        if y is None:
            labels = cls._attribute(estimator, "labels_", instead=": give y")
            label_name = "cluster"
        else:
            labels = check_labels(y, len(cls._attribute(estimator, "embedding_")))
            label_name = getattr(y, "name", None) or "label"
        drawn = getattr(estimator, "sample_indices_", slice(None))
        display = cls(affinity_matrix=W, labels=labels[drawn], label_name=label_name)
        return display.plot(ax=ax, **kwargs)

    def plot(self, *, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the matrix.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `imshow`.

        Returns
        -------
        AffinityDisplay
            The display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        ax = self._open_axes(ax)
        from matplotlib.colors import PowerNorm

        n_samples = len(self.labels)
        self.order_ = np.argsort(self.labels, kind="stable")
        density = _mean_affinities(self.affinity_matrix, self.order_)
        # The square root makes weak edges visible beside strong ones.
        style = {
            "cmap": "Blues",
            "norm": PowerNorm(0.5, vmin=0.0),
            "interpolation": "nearest",
            "extent": (0, n_samples, n_samples, 0),
            **kwargs,
        }
        self.image_ = ax.imshow(density, **style)
        name = "affinity" if len(density) == n_samples else "mean affinity"
        self.figure_.colorbar(self.image_, ax=ax, label=name)
        self._mark_clusters(ax)
        return self

    def _mark_clusters(self, ax: Axes) -> None:
        """Draw the borders of the clusters, and label those that have enough room."""
        clusters, sizes = np.unique(self.labels, return_counts=True)
        ends = np.cumsum(sizes)
        border: dict[str, Any] = {"color": "0.8", "linewidth": 0.5}
        for end in ends[:-1]:
            ax.axhline(end, **border)
            ax.axvline(end, **border)
        ticks: list[float] = []
        names: list[str] = []
        for cluster, middle in zip(clusters, ends - sizes / 2, strict=True):
            if not ticks or middle - ticks[-1] >= _TICK_DISTANCE * ends[-1]:
                ticks.append(middle)
                names.append(str(cluster))
        ax.set_yticks(ticks, labels=names)
        ax.set(xticks=[], xlabel="rows, in the same order", ylabel=self.label_name)
        give_title(ax, f"Affinities, sorted by {self.label_name}")


def _mean_affinities(W: Any, order: np.ndarray) -> np.ndarray:
    """Average the affinities in each cell of a grid, in a given order of rows."""
    n_samples = len(order)
    n_cells = min(n_samples, _MAX_CELLS)
    cell_of = np.arange(n_samples) * n_cells // n_samples
    members = sparse.csr_matrix((np.ones(n_samples), (cell_of, order)))
    sums = members @ W @ members.T
    if sparse.issparse(sums):
        sums = sums.toarray()
    counts = np.bincount(cell_of)
    return sums / np.outer(counts, counts)
