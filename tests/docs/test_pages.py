"""The docs: the migration table is complete, and every code block runs."""

import doctest
import inspect
import re
import textwrap
from pathlib import Path

import matplotlib
import pytest
from matplotlib import pyplot
from sklearn.cluster import SpectralClustering
from sklearn.manifold import SpectralEmbedding

import sknet_spectral
from sknet_spectral import inspection, metrics
from sknet_spectral._estimators import autoencoder, siamese
from sknet_spectral.inspection import _planar_map
from tests.marks import joblib_on_dask

matplotlib.use("Agg")
ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.rst", *sorted((ROOT / "docs").glob("*.rst"))]
PAGES += sorted((ROOT / "docs" / "user_guide").glob("*.rst"))
NOTES = ROOT / "benchmarks" / "notes"
CODE_BLOCK = re.compile(
    r"^( *)\.\. code-block:: python\n\n((?:\1 {3,}.*\n|\s*\n)+)", re.MULTILINE
)


def code_blocks(page):
    return [textwrap.dedent(code) for _, code in CODE_BLOCK.findall(page.read_text())]


PAGES_WITH_CODE = [page for page in PAGES if code_blocks(page)]
PAGES_WITH_FIGURES = {
    page
    for page in PAGES_WITH_CODE
    if page.parent.name == "user_guide" or page.stem in ("getting_started", "migration")
}
# A build of the docs runs the blocks of all pages, too, and ends where one fails. The
# pages that take seconds are left to it and to the slow tests.
LONG_PAGES = {"choosing", "inspection", "large_data", "learned", "long_fits", "saving"}


@joblib_on_dask
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[pytest.mark.slow] if page.stem in LONG_PAGES else [])
        for page in PAGES_WITH_CODE
    ],
    ids=lambda page: page.stem,
)
def test_code_blocks_run(page, capsys, monkeypatch, tmp_path):
    """The blocks of a page run one after the other, as a reader pastes them.

    A page of the guide has a figure."""
    # Learned spaces, codes and maps are not compared here: few epochs will do for
    # them, and two components in place of t-SNE.
    monkeypatch.setattr(_planar_map, "_lay_flat", lambda rows, *options: rows[:, :2])
    monkeypatch.setattr(siamese, "pair_epochs", lambda n_samples, batch_size: 2)
    monkeypatch.setattr(autoencoder, "code_epochs", lambda n_samples, batch_size: 2)
    monkeypatch.chdir(tmp_path)  # where blocks may write files
    namespace = {"__name__": page.stem}
    n_figures = 0
    for number, block in enumerate(code_blocks(page)):
        name = f"{page.name}, block {number}"
        if block.startswith(">>>"):
            test = doctest.DocTestParser().get_doctest(block, namespace, name, None, 0)
            result = doctest.DocTestRunner().run(test, clear_globs=False)
            namespace = test.globs
            assert result.failed == 0, capsys.readouterr().out
        else:
            exec(compile(block, name, "exec"), namespace)
        n_figures += len(pyplot.get_fignums())
        pyplot.close("all")
    if page in PAGES_WITH_FIGURES:
        assert n_figures, f"No block of {page.name} draws a figure."


def test_readme_has_code():
    assert code_blocks(ROOT / "README.rst")


def test_every_note_of_the_benchmarks_is_listed_and_on_the_site():
    notes = {path.name for path in NOTES.glob("*.rst")}
    readme = (NOTES.parent / "README.rst").read_text()
    history = (DOCS / "benchmark_history.rst").read_text()
    assert set(re.findall(r"<notes/(\w+\.rst)>", readme)) == notes
    on_site = set(re.findall(r"benchmark_notes/(\w+)", history))
    assert {f"{name}.rst" for name in on_site} == notes
    for name in notes:
        page = (DOCS / "benchmark_notes" / name).read_text()
        assert page == f".. include:: ../../benchmarks/notes/{name}\n"


def documented_attributes(cls):
    """Names under the last "Attributes" heading of a class's docstring."""
    docstring = inspect.getdoc(cls)
    section = docstring.partition("Attributes\n----------\n")[2]
    section = re.split(r"\n\n\w.*\n-+\n", section)[0]
    return re.findall(r"^(\w+_) *:", section, re.MULTILINE)


@pytest.mark.parametrize("theirs", [SpectralClustering, SpectralEmbedding])
def test_migration_table_names_everything(theirs):
    page = (ROOT / "docs" / "migration.rst").read_text()
    section = page.partition(f"\n``{theirs.__name__}``\n~~~")[2]
    section = re.split(r"\n[~-]{4,}\n", section.partition("\n")[2])[0]
    listed = set(re.findall(r"^   \* - ``(\w+)``$", section, re.MULTILINE))
    expected = set(inspect.signature(theirs).parameters)
    expected |= set(documented_attributes(theirs))
    assert expected <= listed
    assert {"affinity", "affinity_matrix_"} <= expected


ESTIMATORS = sorted(set(sknet_spectral.__all__) - {"__version__"})
CLASSES = [getattr(sknet_spectral, name) for name in ESTIMATORS]
CLASSES += [getattr(inspection, name) for name in inspection.__all__]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_parameter_and_attribute_is_documented(cls):
    docstring = inspect.getdoc(cls)
    parameters = docstring.partition("Parameters\n----------\n")[2]
    documented = re.findall(r"^(\w+) *:", parameters.partition("\n\n")[0], re.MULTILINE)
    assert documented == list(inspect.signature(cls).parameters)


def test_api_page_lists_every_public_name():
    page = (ROOT / "docs" / "api.rst").read_text()
    names = {*ESTIMATORS, *inspection.__all__, *metrics.__all__}
    listed = set(re.findall(r"^   (\w+)$", page, re.MULTILINE))
    assert listed == names


def test_developers_page_lists_every_module():
    package = ROOT / "sknet_spectral"
    modules = {
        str(path.relative_to(package).with_suffix(""))
        for path in package.rglob("*.py")
        if path.stem not in ("__init__", "_version")
    }
    page = (ROOT / "docs" / "developers.rst").read_text()
    assert modules <= set(re.findall(r"``([\w/]+)``", page))


def test_the_boxes_of_the_flowchart_link_to_pages():
    links = re.findall(r'href="([^"]+)"', (DOCS / "images" / "choose.svg").read_text())
    assert len(links) > 8
    for link in links:
        page, _, section = link.partition("#")
        text = (DOCS / "user_guide" / page).with_suffix(".rst").read_text()
        titles = re.findall(r"^(.+)\n[=-]{4,}$", text, re.MULTILINE)
        sections = {re.sub(r"[^a-z]+", "-", title.lower()) for title in titles}
        assert not section or section in sections
