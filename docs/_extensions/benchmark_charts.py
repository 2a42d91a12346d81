"""The charts of the benchmarks page, drawn from the tables of benchmarks/README.rst."""

import re
from pathlib import Path

from matplotlib import pyplot

_README = Path(__file__).parents[2] / "benchmarks" / "README.rst"
_OURS, _THEIRS = "#3f90da", "#ffa90e"
_OWN_CONTESTANTS = (
    "defaults",
    "auto components",
    "siamese, auto components",
    "codes, auto components",
    "graph of two codes",
)


def _read_table(title, n_columns):
    """Return the rows of numbers of the first table after a text."""
    text = _README.read_text().partition(title)[2]
    table = re.search(r"^=+ .*?\n\n", text, re.MULTILINE | re.DOTALL).group()
    rows = []
    for line in table.splitlines():
        cells = re.split(r"\s{2,}", line.strip())
        cells = [_number(cell) for cell in cells]
        if len(cells) == n_columns and isinstance(cells[1], float):
            rows.append(cells)
    return rows


def _number(cell):
    try:
        return float(cell.replace(",", ""))
    except ValueError:
        return cell


def _read_figure(pattern):
    """Return the numbers of a sentence, whose lines may break anywhere."""
    text = re.sub(r"\s+", " ", _README.read_text())
    return [float(number) for number in re.search(pattern, text).groups()]


def draw_speed():
    """Draw the seconds of a fit against the rows, beside scikit-learn."""
    rows = _read_table("\nSmall data\n", 9)
    first, second = _read_figure(r"60,000 rows, one turn each: ([\d.]+) and ([\d.]+) s")
    (theirs,) = _read_figure(r"``SpectralClustering`` with amg ([\d.]+) s: ")
    rows.append(["mnist", 60_000.0, (first + second) / 2, theirs])
    rows = sorted((row[:4] for row in rows), key=lambda row: row[1])
    _, ax = pyplot.subplots(figsize=(7, 4), layout="constrained")
    names = [f"{name}, {n_rows:,.0f} rows" for name, n_rows, *_ in rows]
    _, _, ours, theirs = zip(*rows, strict=True)
    ax.hlines(names, ours, theirs, color="#aaaaaa", zorder=1)
    ax.scatter(ours, names, color=_OURS, label="this package", zorder=2)
    ax.scatter(
        theirs, names, color=_THEIRS, marker="s", label="SpectralClustering", zorder=2
    )
    ax.set(xscale="log", xlabel="seconds of a second fit", title="Speed against rows")
    ax.invert_yaxis()
    ax.legend(loc="lower left")


def draw_accuracy():
    """Draw the mean NMI over the data sets, a bar for each contestant."""
    rows = _read_table("Means over the eight data sets, fitted rows.", 3)
    scores = {name: nmi for name, _, nmi in rows}
    names = sorted(scores, key=scores.get)
    figure, ax = pyplot.subplots(figsize=(7, 3.8), layout="constrained")
    colors = [_OURS if name in _OWN_CONTESTANTS else _THEIRS for name in names]
    bars = ax.barh(names, [scores[name] for name in names], color=colors)
    ax.bar_label(bars, fmt="%.1f", padding=3, fontsize="small")
    ax.set(title="Accuracy beside peers", xlabel="mean NMI of eight data sets, percent")
    ax.set_xlim(right=76)
    handles = [pyplot.Rectangle((0, 0), 1, 1, color=c) for c in (_OURS, _THEIRS)]
    labels = ["this package", "others, also on its codes and spaces"]
    figure.legend(handles, labels, loc="outside lower center", ncols=2)


def draw_growth():
    """Draw seconds and memory against the rows, up to a million."""
    rows = _read_table("\nGrowth\n", 7)
    rows = [row for row in rows if isinstance(row[0], float)]
    columns = list(zip(*rows, strict=True))
    _, axes = pyplot.subplots(1, 2, figsize=(7.5, 3.2), layout="constrained")
    titles = ("Seconds of a fit", "KB a row, beyond the data")
    for number, (ax, title) in enumerate(zip(axes, titles, strict=True), start=1):
        ax.plot(columns[0], columns[number], "o-", color=_OURS, label="Gaussians")
        ax.plot(columns[0], columns[number + 3], "s--", color=_THEIRS, label="MNIST")
        ax.set(xscale="log", yscale="log", xlabel="rows of 64 columns", title=title)
        ax.legend()
