"""Where the network cannot follow the graph, the user is told."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral.metrics import subspace_distance
from tests.data import some_digits

rng = np.random.default_rng(0)
TRUTH = np.repeat([0, 1, 2], 60)
BLOBS = rng.normal(size=(180, 2)) + 4 * np.array([[0, 0], [1, 0], [0, 1]])[TRUTH]


@pytest.mark.parametrize("Estimator", [SpectralNetClustering, SpectralNetEmbedding])
def test_a_network_that_misses_the_eigenvectors_says_so(Estimator):
    X, _ = some_digits()
    model = Estimator(4, hidden_layer_sizes=2, max_iter=1, random_state=0)
    with pytest.warns(ConvergenceWarning, match="The network misses .*%") as caught:
        model.fit(X)
    assert [warning.filename for warning in caught] == [__file__]


def test_rows_that_say_nothing_of_a_given_graph_are_told():
    blocks = 0.001 + (TRUTH[:, None] == TRUTH)
    X = rng.normal(size=(180, 60))
    model = SpectralNetClustering(3, max_iter=1, hidden_layer_sizes=4, random_state=0)
    with pytest.warns(ConvergenceWarning, match="give X in which rows"):
        model.fit(X, affinity_matrix=blocks)


@pytest.mark.parametrize("n_features", [3, 200])
def test_a_column_of_large_numbers_does_not_hide_the_others(n_features):
    of_blobs = SpectralNetClustering(3, random_state=0).fit(BLOBS)
    graph = of_blobs.affinity_matrix_
    income = np.exp(rng.normal(11, 0.5, size=180))
    noise = rng.normal(size=(180, n_features - 3))
    X = np.column_stack([BLOBS, income, noise])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = SpectralNetClustering(3, random_state=0).fit(X, affinity_matrix=graph)
    assert adjusted_rand_score(of_blobs.labels_, model.labels_) > 0.95
    assert (model.predict(X) == model.labels_).all()


def test_the_defaults_miss_little_of_real_data():
    X, _ = some_digits()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SpectralNetClustering(4, random_state=0).fit(X)


def test_a_column_of_large_numbers_does_not_hide_the_clusters_in_components():
    groups = rng.integers(3, size=600)
    noise = 0.003 * rng.normal(size=(600, 198))
    X = np.column_stack([40 * rng.random(600), groups, noise])
    model = SpectralNetClustering(3, random_state=0).fit(X)
    graph = Laplacian(model.affinity_matrix_)
    _, exact = graph.eigenpairs(3, random_state=np.random.RandomState(0))
    assert subspace_distance(model.embedding_, exact, graph.mass) < 0.005


def test_training_that_does_worse_than_its_start_is_undone():
    X, _ = some_digits()
    models = [
        SpectralNetEmbedding(
            4, learning_rate_init=rate, max_iter=3, tol=0.0, random_state=0
        )
        for rate in (1.0, 1e-9)
    ]
    wild, start = (model.fit(X) for model in models)
    mass = Laplacian(start.affinity_matrix_).degrees
    assert wild.loss_curve_[-1] > 1
    assert subspace_distance(wild.embedding_, start.embedding_, mass) < 0.01
