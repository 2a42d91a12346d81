"""What both estimators promise: scikit-learn's contract, the score, the graph."""

import io
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import check_estimator

from sknet_spectral import (
    AutoencoderTransformer,
    SiameseTransformer,
    SpectralNetClustering,
    SpectralNetEmbedding,
)
from sknet_spectral.metrics import clustering_accuracy
from tests.data import BRIEF, SMALL, far_blobs, few_rows, lies_apart, some_digits

ESTIMATORS = [SpectralNetClustering, SpectralNetEmbedding]
# Checks that check_estimator does not run. Those of polars skip without polars.
FURTHER_CHECKS = [
    "check_param_validation",
    "check_dataframe_column_names_consistency",
    "check_get_feature_names_out_error",
    "check_transformer_get_feature_names_out",
    "check_transformer_get_feature_names_out_pandas",
    "check_set_output_transform",
    "check_set_output_transform_pandas",
    "check_set_output_transform_polars",
    "check_global_output_transform_pandas",
    "check_global_set_output_transform_polars",
]


@lies_apart
@few_rows
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_check_estimator(estimator):
    small = estimator(hidden_layer_sizes=(32, 32), max_iter=10)
    results = check_estimator(small, on_skip=None)
    skipped = {r["check_name"] for r in results if r["status"] != "passed"}
    assert skipped <= {"check_array_api_input"}


@lies_apart
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@pytest.mark.filterwarnings("ignore:X has feature names, but")
@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("check", FURTHER_CHECKS)
def test_further_checks(estimator, check):
    small = estimator(hidden_layer_sizes=(32, 32), max_iter=10)
    getattr(estimator_checks, check)(estimator.__name__, small)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("solver", [None, "stochastic"])
def test_one_seed_gives_the_same_bits(estimator, solver):
    X, _ = some_digits()
    options = {"eigen_solver": solver, "max_iter": 30, "tol": 0, "random_state": 3}
    first, second = (
        estimator(3, n_jobs=n_jobs, hidden_layer_sizes=(32, 32), **options)
        for n_jobs in (1, 2)
    )
    np.testing.assert_array_equal(first.fit_transform(X), second.fit_transform(X))


def test_the_seed_may_be_a_generator():
    X, _ = some_digits(100)
    first, second = (
        SpectralNetEmbedding(2, **BRIEF | {"random_state": seed}).fit_transform(X)
        for seed in (0, np.random.RandomState(0))
    )
    np.testing.assert_array_equal(first, second)


@lies_apart
@pytest.mark.parametrize("affinity", ["nearest_neighbors", "parameter_free"])
def test_labels_do_not_depend_on_units(affinity):
    X, _ = load_iris(return_X_y=True)
    model = SpectralNetClustering(3, affinity=affinity, random_state=0)
    labels = model.fit_predict(X).copy()
    np.testing.assert_array_equal(labels, model.fit_predict(1000 * X + 7))


def test_score_prefers_the_trained_map(digits):
    X, _, model = digits
    short = clone(model).set_params(max_iter=1, hidden_layer_sizes=(4,)).fit(X)
    assert short.score(X[:500]) < model.score(X[:500]) <= 0


def test_score_of_the_training_rows_is_the_mean_ritz_value(digits):
    X, _, model = digits
    assert model.score(X) == pytest.approx(-model.eigenvalues_.mean(), rel=1e-6)


@pytest.mark.parametrize("affinity", ["precomputed", "precomputed_nearest_neighbors"])
def test_score_of_a_graph_names_label_scorers(affinity):
    X, _ = some_digits(60)
    model = SpectralNetClustering(3, affinity="rbf", gamma=1e-3, **BRIEF).fit(X)
    model.set_params(affinity=affinity)
    with pytest.raises(ValueError, match=f"affinity='{affinity}' .*adjusted_rand"):
        model.score(X)


@lies_apart
@few_rows
def test_equal_rows_and_constant_columns_are_no_error():
    equal = SpectralNetClustering(3, **BRIEF).fit(np.full((20, 2), 0.1))
    assert set(equal.labels_) == {0}
    X, _ = load_iris(return_X_y=True)
    X = np.column_stack([X, np.full(len(X), 3.0)])
    assert set(SpectralNetClustering(3, **BRIEF).fit_predict(X)) == {0, 1, 2}


def test_duplicated_rows_have_one_label():
    X, _ = some_digits(100)
    model = SpectralNetClustering(5, **BRIEF).fit(np.repeat(X, 2, axis=0))
    np.testing.assert_array_equal(model.labels_[::2], model.labels_[1::2])


@lies_apart
def test_one_cluster_and_as_many_as_rows():
    X = np.random.default_rng(0).normal(size=(6, 2))
    assert set(SpectralNetClustering(1, **BRIEF).fit_predict(X)) == {0}
    labels = SpectralNetClustering(6, **BRIEF).fit_predict(X)
    assert set(labels) <= set(range(6))


def test_a_disconnected_graph_warns_and_labels():
    X, y = far_blobs(3)
    X[y == 2] *= 10
    with pytest.warns(UserWarning, match="3 components: .* joined them to 2. Raise"):
        labels = SpectralNetClustering(2, **BRIEF).fit_predict(X)
    assert clustering_accuracy(y == 2, labels) == 1.0
    with pytest.warns(UserWarning, match="3 components: each stays apart"):
        model = SpectralNetClustering(3, **BRIEF).fit(X)
    assert clustering_accuracy(y, model.labels_) == 1.0
    assert model.n_connected_components_ == 3


def test_a_refit_on_other_data_forgets_the_first():
    X, _ = some_digits(100)
    model = SpectralNetClustering(4, **BRIEF).fit(X[:, :20])
    fresh = SpectralNetClustering(4, **BRIEF).fit(X)
    np.testing.assert_array_equal(model.fit(X).embedding_, fresh.embedding_)
    assert set(vars(model)) == set(vars(fresh))


def test_a_refit_by_another_rule_leaves_no_attribute_behind():
    X, _ = some_digits(100)
    model = SpectralNetClustering(4, **BRIEF).fit(X)
    model.set_params(assign_labels="cluster_qr").fit(X)
    assert not hasattr(model, "cluster_centers_")


def test_progress_is_shown_on_stderr_when_asked_for(capsys):
    X, _ = some_digits(60)
    SpectralNetEmbedding(2, verbose=1, max_iter=2, **SMALL).fit(X)
    shown = capsys.readouterr()
    assert shown.out == ""
    for stage in ("neighbors", "eigenvectors", "training", "loss="):
        assert stage in shown.err


@pytest.mark.parametrize("has_stderr", [False, True])
def test_progress_without_a_console_is_silence(has_stderr, monkeypatch):
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed if has_stderr else None)
    X, _ = some_digits(60)
    SpectralNetEmbedding(2, verbose=1, max_iter=2, **SMALL).fit(X)


def interrupted(n_features, n_outputs):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "estimator", [*ESTIMATORS, SiameseTransformer, AutoencoderTransformer]
)
def test_an_interrupted_fit_leaves_the_estimator_unfitted(estimator):
    X, _ = some_digits(60)
    model = estimator(2, max_iter=2, **SMALL).fit(X)
    model.set_params(network=interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X)
    with pytest.raises(NotFittedError):
        model.transform(X)
    model.set_params(network=None).fit(X).transform(X)
