"""From an embedding to labels, against scikit-learn's rules."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.cluster._spectral import cluster_qr, discretize
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import kneighbors_graph

from sknet_spectral._fit.labels.assignment import (
    Discretization,
    NearestCenter,
    PivotedRotation,
    unit_rows,
)
from sknet_spectral._fit.labels.k_means import KMeansOptions, k_means_rule
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from tests.data import some_digits


def rule_of(name, Y, n_clusters=None):
    if name == "discretize":
        return Discretization(Y, random_state=np.random.RandomState(0))
    if name == "cluster_qr":
        return PivotedRotation(Y)
    options = KMeansOptions(unit_length=True, n_init=10)
    n_clusters = n_clusters or Y.shape[1]
    return k_means_rule(Y, n_clusters, options, np.random.RandomState(0))


def kmeans(Y):
    model = KMeans(Y.shape[1], n_init=10, random_state=0)
    return model.fit_predict(unit_rows(Y))


PEERS = {
    "kmeans": kmeans,
    "discretize": lambda Y: discretize(Y, random_state=0),
    "cluster_qr": cluster_qr,
}


@pytest.fixture(scope="module", params=[2, 5, 10])
def embedding(request):
    """Exact eigenvectors of a graph of digits."""
    X, _ = some_digits(500)
    W = kneighbors_graph(X, 15)
    laplacian = Laplacian(0.5 * (W + W.T))
    return laplacian.eigenpairs(request.param, random_state=np.random.RandomState(0))[1]


@pytest.mark.parametrize("name", sorted(PEERS))
def test_labels_equal_those_of_scikit_learn(name, embedding):
    labels = rule_of(name, embedding).labels(embedding)
    expected = PEERS[name](embedding)
    agreement = 1.0 if name == "cluster_qr" else 0.98
    assert adjusted_rand_score(expected, labels) >= agreement


@pytest.mark.parametrize("name", sorted(PEERS))
def test_rows_are_labelled_one_by_one(name, embedding):
    rule = rule_of(name, embedding)
    together = rule.labels(embedding)
    one_by_one = [rule.labels(row[None])[0] for row in embedding]
    np.testing.assert_array_equal(together, one_by_one)
    assert together.dtype == np.int32


@pytest.mark.parametrize("name", sorted(PEERS))
def test_labels_are_consecutive_if_clusters_stay_empty(name):
    # Three distinct rows, four columns: at most three clusters.
    Y = np.repeat(np.array([[1, 1, 0, 0], [1, -1, 0, 0], [1, 0, 1, 0]]), 4, axis=0)
    labels = rule_of(name, Y.astype(float)).labels(Y.astype(float))
    assert set(labels) == set(range(len(set(labels))))
    assert len(set(labels)) > 1


@pytest.mark.parametrize("name", sorted(PEERS))
def test_zero_rows_are_allowed(name, embedding):
    Y = embedding.copy()
    Y[:3] = 0
    rule = rule_of(name, Y)
    assert len(set(rule.labels(Y)[:3])) == 1


def test_rows_go_to_unit_length_and_zeros_stay():
    Y = np.array([[3.0, 4.0], [0.0, 0.0]])
    np.testing.assert_array_equal(unit_rows(Y), [[0.6, 0.8], [0, 0]])


def test_a_single_component_is_not_scaled():
    Y = np.array([[1.0], [1.1], [5.0], [5.1]])
    labels = rule_of("kmeans", Y, 2).labels(Y)
    np.testing.assert_array_equal(labels == labels[0], [True, True, False, False])


def test_centres_that_no_row_is_nearest_to_are_left_out():
    centers = np.array([[0.0, 0.0], [9.0, 9.0], [1.0, 0.0]])
    rule = NearestCenter(centers, unit_length=False)
    rule = rule.without_empty(np.array([[0.1, 0.0], [0.8, 0.2]]))
    np.testing.assert_array_equal(rule.centers, centers[[0, 2]])
    np.testing.assert_array_equal(rule.labels(np.array([[2.0, 0.0], [9.0, 9.0]])), 1)
