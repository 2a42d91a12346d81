"""What a release needs: one version everywhere, types shipped, a recipe up to date."""

import ast
import json
import re
import sys
import tomllib
from pathlib import Path

import pytest

import sknet_spectral

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RECIPE = (ROOT / "packaging" / "conda-forge" / "recipe.yaml").read_text()


def test_version_is_the_same_everywhere():
    version = sknet_spectral.__version__
    citation = (ROOT / "CITATION.cff").read_text()
    assert f"\nversion: {version}\n" in citation
    switcher = json.loads((ROOT / "docs" / "_static" / "switcher.json").read_text())
    assert version in [entry["version"] for entry in switcher]
    released = version.partition(".dev")[0]
    assert f'version: "{released}"' in RECIPE
    assert f"{{{released}}}" in (ROOT / "docs" / "citation.rst").read_text()


def test_the_wheel_says_that_the_package_is_typed():
    assert (ROOT / "sknet_spectral" / "py.typed").is_file()
    assert PROJECT["tool"]["setuptools"]["package-data"]["sknet_spectral"] == [
        "py.typed"
    ]


@pytest.mark.parametrize("dependency", PROJECT["project"]["dependencies"])
def test_the_recipe_needs_what_the_package_needs(dependency):
    name, bound = re.match(r"([\w-]+)(.+)", dependency).groups()
    name = {"torch": "pytorch"}.get(name, name)
    assert f"    - {name} {bound}\n" in RECIPE


def test_workflows_test_every_python_of_the_classifiers():
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text()
    for classifier in PROJECT["project"]["classifiers"]:
        version = re.search(r":: (3\.\d+)$", classifier)
        assert version is None or f'"{version.group(1)}"' in workflow


def imported_packages():
    """Yield the packages of others that any module imports, and where."""
    for path in (ROOT / "sknet_spectral").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in getattr(node, "names", ())]
            if isinstance(node, ast.ImportFrom):
                names = [] if node.level else [node.module]
            elif not isinstance(node, ast.Import):
                continue
            for package in {name.partition(".")[0] for name in names}:
                if package not in {*sys.stdlib_module_names, "sknet_spectral"}:
                    yield package, path


def test_every_package_that_is_imported_is_declared():
    extras = PROJECT["project"]["optional-dependencies"]
    needed = PROJECT["project"]["dependencies"]
    needed = needed + [
        name for extra in ("amg", "dask", "plot") for name in extras[extra]
    ]
    declared = {re.match(r"[\w-]+", name).group() for name in needed}
    # scikit-learn cannot be installed without these two.
    declared |= {"sklearn", "joblib", "threadpoolctl"}
    for package, path in imported_packages():
        assert package in declared, path
