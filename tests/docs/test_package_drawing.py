"""The drawing of the folders on the developers' page."""

import sys
from pathlib import Path

import pytest

pytest.importorskip("docutils")
sys.path.append(str(Path(__file__).parents[2] / "docs" / "_extensions"))

import package_drawing


def test_the_drawing_shows_every_module():
    svg = package_drawing.drawing()
    for folder, modules in package_drawing.folders().items():
        assert f">{folder.name}<" in svg
        assert all(module in svg for module in modules)


@pytest.mark.parametrize("folder", [".", "_graph", "_fit", "_engine"])
def test_folders_import_from_below(folder):
    imports = package_drawing.inside(Path(folder))
    assert len(imports) > 2
    height = {
        name: number
        for number, row in enumerate(package_drawing.levels(imports))
        for name in row
    }
    assert all(height[a] < height[b] for a, targets in imports.items() for b in targets)
