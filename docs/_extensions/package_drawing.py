"""Draw the folders of the package from their imports: the drawing cannot go stale."""

import ast
from collections import defaultdict
from graphlib import TopologicalSorter
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive

PACKAGE = Path(__file__).parents[2] / "sknet_spectral"
_WIDTH, _GAP, _LINE, _PAD, _LETTER = 760, 34, 17, 12, 7.3


def folders():
    """Return the modules of each folder, by the folder's name."""
    found = defaultdict(list)
    for path in sorted(PACKAGE.glob("*/*.py")):
        if path.stem != "__init__":
            found[path.parent.name].append(path.stem)
    return dict(found)


def imports():
    """Return the folders that each folder imports."""
    names, found = set(folders()), defaultdict(set)
    for path in PACKAGE.glob("*/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level == 2:
                target = (node.module or "").partition(".")[0]
                if target in names:
                    found[path.parent.name].add(target)
    return found


def arrows():
    """Return pairs of folders: imports that no way through others implies."""
    imported = imports()
    return [
        (source, target)
        for source, targets in list(imported.items())
        for target in sorted(targets)
        if not any(target in imported[other] for other in targets)
    ]


def levels():
    """Return the folders from the top level down: each imports only from below."""
    imported, depth = imports(), {}
    graph = {folder: imported[folder] for folder in folders()}
    for folder in TopologicalSorter(graph).static_order():
        depth[folder] = 1 + max((depth[other] for other in graph[folder]), default=-1)
    rows = defaultdict(list)
    for folder in folders():
        # A folder that nothing imports stands at the top.
        is_imported = any(folder in targets for targets in imported.values())
        rows[depth[folder] if is_imported else max(depth.values())].append(folder)
    return [rows[level] for level in sorted(rows, reverse=True)]


def drawing():
    """Return the drawing as SVG, in the colours of the page."""
    boxes, parts, top = {}, [], _PAD
    for row in levels():
        width = (_WIDTH - _PAD * (len(row) + 1)) / len(row)
        lines = {name: _wrapped(folders()[name], width) for name in row}
        height = (max(map(len, lines.values())) + 1) * _LINE + 2 * _PAD
        for column, name in enumerate(row):
            left = _PAD + column * (width + _PAD)
            boxes[name] = left, top, width, height
            parts.append(_box(name, lines[name], boxes[name]))
        top += height + _GAP
    # Drawn first, an arrow goes behind the boxes between its ends.
    parts[:0] = [_arrow(boxes[source], boxes[target]) for source, target in arrows()]
    height = top - _GAP + _PAD
    return (
        f'<svg class="package" viewBox="0 0 {_WIDTH} {height:.0f}" role="img" '
        'aria-label="Folders of the package and their imports" '
        'font-family="sans-serif" font-size="13" fill="currentColor">'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>'
        f"{''.join(parts)}</svg>"
    )


def _wrapped(words, width):
    lines, room = [""], (width - 2 * _PAD) / _LETTER
    for word in words:
        if lines[-1] and len(lines[-1]) + 2 + len(word) > room:
            lines.append("")
        lines[-1] += (", " if lines[-1] else "") + word
    return lines


def _box(name, lines, box):
    left, top, width, height = box
    text = "".join(
        f'<text x="{left + _PAD:.0f}" y="{top + _PAD + _LINE * (number + 2) - 4:.0f}" '
        f'opacity="0.75">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    return (
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" rx="6" style="fill: var(--pst-color-background)" '
        'stroke="currentColor"/>'
        f'<text x="{left + _PAD:.0f}" y="{top + _PAD + _LINE - 4:.0f}" '
        f'font-weight="bold">{escape(name)}</text>{text}'
    )


def _arrow(source, target):
    narrower = min(source, target, key=lambda box: box[2])
    middle = narrower[0] + narrower[2] / 2
    begin, end = source[1] + source[3], target[1]
    return (
        f'<path d="M{middle:.0f} {begin:.0f}V{end:.0f}" '
        f'fill="none" stroke="currentColor" stroke-width="1.5" '
        'marker-end="url(#tip)"/>'
    )


class _PackageDrawing(Directive):
    def run(self):
        """Put the drawing on the page."""
        html = f'<div class="package-drawing">{drawing()}</div>'
        return [nodes.raw("", html, format="html")]


def setup(app):
    """Register the directive ``package-drawing``."""
    app.add_directive("package-drawing", _PackageDrawing)
    return {"parallel_read_safe": True}
