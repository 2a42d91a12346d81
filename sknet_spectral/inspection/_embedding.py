"""SpectralEmbeddingDisplay: rows plotted by one, two or three components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ._display import Display, give_title
from ._labelled_rows import read_rows, scatter_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class SpectralEmbeddingDisplay(Display):
    """Scatter plot of the embedding, coloured by label.

    :meth:`from_estimator` takes these parameters from a fitted estimator. Set them
    yourself only if they come from elsewhere.

    Parameters
    ----------
    embedding : ndarray of shape (n_samples, n_components)
        Embedding of the training rows.
    components : sequence of one to three int, default=None
        Columns of the embedding to draw. None takes the first two that are not
        constant, or the only one. A single component is drawn against the order of the
        rows in it.
    new_embedding : ndarray of shape (n_new, n_components), default=None
        Embedding of rows to draw over the training rows, which are then grey.
    labels : ndarray of shape (n_samples,) or (n_new,), default=None
        Labels of the training rows or, if new rows are drawn, of the new rows. Floats
        are drawn on a colour scale, and all other labels as categories.
    categories : ndarray of shape (n_categories,), default=None
        All possible labels in ascending order, so that a label has the same colour in
        every picture. None uses the labels that occur.
    eigenvalues : ndarray of shape (n_components,), default=None
        Eigenvalues of the components, shown beside the axes.
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
    PlanarMapDisplay : All components at once.
    EigenvalueDisplay : How many components matter.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknet_spectral import SpectralNetEmbedding
    >>> from sknet_spectral.inspection import SpectralEmbeddingDisplay
    >>> iris = load_iris()
    >>> model = SpectralNetEmbedding(2, n_neighbors=30, random_state=0).fit(iris.data)
    >>> species = iris.target_names[iris.target]
    >>> display = SpectralEmbeddingDisplay.from_estimator(model, y=species)
    >>> [str(text.get_text()) for text in display.ax_.get_legend().get_texts()]
    ['setosa', 'versicolor', 'virginica']
    """

    def __init__(
        self,
        *,
        embedding: np.ndarray,
        components: Sequence[int] | None = None,
        new_embedding: np.ndarray | None = None,
        labels: np.ndarray | None = None,
        categories: np.ndarray | None = None,
        eigenvalues: np.ndarray | None = None,
        label_name: str = "cluster",
    ) -> None:
        self.embedding = embedding
        self.components = components
        self.new_embedding = new_embedding
        self.labels = labels
        self.categories = categories
        self.eigenvalues = eigenvalues
        self.label_name = label_name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any = None,
        *,
        y: ArrayLike | None = None,
        components: Sequence[int] | None = None,
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
        components : sequence of one to three int, default=None
            Columns of the embedding to draw. None takes the first two that are not
            constant, or the only one.
        ax : matplotlib Axes, default=None
            Where to draw; three components need 3-D axes. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `scatter` for the coloured rows.

        Returns
        -------
        SpectralEmbeddingDisplay
            The display, already drawn.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If the estimator has no embedding; if `y` does not have one label for each
            row; if `components` or `ax` do not fit.
        ImportError
            If matplotlib is not installed.
        """
        display = cls(
            **read_rows(cls, estimator, X, y),
            components=components,
            eigenvalues=estimator.eigenvalues_,
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, *, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the embedding.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; three components need 3-D axes. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `scatter` for the coloured rows.

        Returns
        -------
        SpectralEmbeddingDisplay
            The display.

        Raises
        ------
        ValueError
            If `components` or `ax` do not fit.
        ImportError
            If matplotlib is not installed.
        """
        components = self._components()
        in_space = len(components) == 3
        ax = self._open_axes(ax, projection="3d" if in_space else None)
        if in_space != (ax.name == "3d"):
            raise ValueError(
                f"ax must have projection={'3d' if in_space else 'rectilinear'!r} for "
                f"components={components}, got {ax.name!r}."
            )
        old, added = self._positions(components)
        new = None if self.new_embedding is None else added
        self.scatters_ = scatter_rows(
            ax, old, new, self.labels, self.categories, self.label_name, **kwargs
        )
        self._arrange(ax, components)
        return self

    def _components(self) -> list[int]:
        """Return the columns to draw, checked."""
        if self.components is None:
            return self._varying()
        components = np.atleast_1d(self.components).tolist()
        n_components = self.embedding.shape[1]
        known = all(
            type(component) is int and component in range(n_components)
            for component in components
        )
        if not known or not 1 <= len(components) <= 3:
            raise ValueError(
                f"components={self.components!r} must be one to three columns of the "
                f"embedding, from 0 to {n_components - 1}."
            )
        return components

    def _varying(self) -> list[int]:
        """Return the first two columns that vary, or as many as there are."""
        # A row outside the graph has a zero embedding, even in the constant column.
        inside = self.embedding[self.embedding.any(axis=1)]
        if not len(inside):
            return [0]
        size = np.abs(inside).max(axis=0)
        varying = np.flatnonzero(np.ptp(inside, axis=0) > 1e-6 * size)
        return varying[:2].tolist() or [0]

    def _positions(self, components: list[int]) -> list[np.ndarray]:
        """Return the positions of the training rows and of the new rows."""
        rows = self.embedding
        if self.new_embedding is not None:
            rows = np.concatenate([rows, self.new_embedding])
        positions = rows[:, components]
        if len(components) == 1:
            order = positions[:, 0].argsort(kind="stable")
            positions = np.column_stack([order.argsort(), positions])
        return np.split(positions, [len(self.embedding)])

    def _arrange(self, ax: Any, components: list[int]) -> None:
        """Label the axes, and use the same scale on all of them."""
        names = [f"component {component}" for component in components]
        give_title(ax, f"Embedding: {', '.join(names)}")
        if len(components) == 3:
            ax.set(xlabel=names[0], ylabel=names[1], zlabel=names[2])
            ax.set_aspect("equal", adjustable="datalim")
            # matplotlib reserves too little room for the labels of 3-D axes.
            ax.set_box_aspect(None, zoom=0.85)
            ax.locator_params(nbins=4)
            return
        if self.eigenvalues is not None:
            names = [
                f"{name} (eigenvalue {self.eigenvalues[component]:.2g})"
                for name, component in zip(names, components, strict=True)
            ]
        if len(components) == 1:
            ax.set(xlabel="rows, in the order of the component", ylabel=names[0])
            return
        ax.set(xlabel=names[0], ylabel=names[1])
        shared = ax.get_shared_x_axes(), ax.get_shared_y_axes()
        is_shared = all(len(group.get_siblings(ax)) > 1 for group in shared)
        ax.set_aspect("equal", adjustable="box" if is_shared else "datalim")
