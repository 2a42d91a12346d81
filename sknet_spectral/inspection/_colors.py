"""Colours that colour-blind readers can tell apart, and plots that use them."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Eight colours of M. A. Petroff, "Accessible color sequences for data visualization",
# 2021, arXiv 2107.02270. His two greys are left out, because training rows may be grey.
# The last two colours are as far from the others, also for colour-blind readers.
PALETTE = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#92dadd",
    "#a51e78",
    "#1a3fff",
)
# Colours are repeated with other markers.
CATEGORY_STYLES: tuple[dict[str, Any], ...] = tuple(
    {"color": color, "marker": marker} for marker, color in product("o^sD", PALETTE)
)
_LEGEND_ROWS = 20


def muted(ax: Axes, strength: float) -> np.ndarray:
    """Mix the colour of text with the background, on light and on dark pages.

    Parameters
    ----------
    ax : matplotlib Axes
        The axes.
    strength : float
        Share of the colour of text, in [0, 1].

    Returns
    -------
    ndarray of shape (3,)
        Red, green and blue.
    """
    from matplotlib import colors, rcParams

    text = np.array(colors.to_rgb(rcParams["text.color"]))
    grounds = (ax.get_facecolor(), ax.figure.get_facecolor())
    solid = [colors.to_rgb(ground) for ground in grounds if colors.to_rgba(ground)[3]]
    # Behind a transparent figure, the page is assumed to be the opposite of the text.
    ground = np.array(solid[0]) if solid else np.round(1.0 - text)
    return strength * text + (1.0 - strength) * ground


def mark_n_clusters(ax: Axes, n_clusters: int, position: float) -> None:
    """Draw a vertical line for the number of clusters of an estimator.

    Parameters
    ----------
    ax : matplotlib Axes
        The axes.
    n_clusters : int
        The number.
    position : float
        Where to draw the line.
    """
    style: dict[str, Any] = {"color": muted(ax, 0.6), "linestyle": "--"}
    ax.axvline(position, label=f"n_clusters_ = {n_clusters}", **style)


def add_legend(ax: Axes, scatters: list[Any], title: str | None) -> None:
    """Add a legend beside the axes, or inside them if there is a colour bar.

    Parameters
    ----------
    ax : matplotlib Axes
        The axes.
    scatters : list of PathCollection
        The collections to name, in this order.
    title : str or None
        Title of the legend.
    """
    options: dict[str, Any] = {
        "title": title,
        "loc": "upper left",
        "bbox_to_anchor": (1.02, 1.0),
        "borderaxespad": 0.0,
        "ncols": -(-len(scatters) // _LEGEND_ROWS),
        "columnspacing": 1.0,
    }
    if scatters[-1].colorbar is not None:
        options = {}
    legend = ax.legend(handles=scatters, handletextpad=0.2, **options)
    handles: Any = legend.legend_handles
    for handle in handles:
        handle.set_sizes([30.0])


def scatter_categories(
    ax: Axes,
    positions: np.ndarray,
    labels: np.ndarray,
    categories: np.ndarray,
    *,
    title: str | None,
    **options: Any,
) -> list[Any]:
    """Scatter rows, with a colour and a marker for each category.

    More than 40 categories are drawn on a colour scale instead.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    positions : ndarray of shape (n_rows, n_dimensions)
        Where the rows are.
    labels : ndarray of shape (n_rows,)
        Their labels.
    categories : ndarray of shape (n_categories,)
        All possible labels in ascending order.
    title : str or None
        Name of the labels.
    **options : dict
        Options of `scatter`.

    Returns
    -------
    list of PathCollection
        What was drawn: a collection for each category that occurs, or one for all.
    """
    if len(categories) > len(CATEGORY_STYLES):
        numbers = np.searchsorted(categories, labels)
        ticks = np.linspace(0, len(categories) - 1, 6).round().astype(int)
        options = {"vmin": 0, "vmax": ticks[-1], **options}
        points = scatter_values(ax, positions, numbers, title=title, **options)
        points.colorbar.set_ticks(ticks, labels=categories[ticks])
        return [points]
    drawn = []
    for category, style in zip(categories, CATEGORY_STYLES, strict=False):
        members = labels == category
        if members.any():
            style = {**style, **options, "label": category}
            drawn.append(ax.scatter(*positions[members].T, **style))
    return drawn


def scatter_values(
    ax: Axes,
    positions: np.ndarray,
    values: np.ndarray,
    *,
    title: str | None,
    **options: Any,
) -> Any:
    """Scatter rows on a colour scale, with a colour bar.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    positions : ndarray of shape (n_rows, n_dimensions)
        Where the rows are.
    values : ndarray of shape (n_rows,)
        Their numbers.
    title : str or None
        Name of the numbers.
    **options : dict
        Options of `scatter`.

    Returns
    -------
    PathCollection
        What was drawn.
    """
    points = ax.scatter(*positions.T, **{"c": values, **options})
    ax.figure.colorbar(points, ax=ax, label=title)
    return points
