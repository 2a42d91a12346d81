"""Blocks of the site run at build: what they print and draw, and where they fail."""

import warnings
from pathlib import Path

import matplotlib
import pytest

pytest.importorskip("sphinx")

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

EXTENSIONS = Path(__file__).parents[2] / "docs" / "_extensions"
PAGE = """
Title
=====

.. code-block:: python

    number = 6
    print("first", number)

.. code-block:: python

    number += 1
    print("second", number)

.. code-block:: python
   :class: hidden

   from matplotlib import pyplot

   pyplot.figure().suptitle("Drawn")
"""


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Return a function that builds a page, and returns its HTML."""
    monkeypatch.syspath_prepend(str(EXTENSIONS))

    def build_page(text, pages):
        (tmp_path / "index.rst").write_text(text)
        with warnings.catch_warnings(), matplotlib.rc_context():
            warnings.simplefilter("ignore")
            app = Sphinx(
                tmp_path,
                None,
                tmp_path / "html",
                tmp_path / "doctrees",
                "html",
                confoverrides={"extensions": ["run_blocks"], "run_blocks_pages": pages},
                status=None,
                warning=None,
                freshenv=True,
            )
            app.build()
        return (tmp_path / "html" / "index.html").read_text()

    return build_page


def test_blocks_show_what_they_print_in_one_namespace(build):
    html = build(PAGE, ["index"])
    assert "first 6\n" in html
    assert "second 7\n" in html


def test_figures_are_shown_for_light_pages_and_for_dark_ones(build):
    html = build(PAGE, ["index"])
    for mode in ("light", "dark"):
        assert f"index-3-1-{mode}.svg" in html
        assert f'class="drawn only-{mode}"' in html
    assert html.count('alt="Figure: Drawn"') == 2


def test_hidden_blocks_are_not_shown(build):
    assert "suptitle" not in build(PAGE, ["index"])
    assert "suptitle" not in build(PAGE, [])


def test_other_pages_do_not_run(build):
    assert "second 7" not in build(PAGE, ["other/*"])


def test_a_block_that_fails_is_named(build):
    with pytest.raises(ExtensionError, match="index, block 2: ZeroDivisionError"):
        build(PAGE.replace("number += 1", "number / 0"), ["index"])


def test_a_block_that_warns_ends_the_build(build):
    block = "import warnings\n\n    warnings.warn('look')"
    text = f"Title\n=====\n\n.. code-block:: python\n\n    {block}\n"
    with pytest.raises(ExtensionError, match="look"):
        build(text, ["index"])
