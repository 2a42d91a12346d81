"""StabilityDisplay: a bar for each cluster, and the agreement of two refits."""

import sys

import numpy as np
import pytest
from matplotlib import pyplot
from sklearn.cluster import DBSCAN, KMeans
from sklearn.datasets import make_blobs
from sklearn.utils import Bunch

from sknet_spectral.inspection import StabilityDisplay
from sknet_spectral.metrics import stability

X, _ = make_blobs(90, centers=[[0, 0], [9, 0], [0, 9]], random_state=0)


def result_of(clusters):
    n_clusters = len(clusters)
    return Bunch(
        clusters=np.array(clusters),
        cluster_agreement_mean=np.linspace(0, 1, n_clusters),
        cluster_agreement_std=np.full(n_clusters, 0.25),
        rand_index_mean=0.625,
        rand_index_std=0.125,
    )


def test_bars_are_the_agreement_of_the_clusters():
    display = StabilityDisplay(result=result_of([-1, 0, 1])).plot(color="black")
    assert [bar.get_height() for bar in display.bar_] == [0, 0.5, 1]
    assert display.bar_[0].get_facecolor() == (0, 0, 0, 1)
    assert [text.get_text() for text in display.ax_.get_xticklabels()] == [
        "-1",
        "0",
        "1",
    ]
    assert display.line_.get_ydata()[0] == 0.625
    (text,) = display.ax_.get_legend().get_texts()
    assert text.get_text() == "adjusted Rand index 0.62 ± 0.12"


def test_lines_on_bars_stay_between_zero_and_one():
    display = StabilityDisplay(result=result_of([0, 1, 2])).plot()
    (lines,) = display.bar_.errorbar.lines[2]
    ends = [segment[:, 1].tolist() for segment in lines.get_segments()]
    assert ends == [[0, 0.25], [0.25, 0.75], [0.75, 1]]


@pytest.mark.parametrize(("n_clusters", "n_named"), [(20, 20), (60, 60), (150, 50)])
def test_only_some_of_many_clusters_are_labelled(n_clusters, n_named):
    display = StabilityDisplay(result=result_of(range(n_clusters))).plot()
    assert len(display.bar_) == n_clusters
    assert len(display.ax_.get_xticks()) == n_named


def test_draws_what_the_metric_returns():
    figure, ax = pyplot.subplots()
    parameters = {"n_repeats": 3, "subsample": 0.6, "random_state": 0}
    display = StabilityDisplay.from_estimator(
        KMeans(4, random_state=0), X, **parameters, ax=ax
    )
    expected = stability(KMeans(4, random_state=0), X, **parameters)
    np.testing.assert_array_equal(
        [bar.get_height() for bar in display.bar_], expected.cluster_agreement_mean
    )
    assert display.result.rand_index_mean == expected.rand_index_mean < 1
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    assert ax.get_title()


def test_says_how_to_install_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    message = r"StabilityDisplay.plot needs matplotlib.*sknet-spectral\[plot\]"
    with pytest.raises(ImportError, match=message):
        StabilityDisplay(result=result_of([0, 1])).plot()


def test_a_clusterer_without_predict_is_named():
    with pytest.raises(TypeError, match="DBSCAN lacks"):
        StabilityDisplay.from_estimator(DBSCAN(), X)
