"""Draw the folders of the package from their imports: the drawing cannot go stale."""

import ast
from collections import defaultdict
from functools import cache
from graphlib import TopologicalSorter
from html import escape
from itertools import chain, repeat
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive

PACKAGE = Path(__file__).parents[2] / "sknet_spectral"
_WIDTH, _GAP, _LINE, _PAD, _LETTER = 760, 34, 17, 12, 7.3


def folders():
    """Return the modules of each folder, by the folder's path in the package."""
    found = defaultdict(list)
    for path in sorted(PACKAGE.glob("*/**/*.py")):
        if path.stem != "__init__":
            found[path.parent.relative_to(PACKAGE)].append(path.stem)
    return dict(found)


@cache
def imports():
    """Return pairs of folders: the second has a module that the first imports."""
    found = set()
    for path in PACKAGE.glob("*/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level:
                above = path.parents[node.level - 1]
                target = above.joinpath(*(node.module or "").split("."))
                pair = path.parent, target if target.is_dir() else target.parent
                found.add(tuple(folder.relative_to(PACKAGE) for folder in pair))
    return found


def inside(parent=Path()):
    """Return the folders in a folder, with those among them that each imports."""
    among = [folder for folder in folders() if folder.parent == parent]
    imported = {folder: set() for folder in among}
    for pair in imports():
        ends = [other for end in pair for other in among if end.is_relative_to(other)]
        if len(set(ends)) == 2:
            imported[ends[0]].add(ends[1])
    return imported


def arrows(imported):
    """Return pairs of folders: imports that no way through others implies."""
    return [
        (source, target)
        for source, targets in imported.items()
        for target in sorted(targets)
        if not any(target in imported[other] for other in targets)
    ]


def levels(imported):
    """Return folders from the top level down: each imports only from below."""
    depth = {}
    for folder in TopologicalSorter(imported).static_order():
        below = [depth[other] for other in imported[folder]]
        depth[folder] = 1 + max(below, default=-1)
    rows = defaultdict(list)
    for folder in imported:
        # A folder that nothing imports stands at the top.
        is_imported = any(folder in targets for targets in imported.values())
        rows[depth[folder] if is_imported else max(depth.values())].append(folder)
    return [rows[level] for level in sorted(rows, reverse=True)]


def drawing():
    """Return the drawing as SVG, in the colours of the page."""
    boxes, parts, top = {}, [], _PAD
    for row in levels(inside()):
        width = (_WIDTH - _PAD * (len(row) + 1)) / len(row)
        lefts = [_PAD + column * (width + _PAD) for column in range(len(row))]
        filled = list(map(_contents, row, lefts, repeat(top), repeat(width)))
        height = max(bottom for _, bottom in filled) - top
        for folder, left, (contents, _) in zip(row, lefts, filled, strict=True):
            boxes[folder] = left, top, width, height
            parts += [_frame(boxes[folder]), *contents]
        top += height + _GAP
    # Drawn first, an arrow goes behind the boxes between its ends.
    ends = arrows(inside())
    parts[:0] = [_arrow(boxes[source], boxes[target]) for source, target in ends]
    height = top - _GAP + _PAD
    return (
        f'<svg class="package" viewBox="0 0 {_WIDTH} {height:.0f}" role="img" '
        'aria-label="Folders of the package and their imports" '
        'font-family="sans-serif" font-size="13" fill="currentColor">'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>'
        f"{''.join(parts)}</svg>"
    )


def _contents(folder, left, top, width):
    """Return what is in the box of a folder, and the lower edge of the box."""
    parts, bottom = [_text(folder.name, left, top, 'font-weight="bold"')], top + _LINE
    for inner in chain.from_iterable(levels(inside(folder))):
        begin, inner_width = bottom + 1.5 * _PAD, width - 2 * _PAD
        contents, bottom = _contents(inner, left + _PAD, begin, inner_width)
        frame = _frame((left + _PAD, begin, inner_width, bottom - begin))
        parts += [frame, *contents]
    # The modules beside the inner folders stand lowest: they import from none of them.
    for line in _wrapped(folders()[folder], width):
        parts.append(_text(line, left, bottom, 'opacity="0.75"'))
        bottom += _LINE
    return parts, bottom + 2 * _PAD


def _wrapped(words, width):
    lines, room = [""], (width - 2 * _PAD) / _LETTER
    for word in words:
        if lines[-1] and len(lines[-1]) + 2 + len(word) > room:
            lines.append("")
        lines[-1] += (", " if lines[-1] else "") + word
    return lines


def _text(words, left, top, look):
    place = f'x="{left + _PAD:.0f}" y="{top + _PAD + _LINE - 4:.0f}"'
    return f"<text {place} {look}>{escape(words)}</text>"


def _frame(box):
    left, top, width, height = box
    return (
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" rx="6" style="fill: var(--pst-color-background)" '
        'stroke="currentColor"/>'
    )


def _arrow(source, target):
    # In the middle of what is above or below both boxes.
    left = max(source[0], target[0])
    middle = (left + min(source[0] + source[2], target[0] + target[2])) / 2
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
