"""The charts of the docs' performance page, drawn from the figures of one run."""

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "sknet-spectral",  # the same figures, the same file
}
COLORS = "#1f5f8b", "#e07b39"


def draw_growth(path, figures):
    """Draw seconds, and memory a row, against the rows, a line for each data set.

    Parameters
    ----------
    path : str
        File to write.
    figures : dict
        By the name of the data, a list of dicts with "rows", "seconds", "KB a row".
    """
    with mpl.rc_context(STYLE):
        chart = Figure(figsize=(7.2, 2.9), layout="constrained")
        titles = {"seconds": "seconds of a fit", "KB a row": "KB a row beyond the data"}
        for ax, (name, title) in zip(chart.subplots(1, 2), titles.items(), strict=True):
            for color, (data, results) in zip(COLORS, figures.items(), strict=False):
                rows, values = np.array([[r["rows"], r[name]] for r in results]).T
                ax.loglog(rows, values, "o-", color=color, label=data, ms=4)
            ax.set(xlabel="rows of 64 columns", title=title, ylim=(0.5, None))
            ax.grid(alpha=0.3)
        ax.legend(frameon=False)
        chart.savefig(path, metadata={"Date": None})


def draw_peers(path, medians):
    """Draw a bar of cold and of warm seconds for each contestant, its NMI beside.

    Parameters
    ----------
    path : str
        File to write.
    medians : dict
        By the contestant's name, seconds cold, seconds warm and NMI.
    """
    with mpl.rc_context(STYLE):
        height = 0.55 + 0.42 * len(medians)
        chart = Figure(figsize=(7.2, height), layout="constrained")
        ax = chart.subplots()
        places = np.arange(len(medians))
        cold, warm, scores = np.array(list(medians.values())).T
        ax.barh(places - 0.2, cold, 0.38, color=COLORS[0], label="cold process")
        ax.barh(places + 0.2, warm, 0.38, color=COLORS[1], label="warm, a second fit")
        for place, seconds, score in zip(places, cold, scores, strict=True):
            ax.annotate(
                f"{seconds:.0f} s, NMI {score:.2f}",
                (seconds, place - 0.2),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
            )
        ax.set_yticks(places, medians)
        ax.invert_yaxis()
        ax.margins(x=0.2)
        ax.set_xlabel("seconds")
        ax.legend(frameon=False, loc="upper right")
        chart.savefig(path, metadata={"Date": None})
