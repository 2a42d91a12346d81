"""Metrics that users bring: thin text, sets, places, and what they call them."""

import numpy as np
import pynndescent
import pytest
from scipy import sparse

from sknet_spectral import SiameseTransformer, SpectralNetClustering
from sknet_spectral.metrics import clustering_accuracy
from tests.data import BRIEF, lies_apart

RNG = np.random.default_rng(0)


def thin_text(n_alone, n_empty):
    """Draw rows of three topics, rows whose words no other has, and empty rows."""
    topic = RNG.integers(3, size=300)
    X = np.zeros((300 + n_alone + n_empty, 120 + n_alone))
    for row, t in enumerate(topic):
        X[row, RNG.choice(np.arange(40 * t, 40 * t + 40), 8)] = 1.0
    X[300 : 300 + n_alone, 120:] = np.eye(n_alone)
    return X, topic


@lies_apart
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("metric", ["cosine", "jaccard", "hellinger", "true_angular"])
def test_rows_that_share_no_word_are_not_a_cluster(metric, container):
    X, topic = thin_text(40, 20)
    model = SpectralNetClustering(3, metric=metric, **BRIEF).fit(container(X))
    assert clustering_accuracy(topic, model.labels_[:300]) == 1.0
    assert model.n_connected_components_ == 63
    np.testing.assert_array_equal(model.predict(container(X)), model.labels_)


@lies_apart
@pytest.mark.parametrize("metric", ["jaccard", "haversine", "spearmanr", "tsss"])
def test_few_rows_are_searched_without_compilation(metric, monkeypatch):
    monkeypatch.delattr(pynndescent, "NNDescent")
    X = RNG.uniform(0, 1, size=(60, 2 if metric == "haversine" else 5))
    SpectralNetClustering(2, metric=metric, **BRIEF).fit(X)


@lies_apart
def test_places_on_both_sides_of_the_date_line_are_one_cluster():
    place = np.repeat([0, 1, 2], 60)
    degrees = np.array([[-17.7, 179.9], [48.9, 2.3], [-13.8, -172.1]])[place]
    degrees = degrees + RNG.normal(scale=0.5, size=degrees.shape)
    degrees[:, 1] = (degrees[:, 1] + 180) % 360 - 180
    model = SpectralNetClustering(3, metric="haversine", random_state=0)
    model.fit(np.radians(degrees))
    assert clustering_accuracy(place, model.labels_) == 1.0


def test_cityblock_is_manhattan():
    X = RNG.normal(size=(40, 3))
    models = [
        SpectralNetClustering(2, metric=metric, **BRIEF).fit(X)
        for metric in ("cityblock", "manhattan")
    ]
    np.testing.assert_array_equal(models[0].embedding_, models[1].embedding_)


@pytest.mark.parametrize("estimator", [SpectralNetClustering, SiameseTransformer])
def test_a_function_of_two_rows_is_refused_with_a_remedy(estimator):
    model = estimator(metric=lambda a, b: abs(a - b).sum())
    with pytest.raises(TypeError, match="affinity='precomputed_nearest_neighbors'"):
        model.fit(RNG.normal(size=(40, 3)))


def test_a_siamese_network_says_that_no_rows_are_neighbours():
    X = np.arange(60.0).reshape(20, 3)
    with pytest.raises(ValueError, match="neighbours under metric='hamming'"):
        SiameseTransformer(2, metric="hamming", max_iter=1).fit(X)
