"""ClusterNumbersDisplay: scores and sizes against the number of clusters."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from sknet_spectral import (
    SelfLabeling,
    SpectralNetClustering,
    SpectralNetEmbedding,
)
from sknet_spectral.inspection import ClusterNumbersDisplay
from sknet_spectral.metrics import modularity, normalized_cut
from tests.data import BRIEF

X, _ = make_blobs(150, centers=[[0, 0], [4, 0], [2, 3.5]], random_state=0)


@pytest.fixture(scope="module")
def clustering():
    return SpectralNetClustering(3, n_components=6, n_neighbors=30, **BRIEF).fit(X)


def test_scores_equal_those_of_relabel(clustering):
    before = clustering.labels_.copy()
    display = ClusterNumbersDisplay.from_estimator(clustering, numbers=[2, 3, 5])
    W = clustering.affinity_matrix_
    for position, k in enumerate([2, 3, 5]):
        labels = clustering.relabel(k)
        assert display.modularities[position] == modularity(W, labels)
        assert display.mean_cuts[position] == normalized_cut(W, labels) / k
        smallest = np.bincount(labels).min() * k / 150
        assert display.smallest_sizes[position] == pytest.approx(smallest)
    np.testing.assert_array_equal(clustering.labels_, before)
    assert len(display.lines_) == 3
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts[-1] == "n_clusters_ = 3"


def test_numbers_go_up_to_twice_as_many_clusters(clustering):
    display = ClusterNumbersDisplay.from_estimator(clustering)
    assert display.numbers.tolist() == [2, 3, 4, 5, 6]
    assert display.ax_.get_xticks().tolist() == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("rule", ["discretize", "cluster_qr"])
def test_rules_of_one_number_are_scored_by_cuts_of_the_tree(rule):
    model = SpectralNetClustering(3, assign_labels=rule, n_neighbors=30, **BRIEF)
    model.fit(X)
    display = ClusterNumbersDisplay.from_estimator(model)
    assert display.numbers.tolist() == [2, 3, 4, 5, 6]
    W = model.affinity_matrix_
    for number, score in zip(display.numbers, display.modularities, strict=True):
        assert score == modularity(W, model.relabel(number, nested=True))
    assert display.modularities[1] == modularity(W, model.labels_)


@pytest.mark.parametrize("rule", ["auto", "cluster_qr"])
def test_clusters_of_self_labeling_are_merged_and_not_split(rule):
    labeling = SelfLabeling(assign_labels=rule, max_iter=2)
    model = SpectralNetClustering(
        3, assign_labels=labeling, n_neighbors=30, **BRIEF
    ).fit(X)
    display = ClusterNumbersDisplay.from_estimator(model)
    assert display.numbers.tolist() == [2, 3]


def test_no_more_clusters_than_rows_are_tried():
    with pytest.warns(UserWarning, match="n_neighbors"):
        model = SpectralNetClustering(1, n_neighbors=2, **BRIEF).fit(X[:2])
    with pytest.warns(UserWarning, match="tells only 1"):
        display = ClusterNumbersDisplay.from_estimator(model)
    assert display.numbers.tolist() == [2]


def test_ticks_of_many_clusters_do_not_overlap():
    numbers = np.arange(2, 21)
    scores = dict.fromkeys(
        ["modularities", "mean_cuts", "smallest_sizes"], numbers / 40
    )
    display = ClusterNumbersDisplay(numbers=numbers, n_clusters=60, **scores).plot()
    display.figure_.canvas.draw()
    labels = [label for label in display.ax_.get_xticklabels() if label.get_text()]
    boxes = [label.get_window_extent() for label in labels]
    assert len(boxes) > 2
    assert not any(a.overlaps(b) for a, b in pairwise(boxes))


def test_a_sample_is_scored_by_its_own_graph():
    model = SpectralNetClustering(3, max_samples=90, n_neighbors=20, **BRIEF).fit(X)
    display = ClusterNumbersDisplay.from_estimator(model, numbers=[3])
    drawn = model.relabel(3)[model.sample_indices_]
    assert display.modularities[0] == modularity(model.affinity_matrix_, drawn)


def test_an_embedding_has_no_numbers_of_clusters():
    model = SpectralNetEmbedding(2, n_neighbors=30, **BRIEF).fit(X)
    with pytest.raises(ValueError, match="n_clusters_, got SpectralNetEmbedding"):
        ClusterNumbersDisplay.from_estimator(model)


def test_relabel_names_numbers_that_do_not_fit(clustering):
    with pytest.raises(ValueError, match="n_clusters"):
        ClusterNumbersDisplay.from_estimator(clustering, numbers=[0])


@pytest.mark.parametrize("numbers", [[], 3, [2.5], ["2"], [True], [[2, 3]]])
def test_numbers_that_are_none_are_named(clustering, numbers):
    with pytest.raises(ValueError, match=r"numbers must be one or more integers"):
        ClusterNumbersDisplay.from_estimator(clustering, numbers=numbers)
