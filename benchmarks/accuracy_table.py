"""Results of ``accuracy.py`` as reStructuredText tables."""

import json

import numpy as np

FIGURES = {
    "ACC": ("fitted", "ACC"),
    "NMI": ("fitted", "NMI"),
    "ACC held": ("held_out", "ACC"),
    "NMI held": ("held_out", "NMI"),
}


def read_results(paths):
    """Read results by data set, contestant and seed; later lines count."""
    results = {}
    for path in paths:
        for line in path.read_text().splitlines():
            result = json.loads(line)
            results[result["data"], result["contestant"], result["seed"]] = result
    return results


def print_tables(results, names, titles):
    """Print a table for each data set, the components chosen, and the mean NMI."""
    groups = {}
    for (name, title, _), result in results.items():
        groups.setdefault((name, title), []).append(result)
    names = [name for name in names if any(name == key[0] for key in groups)]
    titles = [title for title in titles if any(title == key[1] for key in groups)]
    print(
        "Percent: means over seeds, standard deviations in brackets. Seconds of a fit."
    )
    print("A star: fitted once, on a sample of the rows. Held: rows held out.\n")
    for name in names:
        rows = [
            _row(title, groups[name, title])
            for title in titles
            if (name, title) in groups
        ]
        _print_table([name, *FIGURES, "seconds", "seeds"], rows)
    print('Components that ``n_components="auto"`` chose, seed by seed.\n')
    rows = [
        [name, title, ", ".join(map(str, chosen))]
        for name in names
        for title in titles
        if (chosen := _components(groups.get((name, title), [])))
    ]
    _print_table(["data", "contestant", "components"], rows)
    print(f"Means over {len(names)} data sets, fitted rows: {', '.join(names)}.\n")
    rows = [
        [title, *(_over_data(groups, names, title, score) for score in ("ACC", "NMI"))]
        for title in titles
    ]
    _print_table(["contestant", "ACC", "NMI"], rows)


def _succeeded(group):
    return [result for result in group if "error" not in result]


def _star(group):
    return "*" if any(r["rows"] < r["all_rows"] for r in group) else ""


def _figures(group, rows, score):
    return [100 * result[rows][score] for result in group if rows in result]


def _row(title, group):
    good = _succeeded(group)
    if not good:
        return [title, "failed", *[""] * (len(FIGURES) + 1)]
    cells = []
    for rows, score in FIGURES.values():
        figures = _figures(good, rows, score)
        cells.append(
            f"{np.mean(figures):.1f} ({np.std(figures):.1f})" if figures else ""
        )
    seconds = f"{np.mean([result['seconds'] for result in good]):.0f}"
    seeds = str(len(good))
    if len(good) < len(group):
        seeds += f" of {len(group)}"
    return [title + _star(good), *cells, seconds, seeds]


def _components(group):
    ordered = sorted(_succeeded(group), key=lambda result: result["seed"])
    return [r["n_components"] for r in ordered if "n_components" in r]


def _over_data(groups, names, title, score):
    """The mean over all data sets, empty where one has no result."""
    by_name = [_succeeded(groups.get((name, title), [])) for name in names]
    if not all(by_name):
        return ""
    mean = np.mean([np.mean(_figures(group, "fitted", score)) for group in by_name])
    return f"{mean:.1f}{_star([result for group in by_name for result in group])}"


def _print_table(heading, rows):
    filled = [
        i
        for i, title in enumerate(heading)
        if i == 0 or any(row[i] for row in rows) or title not in FIGURES
    ]
    cells = [[row[i] for i in filled] for row in [heading, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    rule = "  ".join("=" * width for width in widths)
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in cells
    ]
    print("\n".join(line.rstrip() for line in [rule, lines[0], rule, *lines[1:], rule]))
    print()
