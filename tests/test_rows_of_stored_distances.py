"""New rows that are distances to training rows: what each call costs."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from sknet_spectral import SpectralNetClustering
from sknet_spectral._graph.affinities import new_rows
from sknet_spectral._graph.affinities.weights import WEIGHTS
from tests.data import BRIEF, some_digits

X, _ = some_digits(200)
GRAPH = NearestNeighbors(n_neighbors=12).fit(X).kneighbors_graph(mode="distance")


@pytest.fixture(params=sorted(WEIGHTS))
def model(request):
    clustering = SpectralNetClustering(
        4,
        affinity="precomputed_nearest_neighbors",
        weights=request.param,
        gamma=0.01,
        **BRIEF,
    )
    return clustering.fit(GRAPH)


def test_the_scales_of_training_rows_are_computed_once(model, monkeypatch):
    computed = []

    def count(neighbors, weights):
        computed.append(weights)
        return original(neighbors, weights)

    original = new_rows.training_scales
    monkeypatch.setattr(new_rows, "training_scales", count)
    together = model.predict(GRAPH)
    alone = [model.predict(GRAPH[row])[0] for row in range(20)]
    assert computed == [model.weights]
    np.testing.assert_array_equal(alone, together[:20])


def test_a_file_holds_the_same_before_and_after_rows_are_labelled(model, tmp_path):
    model.save(tmp_path / "before")
    labels = model.predict(GRAPH)
    model.save(tmp_path / "after")
    assert (tmp_path / "before").read_bytes() == (tmp_path / "after").read_bytes()
    loaded = SpectralNetClustering.load(tmp_path / "after")
    np.testing.assert_array_equal(loaded.predict(GRAPH), labels)
