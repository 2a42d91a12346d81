"""ClusterTreeDisplay: a dendrogram in the colours of the clusters."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import same_color
from scipy.cluster import hierarchy
from sklearn.exceptions import NotFittedError

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from sknet_spectral.inspection import ClusterTreeDisplay
from sknet_spectral.inspection._colors import PALETTE
from tests.data import BRIEF, some_digits

X, _ = some_digits(400)


@pytest.fixture(scope="module")
def clustering():
    return SpectralNetClustering(5, n_components=8, **BRIEF).fit(X)


def colors_of(display):
    return [collection.get_color()[0] for collection in display.branches_]


def test_the_tree_is_that_of_the_estimator(clustering):
    display = ClusterTreeDisplay.from_estimator(clustering)
    np.testing.assert_array_equal(display.linkage[:, :2], clustering.children_)
    np.testing.assert_array_equal(display.linkage[:, 2], clustering.distances_)
    assert hierarchy.is_valid_linkage(display.linkage)
    assert display.linkage[-1, 3] == clustering.n_leaves_


def test_each_cluster_has_its_colour_and_number(clustering):
    display = ClusterTreeDisplay.from_estimator(clustering)
    colors = colors_of(display)
    for cluster in range(5):
        assert any(same_color(color, PALETTE[cluster]) for color in colors)
    assert len(colors) == 6  # with the grey of the merges between clusters
    texts = [text.get_text() for text in display.ax_.get_xticklabels()]
    assert sorted(texts) == list("01234")


def test_the_line_cuts_branches_as_many_as_clusters(clustering):
    display = ClusterTreeDisplay.from_estimator(clustering)
    (height, _) = display.line_.get_ydata()
    heights = display.linkage[:, 2]
    assert (heights > height).sum() == 4


def test_the_user_has_the_last_word(clustering):
    _, ax = pyplot.subplots()
    ax.set_title("mine")
    display = ClusterTreeDisplay.from_estimator(
        clustering, ax=ax, link_color_func=lambda node: "#000000"
    )
    assert display.ax_ is ax
    assert ax.get_title() == "mine"
    assert all(same_color(color, "black") for color in colors_of(display))


@pytest.mark.parametrize("n_leaves", [2, 7, 1500])
@pytest.mark.parametrize("n_clusters", [1, 2, 70])
def test_trees_of_any_size(n_leaves, n_clusters):
    rows = np.random.default_rng(0).normal(size=(n_leaves, 2))
    display = ClusterTreeDisplay(
        linkage=hierarchy.ward(rows), n_clusters=min(n_clusters, n_leaves)
    ).plot()
    assert len(display.ax_.get_xticklabels()) <= 60


def test_what_has_no_tree_is_named():
    with pytest.raises(NotFittedError):
        ClusterTreeDisplay.from_estimator(SpectralNetClustering(2))
    embedding = SpectralNetEmbedding(2, **BRIEF).fit(X)
    with pytest.raises(ValueError, match="children_, got SpectralNetEmbedding"):
        ClusterTreeDisplay.from_estimator(embedding)
    single = SpectralNetClustering(1, **BRIEF).fit(X)
    with pytest.raises(ValueError, match="single leaf"):
        ClusterTreeDisplay.from_estimator(single)
