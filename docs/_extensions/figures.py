"""Draw each figure twice, for light pages and for dark ones.

A figure is saved as SVG. Its greys, which matplotlib uses for text, axes and grounds,
are then replaced by the greys of the dark theme. The colours of the data stay.
"""

import io
import re
from pathlib import Path

import matplotlib
import matplotlib.colors
from matplotlib import pyplot

_TEXT, _GROUND = (0x1A,) * 3, (0xFF,) * 3
_DARK_TEXT, _DARK_GROUND = (0xCE, 0xD6, 0xDD), (0x14, 0x18, 0x1E)
_GREY = re.compile(r"#([0-9a-f]{2})\1\1\b")
_MAX_VECTOR_MARKERS = 3000
_INK = "#{:02x}{:02x}{:02x}".format(*_TEXT)

STYLE = {
    "text.color": _INK,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "lines.markeredgecolor": "auto",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": "medium",
    "figure.dpi": 100,
    "savefig.dpi": 200,
    "savefig.transparent": True,
    "svg.hashsalt": "sknet-spectral",
}


def use_style():
    """Set matplotlib's backend and style for figures of the site."""
    matplotlib.use("Agg")
    matplotlib.rcParams.update(STYLE)


def _darken(grey):
    """Return the grey of a dark page that stands out as a grey of a light page does."""
    level = int(grey[1], 16)
    share = min((_GROUND[0] - level) / (_GROUND[0] - _TEXT[0]), 1.0)
    channels = (
        round(ground + share * (text - ground))
        for text, ground in zip(_DARK_TEXT, _DARK_GROUND, strict=True)
    )
    return "#{:02x}{:02x}{:02x}".format(*channels)


def save_both(figure, light_path, dark_path):
    """Save a figure for light pages and for dark ones.

    Scatter plots of thousands of markers are drawn as pixels.
    """
    for ax in figure.axes:
        _keep_colors_on_images(ax)
        for collection in ax.collections:
            if len(collection.get_offsets()) > _MAX_VECTOR_MARKERS:
                collection.set_rasterized(True)
    drawing = io.StringIO()
    figure.savefig(drawing, format="svg", metadata={"Date": None})
    light_path.write_text(drawing.getvalue())
    dark_path.write_text(_GREY.sub(_darken, drawing.getvalue()))


def _keep_colors_on_images(ax):
    """Tint grey text on an image a little: the image stays, and so must the text."""
    for text in ax.texts if ax.images else []:
        red, green, blue = matplotlib.colors.to_rgb(text.get_color())
        if red == green == blue:
            text.set_color((red, green, abs(blue - 2 / 255)))


def open_figures():
    """Return the figures that pyplot has open."""
    return [pyplot.figure(number) for number in pyplot.get_fignums()]


def describe(figure):
    """Return a text for readers who do not see the figure: its titles or axes."""
    parts = [figure.get_suptitle()]
    for ax in figure.axes:
        axes = f"{ax.get_ylabel()} against {ax.get_xlabel()}"
        parts.append(ax.get_title() or (axes if ax.get_xlabel() else ""))
    return "Figure: " + "; ".join(part.replace("\n", " ") for part in parts if part)


def scrape(block, block_vars, gallery_conf):
    """Save the open figures of a gallery's block, and return what shows them.

    Parameters
    ----------
    block : tuple
        The block, not used.
    block_vars : dict
        What sphinx-gallery knows of the example.
    gallery_conf : dict
        Its options, not used.

    Returns
    -------
    str
        reStructuredText.
    """
    shown = []
    paths = block_vars["image_path_iterator"]
    for figure, path in zip(open_figures(), paths, strict=False):
        light = Path(path).with_suffix(".svg")
        dark = light.with_name(f"{light.stem}_dark.svg")
        save_both(figure, light, dark)
        # What sphinx-gallery makes a thumbnail of.
        figure.savefig(path, dpi=100, transparent=False)
        for mode, file in (("light", light), ("dark", dark)):
            shown += [
                f".. image:: /auto_examples/images/{file.name}",
                f"   :alt: {describe(figure)}",
                f"   :class: drawn only-{mode}",
                "",
            ]
    pyplot.close("all")
    return "\n".join(shown)


def reset_style(gallery_conf, name):
    """Begin each example of the gallery with the site's style."""
    matplotlib.rcdefaults()
    use_style()
