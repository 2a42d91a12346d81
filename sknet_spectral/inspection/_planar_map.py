"""PlanarMapDisplay: a map of all components of the embedding in the plane."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state, check_scalar

from ._display import Display, give_title
from ._labelled_rows import read_rows, scatter_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class PlanarMapDisplay(Display):
    """Scatter plot of all components, mapped to the plane with t-SNE.

    Two eigenvectors separate only a few groups. This display uses all of them: rows
    that are near each other in the whole embedding are near each other in the plane.
    Distances between groups and the sizes of groups mean nothing.

    Parameters
    ----------
    positions : ndarray of shape (n_drawn, 2)
        Positions of the training rows.
    new_positions : ndarray of shape (n_new, 2), default=None
        Positions of rows to draw over the training rows, which are then grey.
    labels : ndarray of shape (n_drawn,) or (n_new,), default=None
        Labels of the training rows or, if new rows are drawn, of the new rows.
    categories : ndarray of shape (n_categories,), default=None
        All possible labels in ascending order. None uses the labels that occur.
    label_name : str, default="cluster"
        Name of the labels.

    Attributes
    ----------
    scatters_ : list of matplotlib PathCollection
        What was drawn: the training rows, if new rows are drawn over them, then one
        collection for each category, or one for all.
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    SpectralEmbeddingDisplay : Two or three components as they are.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknet_spectral import SpectralNetClustering
    >>> from sknet_spectral.inspection import PlanarMapDisplay
    >>> X, _ = load_iris(return_X_y=True)
    >>> model = SpectralNetClustering(3, n_neighbors=30, random_state=0).fit(X)
    >>> display = PlanarMapDisplay.from_estimator(model)
    >>> display.positions.shape
    (150, 2)
    """

    def __init__(
        self,
        *,
        positions: np.ndarray,
        new_positions: np.ndarray | None = None,
        labels: np.ndarray | None = None,
        categories: np.ndarray | None = None,
        label_name: str = "cluster",
    ) -> None:
        self.positions = positions
        self.new_positions = new_positions
        self.labels = labels
        self.categories = categories
        self.label_name = label_name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any = None,
        *,
        y: ArrayLike | None = None,
        max_rows: int = 2000,
        random_state: int | np.random.RandomState | None = 0,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the embedding of a fitted estimator.

        Parameters
        ----------
        estimator : SpectralNetClustering or SpectralNetEmbedding
            The estimator, fitted.
        X : {array-like, sparse matrix} of shape (n_new, n_features), default=None
            New rows to draw over the training rows, which are then grey.
        y : array-like of shape (n_samples,) or (n_new,), default=None
            Labels of the training rows or, with X, of the new rows. Floats are drawn on
            a colour scale, and all other labels as categories. None uses the clusters,
            if the estimator has them.
        max_rows : int, default=2000
            Maximum number of training rows, and of new rows, to draw. More rows are
            sampled at random. 2,000 rows take t-SNE a few seconds.
        random_state : int, RandomState instance or None, default=0
            Seed of the sample and of t-SNE.
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `scatter` for the coloured rows.

        Returns
        -------
        PlanarMapDisplay
            The display, already drawn.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If the estimator has no embedding; if `y` does not have one label for each
            row; if there are fewer than three rows, or `max_rows` is less than two.
        ImportError
            If matplotlib is not installed.
        """
        check_scalar(max_rows, "max_rows", Integral, min_val=2)
        rows = read_rows(cls, estimator, X, y)
        random = check_random_state(random_state)
        old, drawn = _sample(rows.pop("embedding"), max_rows, random)
        new = rows.pop("new_embedding")
        if new is None:
            new = old[:0]
        else:
            new, drawn = _sample(new, max_rows, random)
        if rows["labels"] is not None:
            rows["labels"] = rows["labels"][drawn]
        unit_length = hasattr(estimator, "labels_")
        flat = _lay_flat(np.concatenate([old, new]), unit_length, random)
        rows["new_positions"] = flat[len(old) :] if X is not None else None
        display = cls(positions=flat[: len(old)], **rows)
        return display.plot(ax=ax, **kwargs)

    def plot(self, *, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the map.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `scatter` for the coloured rows.

        Returns
        -------
        PlanarMapDisplay
            The display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        ax = self._open_axes(ax)
        self.scatters_ = scatter_rows(
            ax,
            self.positions,
            self.new_positions,
            self.labels,
            self.categories,
            self.label_name,
            **kwargs,
        )
        ax.set(xticks=[], yticks=[], xlabel="t-SNE of all components")
        give_title(ax, "Map of the embedding")
        return self


def _sample(
    rows: np.ndarray, max_rows: int, random_state: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows, keep their order, and return them with their indices."""
    drawn = np.arange(len(rows))
    if len(rows) > max_rows:
        drawn = np.sort(random_state.choice(len(rows), max_rows, replace=False))
    return rows[drawn], drawn


def _lay_flat(
    rows: np.ndarray, unit_length: bool, random_state: np.random.RandomState
) -> np.ndarray:
    """Compute the map, from rows of unit length if clusters are found there."""
    from sklearn.manifold import TSNE
    from sklearn.preprocessing import normalize

    if len(rows) < 3:
        raise ValueError(f"A map needs at least 3 rows, got {len(rows)}.")
    # t-SNE needs several times as many rows.
    perplexity = min(20.0, (len(rows) - 1) / 3.0)
    if unit_length:
        rows = normalize(rows)
    # A single column has no two principal components, and equal rows have none.
    has_components = rows.shape[1] > 1 and np.ptp(rows, axis=0).any()
    init = "pca" if has_components else "random"
    tsne = TSNE(perplexity=perplexity, init=init, random_state=random_state)
    tsne.set_output(transform="default")  # set_config may ask for data frames
    return tsne.fit_transform(rows)
