"""Search over parameters: by the score that needs no labels, and by labels."""

import importlib

import numpy as np
import pytest
from sklearn import model_selection
from sklearn.model_selection import GridSearchCV, cross_val_score

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from tests.data import BRIEF, SMALL, lies_apart, some_digits

X, Y_TRUE = some_digits(240)
TRAINING_GRID = {"hidden_layer_sizes": [(2,), (32, 32)], "max_iter": [2, 60]}


@pytest.mark.parametrize("estimator", [SpectralNetClustering, SpectralNetEmbedding])
def test_the_score_without_labels_finds_the_better_training(estimator):
    search = GridSearchCV(estimator(4, random_state=0), TRAINING_GRID, cv=2)
    search.fit(X)
    scores = search.cv_results_["mean_test_score"]
    assert np.isfinite(scores).all()
    assert (scores <= 0).all()
    assert search.best_params_["hidden_layer_sizes"] == (32, 32)
    assert search.best_params_["max_iter"] == 60


@lies_apart
def test_labels_choose_the_graph():
    grid = [
        {"n_neighbors": [2, 15], "weights": ["local_scaling", "uniform", "heat"]},
        {"affinity": ["rbf"]},
    ]
    model = SpectralNetClustering(10, gamma=1e-3, max_iter=10, **SMALL)
    search = GridSearchCV(model, grid, cv=2, scoring="adjusted_rand_score")
    search.fit(X, Y_TRUE)
    scores = search.cv_results_["mean_test_score"]
    assert np.isfinite(scores).all()
    assert scores.max() > scores.min()
    assert search.predict(X).shape == (240,)


def test_successive_halving_works():
    importlib.import_module("sklearn.experimental.enable_halving_search_cv")
    model = SpectralNetClustering(4, **BRIEF)
    grid = {"max_iter": [2, 30], "learning_rate_init": [1e-4, 2e-3]}
    search = model_selection.HalvingGridSearchCV(
        model, grid, cv=2, random_state=0, min_resources=60
    )
    search.fit(X)
    assert search.best_score_ <= 0
    assert search.n_iterations_ > 1


@pytest.mark.parametrize("affinity", ["precomputed", "precomputed_nearest_neighbors"])
def test_cross_validation_slices_rows_and_columns_of_a_graph(affinity):
    graph = SpectralNetClustering(4, n_neighbors=40, **BRIEF).fit(X).affinity_matrix_
    if affinity == "precomputed_nearest_neighbors":
        graph = graph.copy()
        graph.data = 1 - graph.data
    model = SpectralNetClustering(4, affinity=affinity, **BRIEF)
    scores = cross_val_score(model, graph, Y_TRUE, cv=2, scoring="adjusted_rand_score")
    assert (scores > 0.1).all()
