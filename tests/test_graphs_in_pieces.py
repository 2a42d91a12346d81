"""Given graphs and distances that fall into more pieces than clusters."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import make_blobs
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import kneighbors_graph

from sknet_spectral import SpectralNetClustering
from sknet_spectral.metrics import clustering_accuracy
from tests.data import BRIEF, lies_apart

STORED = {"affinity": "precomputed_nearest_neighbors", **BRIEF}


def two_of_three():
    """Draw two clusters, each of three groups that no neighbour joins."""
    centers = [[x, y] for x in (0, 60) for y in (0, 8, 16)]
    X, group = make_blobs(360, centers=centers, cluster_std=0.7, random_state=0)
    X[::5] = X[1::5]
    group[::5] = group[1::5]
    return X, group // 3


@lies_apart
@pytest.mark.parametrize(
    ("container", "n_neighbors"),
    [(np.asarray, None), (np.asarray, 15), (sparse.csr_matrix, 15)],
)
def test_pieces_are_joined_by_the_distances_that_are_stored(container, n_neighbors):
    X, y = two_of_three()
    D = pairwise_distances(X)
    D[D < 1e-9] = 0
    model = SpectralNetClustering(2, n_neighbors=n_neighbors, **STORED)
    model.fit(container(D))
    assert clustering_accuracy(y, model.labels_) == 1.0
    assert model.embedding_.any(axis=1).all()
    np.testing.assert_array_equal(model.predict(container(D)), model.labels_)


def test_a_whole_matrix_of_distances_has_as_many_neighbors_as_rows_have():
    X = np.random.default_rng(0).normal(size=(80, 2))
    model = SpectralNetClustering(2, **STORED).fit(pairwise_distances(X))
    of_rows = SpectralNetClustering(2, **BRIEF).fit(X)
    assert model.n_neighbors_ == of_rows.n_neighbors_ == 15
    assert abs(model.affinity_matrix_ - of_rows.affinity_matrix_).max() < 1e-12


def network_with_lone_nodes():
    """Draw four groups of a network, ten nodes without links and ten pairs."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(4), 60)
    share = np.where(group[:, None] == group, 0.3, 0.01)
    links = np.triu(rng.random((240, 240)) < share, 1).astype(float)
    W = np.zeros((270, 270))
    W[:240, :240] = links + links.T
    pair = np.arange(250, 270, 2)
    W[pair, pair + 1] = W[pair + 1, pair] = 1.0
    return W, group


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_lone_nodes_and_pairs_take_no_clusters(container):
    W, group = network_with_lone_nodes()
    model = SpectralNetClustering(4, affinity="precomputed", **BRIEF)
    with pytest.warns(UserWarning, match="30 rows of small ones, .* zero embedding"):
        model.fit(container(W))
    assert clustering_accuracy(group, model.labels_[:240]) > 0.95
    assert not model.embedding_[240:].any()
    np.testing.assert_array_equal(model.predict(container(W)), model.labels_)


def test_lone_rows_follow_the_nearest_whose_distance_is_stored():
    X, y = make_blobs(200, centers=[[0, 0], [30, 0]], random_state=0)
    X = np.vstack([X, [[0, 500], [30, 900], [30, -900.0]]])
    D = kneighbors_graph(X[:200], 12, mode="distance").tolil()
    D.resize((203, 203))
    D[200, 0], D[201, 1] = 500.0, 900.0
    stored = D.tocsr()
    stored = SpectralNetClustering(2, n_neighbors=12, **STORED), stored
    with pytest.warns(UserWarning, match="not fully connected"):
        model = stored[0].fit(stored[1])
    assert clustering_accuracy(y, model.labels_[:200]) == 1.0
    assert model.labels_[200] == model.labels_[0]
