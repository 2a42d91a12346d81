"""Every parameter changes the result, or stands in the list of neutral ones."""

from functools import cache

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import polynomial_kernel

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from tests.data import BRIEF, SMALL, some_digits

ESTIMATORS = [SpectralNetClustering, SpectralNetEmbedding]
NEUTRAL = {
    "checkpoint_dir": "checkpoints",
    "warm_start": True,
    "verbose": 1,
    "n_jobs": 2,
    "device": "cpu",
}


def shallow_network(n_features, n_outputs):
    return torch.nn.Linear(n_features, n_outputs)


def product_of_two_rows(x, y, degree):
    return (x @ y / 64) ** degree


# For each parameter: what else is set in both fits, and its value in the second.
POLYNOMIAL = {"affinity": "poly", "gamma": 1e-4}
CHANGES = {
    "affinity": ({"gamma": 1e-3}, "rbf"),
    "affinity_transformer": ({}, PCA(4)),
    "assign_labels": ({}, "cluster_qr"),
    "batch_size": ({}, 50),
    "coef0": (POLYNOMIAL, 0.5),
    "degree": (POLYNOMIAL, 2),
    "diffusion_time": ({}, 3),
    "eigen_solver": ({}, "stochastic"),
    "eigen_tol": ({"eigen_solver": "lobpcg"}, 0.3),
    "gamma": ({"weights": "heat"}, 1e-3),
    "hidden_layer_sizes": ({}, 8),
    "laplacian": ({}, "unnormalized"),
    "learning_rate_init": ({}, 1e-3),
    "max_iter": ({}, 3),
    "max_samples": ({}, 100),
    "metric": ({}, "manhattan"),
    "min_cluster_size": ({"assign_labels": "modularity"}, 30),
    "n_clusters": ({}, 3),
    "n_components": ({}, 4),
    "n_init": ({"n_clusters": 30}, 1),
    "n_neighbors": ({}, 10),
    "network": ({}, shallow_network),
    "random_state": ({}, 1),
    "tol": ({}, 10.0),
    "weights": ({}, "uniform"),
}
# A callable, and its parameters: of two rows for the clusterer, of X for the other.
CHANGES_OF = {
    (SpectralNetClustering, "kernel_params"): (
        {"affinity": product_of_two_rows, "kernel_params": {"degree": 1}},
        {"degree": 3},
    ),
    (SpectralNetEmbedding, "kernel_params"): (
        {"affinity": polynomial_kernel, "kernel_params": {"degree": 1}},
        {"degree": 3},
    ),
}


def rows_for(name):
    # Below a thousand rows the eigenvectors are exact.
    return some_digits(1010 if name == "eigen_tol" else 200)[0]


def result(model):
    return model.embedding_, getattr(model, "labels_", None)


def fitted(estimator, name, options):
    defaults = {"max_iter": 8, **SMALL}
    return result(estimator(**{**defaults, **options}).fit(rows_for(name)))


@cache
def fitted_by_default(estimator):
    return fitted(estimator, None, {})


def is_same(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.filterwarnings("ignore:The spectral loss fell")
@pytest.mark.filterwarnings("ignore:weights='heat' with gamma=1 gives")
@pytest.mark.parametrize(
    ("estimator", "name"),
    [(E, name) for E in ESTIMATORS for name in sorted(E().get_params())],
)
def test_a_parameter_changes_the_result_or_is_neutral(
    estimator, name, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    if name in NEUTRAL:
        options, value = {}, NEUTRAL[name]
    else:
        assert name in CHANGES or (estimator, name) in CHANGES_OF, "say what it changes"
        options, value = CHANGES_OF.get((estimator, name)) or CHANGES[name]
    if options:
        before = fitted(estimator, name, options)
    else:
        before = fitted_by_default(estimator)
    after = fitted(estimator, name, {**options, name: value})
    assert is_same(before, after) == (name in NEUTRAL)


def test_no_entry_is_of_a_parameter_that_is_gone():
    present = {name for E in ESTIMATORS for name in E().get_params()}
    assert set(CHANGES) | set(NEUTRAL) <= present


@pytest.fixture(scope="module")
def automatically_solved():
    X, _ = some_digits(1010)
    return SpectralNetEmbedding(3, max_iter=2, **SMALL).fit(X)


@pytest.mark.parametrize("solver", ["arpack", "lobpcg", "amg"])
def test_each_eigen_solver_finds_the_same_space(solver, automatically_solved):
    X, _ = some_digits(1010)
    model = SpectralNetEmbedding(3, eigen_solver=solver, max_iter=2, **SMALL).fit(X)
    np.testing.assert_allclose(
        model.eigenvalues_, automatically_solved.eigenvalues_, rtol=0.01
    )


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"n_clusters": 0}, "'n_clusters' parameter"),
        ({"n_clusters": 400}, "n_clusters=400 must not exceed n_samples=150"),
        ({"n_clusters": True}, "'n_clusters' parameter"),
        ({"n_neighbors": True}, "'n_neighbors' parameter"),
        ({"n_jobs": 0}, "'n_jobs' parameter"),
        ({"n_components": 400}, "n_components=400 must not exceed n_samples=150"),
        ({"metric": "nearest"}, "'metric' parameter"),
        ({"affinity": "nearest"}, "'affinity' parameter"),
        ({"weights": "heavy"}, "'weights' parameter"),
        ({"device": "warp"}, "device='warp'"),
        ({"hidden_layer_sizes": (8, 0)}, r"hidden_layer_sizes .* got \(8, 0\)"),
        ({"hidden_layer_sizes": True}, "hidden_layer_sizes .* got True"),
        ({"batch_size": 1}, "'batch_size' parameter"),
        ({"learning_rate_init": 0.0}, "'learning_rate_init' parameter"),
        ({"gamma": -1.0}, "'gamma' parameter"),
        ({"max_iter": "many"}, "'max_iter' parameter"),
    ],
)
def test_bad_parameters_are_named(parameters, match):
    X = np.random.default_rng(0).normal(size=(150, 4))
    with pytest.raises(ValueError, match=match):
        SpectralNetClustering(3).set_params(**parameters).fit(X)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_network_instead_of_a_function_that_builds_one_is_named(estimator):
    X = np.random.default_rng(0).normal(size=(50, 4))
    with pytest.raises(TypeError, match=r"network must be a function .* a Linear"):
        estimator(2, network=torch.nn.Linear(4, 2)).fit(X)


def test_as_many_components_as_rows_are_refused_by_the_embedding():
    X = np.random.default_rng(0).normal(size=(5, 4))
    with pytest.raises(ValueError, match="n_components=5 must be less than n_samples"):
        SpectralNetEmbedding(5).fit(X)


@pytest.mark.parametrize("rule", ["discretize", "cluster_qr"])
def test_two_rules_need_as_many_components_as_clusters(rule):
    X, _ = some_digits(100)
    model = SpectralNetClustering(3, n_components=4, assign_labels=rule, **BRIEF)
    with pytest.raises(ValueError, match=f"assign_labels='{rule}' needs as many comp"):
        model.fit(X)
