"""Colours that the colour-blind can tell apart, and how labels become colours."""

from itertools import product

import numpy as np

# Eight colours of M. A. Petroff, "Accessible color sequences for data visualization",
# 2021, arXiv 2107.02270. His two greys are left out, as training rows may be grey. The
# last two colours are as far from the others, for the colour-blind too.
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
# A colour comes again with another marker.
CATEGORY_STYLES = tuple(
    {"color": color, "marker": marker} for marker, color in product("o^sD", PALETTE)
)
_LEGEND_ROWS = 20


def muted(ax, strength):
    """Mix the colour of text into that of the axes, light pages or dark.

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
    # On a transparent figure the page is as light as the text is dark.
    ground = np.array(solid[0]) if solid else np.round(1.0 - text)
    return strength * text + (1.0 - strength) * ground


def add_legend(ax, scatters, title):
    """Name what was scattered, beside the axes or, where a colour bar is, in them.

    Parameters
    ----------
    ax : matplotlib Axes
        The axes.
    scatters : list of PathCollection
        What was scattered, in this order.
    title : str or None
        What the names are.
    """
    options = {
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
    for handle in legend.legend_handles:
        handle.set_sizes([30.0])


def scatter_categories(ax, positions, labels, categories, *, title, **options):
    """Scatter rows, each category in its colour and marker.

    More than 40 categories are drawn on a scale of colours instead.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    positions : ndarray of shape (n_rows, n_dimensions)
        Where the rows are.
    labels : ndarray of shape (n_rows,)
        Their labels.
    categories : ndarray of shape (n_categories,)
        All labels that there can be, in ascending order.
    title : str or None
        What the labels are.
    **options : dict
        Options of `scatter`.

    Returns
    -------
    list of PathCollection
        What was drawn, one for each category that there is, or one for all.
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


def scatter_values(ax, positions, values, *, title, **options):
    """Scatter rows in the colours of a scale, with a colour bar.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    positions : ndarray of shape (n_rows, n_dimensions)
        Where the rows are.
    values : ndarray of shape (n_rows,)
        Their numbers.
    title : str or None
        What the numbers are.
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
