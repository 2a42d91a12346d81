"""The structure of the package: imports go one way, and none is slow."""

import ast
import inspect
import subprocess
import sys
from operator import attrgetter
from pathlib import Path

import pytest

import sknet_spectral
from sknet_spectral import (
    SpectralNetClustering,
    SpectralNetEmbedding,
    inspection,
    metrics,
)

PACKAGE = Path(sknet_spectral.__file__).parent
# They would make the import seconds longer: compilers, and a search that few need.
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


# Each folder, and the folders that it may import from.
BELOW = {
    "_rows": set(),
    "_graph": set(),
    "_engine": set(),
    "_fit": {"_rows", "_graph", "_engine"},
    "_persistence": {"_rows", "_graph", "_engine", "_fit"},
    "_estimators": {"_rows", "_graph", "_engine", "_fit", "_persistence"},
    "inspection": {"_graph"},
}
# The sub-folders of a folder, and the others among them that each may import from. All
# may import from the modules beside them, which import from none of them.
WITHIN = {
    "_graph": {
        "metrics": set(),
        "search": {"metrics"},
        "eigenvectors": set(),
        "clusters": {"eigenvectors"},
        "affinities": {"metrics", "search"},
    },
    "_fit": {"sample": set(), "spectral_map": {"sample"}, "labels": {"spectral_map"}},
    "_engine": {
        "networks": set(),
        "training": {"networks"},
        "objectives": {"networks", "training"},
    },
}
# Packages that a folder must not import.
FOREIGN = {"_graph": {"torch"}, "_engine": {"sklearn"}, "_rows": {"torch"}}


def imports(path):
    """Return the modules that a module imports, those of the package from its root."""
    folder = path.relative_to(PACKAGE).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module
        elif isinstance(node, ast.ImportFrom):
            above = folder[: len(folder) - node.level + 1]
            yield ".".join(["", *above, node.module or node.names[0].name])


@pytest.mark.parametrize("folder", BELOW)
def test_imports_go_one_way(folder):
    paths = list((PACKAGE / folder).rglob("*.py"))
    assert len(paths) > 1
    for path in paths:
        for module in imports(path):
            first, second = (*module.split("."), "")[:2]
            if first == "":
                allowed = second not in BELOW or second in {folder, *BELOW[folder]}
                assert allowed, f"{path}: {module}"
            assert first not in FOREIGN.get(folder, ()), f"{path}: {module}"


@pytest.mark.parametrize("folder", WITHIN)
def test_imports_among_sub_folders_go_one_way(folder):
    below = WITHIN[folder]
    for path in (PACKAGE / folder).rglob("*.py"):
        own = path.parent.name
        for module in imports(path):
            _, first, second = (*module.split("."), "", "")[:3]
            if first == folder and second in below:
                assert second in {own, *below.get(own, ())}, f"{path}: {module}"


def test_every_folder_has_its_place():
    folders = {path.parent.name for path in PACKAGE.glob("*/*.py")}
    assert folders == set(BELOW)
    sub_folders = {path.parent.parts[-2:] for path in PACKAGE.glob("*/*/*.py")}
    assert sub_folders == {(folder, sub) for folder in WITHIN for sub in WITHIN[folder]}
    assert not list(PACKAGE.glob("*/*/*/*.py"))


def test_the_root_shows_the_idea():
    assert len(list(PACKAGE.glob("*.py"))) <= 8
    for path in PACKAGE.glob("*.py"):
        if path.name != "__init__.py":
            for module in imports(path):
                assert not module.startswith((*("." + name for name in BELOW),)), path


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


def public_functions():
    """Yield the functions that a user calls, and the methods of public classes."""
    for module in (sknet_spectral, inspection, metrics):
        for name in set(module.__all__) - {"__version__"}:
            value = getattr(module, name)
            yield value.__init__ if inspect.isclass(value) else value
            for method in dir(value) if inspect.isclass(value) else ():
                function = inspect.unwrap(getattr(value, method))
                owner = getattr(function, "__module__", None) or ""
                if not method.startswith("_") and owner.startswith("sknet_spectral"):
                    yield function


def test_public_functions_have_the_types_of_all_parameters():
    functions = set(public_functions())
    assert len(functions) > 50
    for function in functions:
        signature = inspect.signature(function)
        names = set(signature.parameters) - {"self", "cls"}
        assert {"return", *names} <= set(function.__annotations__), function


def test_nothing_heavy_is_imported():
    run = [sys.executable, "-c", IMPORT_AND_FIT]
    output = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    by_import, by_fit = (set(line.split()) for line in output.splitlines())
    assert "sknet_spectral" in by_import
    assert "torch" not in by_import
    assert not HEAVY & by_import
    assert not HEAVY & by_fit


def test_estimators_are_listed_and_other_names_are_refused():
    assert set(sknet_spectral.__all__) <= set(dir(sknet_spectral))
    with pytest.raises(AttributeError, match="no attribute 'SpectralNet'"):
        attrgetter("SpectralNet")(sknet_spectral)
