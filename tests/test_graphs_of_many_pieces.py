"""Clusters that fall into many pieces: the pieces are joined, not cut up."""

import pytest
from sklearn.datasets import make_moons

from sknet_spectral import SpectralNetClustering
from sknet_spectral.metrics import clustering_accuracy
from tests.data import lies_apart


@lies_apart
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("graph", [{"affinity": "parameter_free"}, {"n_neighbors": 3}])
def test_moons_in_many_pieces_are_two_clusters(graph, seed):
    X, y = make_moons(600, noise=0.05, random_state=seed)
    model = SpectralNetClustering(2, random_state=0, **graph).fit(X)
    assert model.n_connected_components_ > 5
    assert clustering_accuracy(y, model.labels_) > 0.98
