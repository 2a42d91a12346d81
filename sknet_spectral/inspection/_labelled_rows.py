"""Rows of an embedding with their labels: reading and plotting them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ._colors import PALETTE, add_legend, muted, scatter_categories, scatter_values
from ._display import Display, check_labels, in_memory

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def read_rows(
    display_class: type[Display], estimator: Any, X: Any, y: ArrayLike | None
) -> dict[str, Any]:
    """Read the rows of a fitted estimator, new rows, and the labels to colour by.

    Parameters
    ----------
    display_class : type
        The display, which names what the estimator lacks.
    estimator : SpectralNetClustering or SpectralNetEmbedding
        The estimator, fitted.
    X : {array-like, sparse matrix} or None
        New rows.
    y : array-like or None
        Labels of the training rows or, with X, of the new rows. None uses the clusters.

    Returns
    -------
    dict
        `embedding`, `new_embedding`, `labels`, `categories` and `label_name`.

    Raises
    ------
    NotFittedError
        If `fit` was not called.
    ValueError
        If the estimator has no embedding, or `y` does not have one label for each row.
    """
    embedding = display_class._attribute(estimator, "embedding_")
    new_embedding = None
    if X is not None:  # set_output may ask for a data frame
        new_embedding = np.asarray(in_memory(estimator.transform(X)))
    drawn: Any = embedding if X is None else new_embedding
    labels, categories = None, None
    label_name = "cluster" if y is None else getattr(y, "name", None)
    if y is not None:
        labels = check_labels(y, drawn.shape[0])
    elif hasattr(estimator, "labels_"):
        own = display_class._attribute(estimator, "labels_")
        labels = own if X is None else in_memory(estimator.predict(X))
        categories = np.unique(own)
    return {
        "embedding": embedding,
        "new_embedding": new_embedding,
        "labels": labels,
        "categories": categories,
        "label_name": label_name,
    }


def scatter_rows(
    ax: Axes,
    old: np.ndarray,
    new: np.ndarray | None,
    labels: np.ndarray | None,
    categories: np.ndarray | None,
    label_name: str | None,
    **kwargs: Any,
) -> list[Any]:
    """Scatter the training rows. If there are new rows over them, they are grey.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    old : ndarray of shape (n_samples, n_dimensions)
        Positions of the training rows.
    new : ndarray of shape (n_new, n_dimensions) or None
        Positions of the new rows.
    labels : ndarray or None
        Labels of the new rows or, without any, of the training rows.
    categories : ndarray or None
        All possible labels in ascending order. None uses the labels that occur.
    label_name : str or None
        Name of the labels.
    **kwargs : dict
        Passed to matplotlib's `scatter` for the coloured rows.

    Returns
    -------
    list of PathCollection
        What was drawn.
    """
    options: dict[str, Any] = {"s": np.clip(8000 / len(old), 3, 20), "linewidths": 0}
    scatters, drawn, name = [], old, "training rows"
    if new is not None:
        grey = {**options, "color": muted(ax, 0.2), "label": name}
        scatters, drawn, name = [ax.scatter(*old.T, **grey)], new, "new rows"
    options = {**options, "label": name, **kwargs}
    scatters += _scatter(ax, drawn, labels, categories, label_name, options)
    if len(scatters) > 1:
        add_legend(ax, scatters, None if labels is None else label_name)
    return scatters


def _scatter(
    ax: Axes,
    positions: np.ndarray,
    labels: np.ndarray | None,
    categories: np.ndarray | None,
    label_name: str | None,
    options: dict[str, Any],
) -> list[Any]:
    """Scatter the rows that have colours."""
    if labels is None:
        return [ax.scatter(*positions.T, **{"color": PALETTE[0], **options})]
    options = {"title": label_name, **options}
    if labels.dtype.kind == "f":
        return [scatter_values(ax, positions, labels, **options)]
    known = np.unique(labels) if categories is None else categories
    return scatter_categories(ax, positions, labels, known, **options)
