"""PlanarMapDisplay and ContingencyDisplay: all components, and known labels."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.datasets import make_blobs

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from sknet_spectral.inspection import (
    ContingencyDisplay,
    PlanarMapDisplay,
    SpectralEmbeddingDisplay,
)
from tests.data import BRIEF, few_rows

# Five groups in five directions: no two components show them all.
X, BLOB = make_blobs(150, centers=6.0 * np.eye(5), random_state=0)
X_NEW = X[:30] + 0.1


@pytest.fixture(scope="module")
def clustering():
    return SpectralNetClustering(5, n_neighbors=40, **BRIEF).fit(X)


@pytest.fixture(scope="module")
def embedding():
    return SpectralNetEmbedding(1, n_neighbors=40, **BRIEF).fit(X)


def legend_texts(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_a_map_shows_every_cluster_apart(clustering):
    display = PlanarMapDisplay.from_estimator(clustering)
    assert display.positions.shape == (150, 2)
    assert legend_texts(display.ax_) == list("01234")
    centers = [
        display.positions[clustering.labels_ == k].mean(axis=0) for k in range(5)
    ]
    distances = np.linalg.norm(display.positions[:, None] - centers, axis=2)
    assert (distances.argmin(axis=1) == clustering.labels_).all()


def test_the_same_estimator_gives_the_same_map(clustering):
    first, second = (PlanarMapDisplay.from_estimator(clustering) for _ in range(2))
    np.testing.assert_array_equal(first.positions, second.positions)


def test_new_rows_lie_over_the_training_rows_of_a_map(clustering):
    display = PlanarMapDisplay.from_estimator(clustering, X_NEW)
    assert display.new_positions.shape == (30, 2)
    np.testing.assert_array_equal(display.labels, clustering.predict(X_NEW))
    assert legend_texts(display.ax_)[0] == "training rows"


@pytest.mark.parametrize("display", [PlanarMapDisplay, SpectralEmbeddingDisplay])
def test_new_rows_may_come_out_as_data_frames(clustering, display):
    with config_context(transform_output="pandas"):
        drawn = display.from_estimator(clustering, X_NEW, y=BLOB[:30])
    expected = display.from_estimator(clustering, X_NEW, y=BLOB[:30])
    for ours, theirs in zip(drawn.scatters_, expected.scatters_, strict=True):
        np.testing.assert_array_equal(ours.get_offsets(), theirs.get_offsets())


def test_large_maps_are_drawn_from_a_sample(clustering):
    display = PlanarMapDisplay.from_estimator(clustering, y=BLOB, max_rows=40)
    assert len(display.positions) == len(display.labels) == 40
    new = PlanarMapDisplay.from_estimator(clustering, X_NEW, max_rows=20)
    assert (len(new.positions), len(new.new_positions), len(new.labels)) == (20, 20, 20)


def test_one_component_has_a_map(embedding):
    display = PlanarMapDisplay.from_estimator(embedding, y=X[:, 0])
    assert np.isfinite(display.positions).all()


@few_rows
def test_rows_that_are_all_alike_have_a_map():
    model = SpectralNetClustering(3, **BRIEF).fit(np.ones((30, 2)))
    display = PlanarMapDisplay.from_estimator(model)
    assert np.isfinite(display.positions).all()


def test_a_map_names_labels_that_do_not_fit(clustering):
    with pytest.raises(ValueError, match="y has 2 labels, but there are 150 rows"):
        PlanarMapDisplay.from_estimator(clustering, y=[0, 1])
    with pytest.raises(ValueError, match="at least 3 rows, got 2"):
        PlanarMapDisplay.from_estimator(clustering, max_rows=2)


def test_counts_have_their_largest_matches_on_the_diagonal(clustering):
    species = pd.Series(np.array(list("edcba"))[BLOB], name="species")
    display = ContingencyDisplay.from_estimator(clustering, y=species)
    assert display.counts.trace() >= 148
    assert display.counts.sum() == 150
    assert display.label_names.tolist() == list("abcde")
    assert sorted(display.cluster_names) == list(range(5))
    assert display.ax_.get_ylabel() == "species"
    for row, column in np.ndindex(5, 5):
        members = (species == display.label_names[row]) & (
            clustering.labels_ == display.cluster_names[column]
        )
        assert display.counts[row, column] == members.sum()


def test_clusters_may_be_more_or_fewer_than_labels():
    y = np.array([0, 0, 1, 1, 1, 1])
    clusters = np.array([2, 2, 0, 0, 0, 1])
    more = ContingencyDisplay.from_predictions(y, clusters)
    assert more.cluster_names.tolist() == [2, 0, 1]
    np.testing.assert_array_equal(more.counts, [[2, 0, 0], [0, 3, 1]])
    fewer = ContingencyDisplay.from_predictions(clusters, y)
    assert fewer.counts.shape == (3, 2)


def test_counts_of_new_rows(clustering):
    display = ContingencyDisplay.from_estimator(clustering, X_NEW, y=BLOB[:30])
    assert display.counts.sum() == 30


def test_many_counts_are_a_scale_instead_of_numbers():
    y = np.arange(300) % 30
    display = ContingencyDisplay.from_predictions(y, y)
    assert not display.ax_.texts
    assert display.image_.colorbar.ax.get_ylabel() == "number of rows"


def test_counts_name_labels_that_do_not_fit(clustering):
    with pytest.raises(ValueError, match="y has 2 labels, but there are 150 rows"):
        ContingencyDisplay.from_estimator(clustering, y=[0, 1])


@pytest.mark.parametrize(
    ("clusters", "match"),
    [
        ([0.0, np.nan], "clusters contains NaN"),
        ([None, "a"], "clusters must be all numbers or all strings, without gaps"),
        (np.zeros((2, 2)), "1d array"),
        (None, "clusters must be an array .* got NoneType"),
    ],
)
def test_missing_clusters_are_named(clusters, match):
    with pytest.raises(ValueError, match=match):
        ContingencyDisplay.from_predictions([0, 1], clusters)


@pytest.mark.parametrize("max_rows", [0, -1, True, 2.5, None])
def test_a_number_of_rows_that_is_none_is_named(clustering, max_rows):
    with pytest.raises((ValueError, TypeError), match="max_rows"):
        PlanarMapDisplay.from_estimator(clustering, max_rows=max_rows)
