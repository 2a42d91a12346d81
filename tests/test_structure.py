"""How the package is built: imports go one way, and none is heavy."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import sknet_spectral
from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding

PACKAGE = Path(sknet_spectral.__file__).parent
# What would cost the import seconds: compilers, and search that is seldom needed.
HEAVY = {"pynndescent", "numba", "sympy", "torch._dynamo", "pyamg", "matplotlib"}
HEAVY |= {"dask", "distributed"}
IMPORT_AND_FIT = """
import sys
import numpy as np
import sknet_spectral.inspection, sknet_spectral.metrics
print(*sys.modules)
X = np.random.default_rng(0).normal(size=(60, 3))
model = sknet_spectral.SpectralNetClustering(2, affinity="rbf", max_iter=2)
model.fit(X).predict(X)
print(*sys.modules)
"""


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level <= 1, f"{path} imports upward"
            yield node.module or ""


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [("_graph", {"torch", "_engine"}), ("_engine", {"sklearn", "_graph"})],
)
def test_imports_go_one_way(folder, forbidden):
    paths = list((PACKAGE / folder).glob("*.py"))
    assert len(paths) > 1
    for path in paths:
        for module in imported_modules(path):
            assert not forbidden & set(module.split(".")), f"{path}: {module}"


def test_nothing_imports_the_displays():
    displays = set((PACKAGE / "inspection").glob("*.py"))
    assert len(displays) > 1
    for path in set(PACKAGE.rglob("*.py")) - displays:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert "inspection" not in ast.unparse(node), path


@pytest.mark.parametrize("estimator", [SpectralNetClustering, SpectralNetEmbedding])
def test_at_most_thirty_parameters(estimator):
    assert len(estimator().get_params()) <= 30


def test_nothing_heavy_is_imported():
    run = [sys.executable, "-c", IMPORT_AND_FIT]
    output = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    by_import, by_fit = (set(line.split()) for line in output.splitlines())
    assert "sknet_spectral" in by_import
    assert not HEAVY & by_import
    assert not HEAVY & by_fit
