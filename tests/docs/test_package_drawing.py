"""The drawing of the folders on the developers' page."""

import sys
from pathlib import Path

import pytest

pytest.importorskip("docutils")
sys.path.append(str(Path(__file__).parents[2] / "docs" / "_extensions"))

import package_drawing


def test_the_drawing_shows_every_module_and_points_down():
    svg = package_drawing.drawing()
    for folder, modules in package_drawing.folders().items():
        assert f">{folder}<" in svg
        assert all(module in svg for module in modules)
    height = {
        folder: number
        for number, row in enumerate(package_drawing.levels())
        for folder in row
    }
    imports = package_drawing.imports()
    assert all(height[a] < height[b] for a, targets in imports.items() for b in targets)
