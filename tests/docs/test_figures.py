"""Figures of the site: one for light pages, one for dark pages."""

import sys
from pathlib import Path

import matplotlib
import pytest
from matplotlib import pyplot

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "_extensions"))

import benchmark_charts
import figures


@pytest.fixture
def saved(tmp_path):
    """A line with a title, saved both ways."""
    with matplotlib.rc_context():
        figures.use_style()
        figure, ax = pyplot.subplots()
        ax.plot([0, 1], color="#3f90da", label="line")
        ax.set(title="Growth", xlabel="rows", ylabel="seconds")
        ax.legend()
        light, dark = tmp_path / "light.svg", tmp_path / "dark.svg"
        figures.save_both(figure, light, dark)
        pyplot.close(figure)
    return figure, light.read_text(), dark.read_text()


def test_text_is_dark_on_light_pages_and_light_on_dark_pages(saved):
    _, light, dark = saved
    assert "#1a1a1a" in light
    assert "#1a1a1a" not in dark
    assert "#ced6dd" in dark


def test_colours_of_the_data_are_the_same(saved):
    _, light, dark = saved
    assert light.count("#3f90da") == dark.count("#3f90da") > 0


def test_text_on_an_image_stays_as_it_is(tmp_path):
    with matplotlib.rc_context():
        figures.use_style()
        figure, ax = pyplot.subplots()
        ax.imshow([[0, 1]])
        ax.text(0, 0, "7", color="white")
        figures.save_both(figure, tmp_path / "light.svg", tmp_path / "dark.svg")
        pyplot.close(figure)
    for name in ("light.svg", "dark.svg"):
        assert "#fffffd" in (tmp_path / name).read_text()


def test_the_same_figure_is_the_same_file(saved, tmp_path):
    figure, light, _ = saved
    with matplotlib.rc_context():
        figures.use_style()
        figures.save_both(figure, tmp_path / "a.svg", tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_text() == light


def test_figures_are_described_in_words(saved):
    assert figures.describe(saved[0]) == "Figure: Growth"


@pytest.mark.parametrize(
    "draw",
    [
        benchmark_charts.draw_speed,
        benchmark_charts.draw_accuracy,
        benchmark_charts.draw_growth,
    ],
)
def test_charts_find_their_tables(draw):
    draw()
    (figure,) = figures.open_figures()
    assert all(ax.has_data() for ax in figure.axes)
    pyplot.close(figure)
