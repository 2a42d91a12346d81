"""The estimators, by scikit-learn's contract and the method's promises."""

import ast
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import (
    load_digits,
    load_iris,
    make_blobs,
    make_circles,
    make_moons,
)
from sklearn.utils.estimator_checks import check_estimator

import sknet_spectral
from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from sknet_spectral.metrics import clustering_accuracy

PACKAGE = Path(sknet_spectral.__file__).parent
ESTIMATORS = [SpectralNetClustering, SpectralNetEmbedding]
# Clusters that lie apart are apart in the graph; scikit-learn warns of it too.
lies_apart = pytest.mark.filterwarnings("ignore:Graph is not fully connected")


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X, y, SpectralNetClustering(10, random_state=0).fit(X)


@lies_apart
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_check_estimator(estimator):
    small = estimator(hidden_layer_sizes=(32, 32))
    results = check_estimator(small, on_skip=None)
    skipped = {r["check_name"] for r in results if r["status"] != "passed"}
    assert skipped <= {"check_array_api_input"}


@lies_apart
@pytest.mark.parametrize("shape", [make_moons, make_circles])
def test_toy_shapes_and_fresh_rows(shape):
    options = {"noise": 0.05} | ({"factor": 0.5} if shape is make_circles else {})
    X, y = shape(2000, random_state=0, **options)
    new, y_new = shape(2000, random_state=1, **options)
    model = SpectralNetClustering(2, random_state=0).fit(X)
    assert clustering_accuracy(y, model.labels_) >= 0.999
    assert clustering_accuracy(y_new, model.predict(new)) >= 0.999


@lies_apart
@pytest.mark.parametrize("n_blobs", [12, 40])
def test_blobs_are_found_whole(n_blobs):
    centers = 40.0 * np.random.default_rng(0).permutation(np.eye(40))[:n_blobs]
    X, y = make_blobs(100 * n_blobs, centers=centers, random_state=0)
    labels = SpectralNetClustering(n_blobs, random_state=0).fit_predict(X)
    assert clustering_accuracy(y, labels) == 1.0


def test_stochastic_training_clusters_digits(digits):
    X, y, _ = digits
    model = SpectralNetClustering(10, eigen_solver="stochastic", random_state=0)
    model.set_params(max_iter=100).fit(X)
    assert clustering_accuracy(y, model.labels_) > 0.75


@lies_apart
@pytest.mark.parametrize("laplacian", ["normalized", "unnormalized"])
def test_embedding_is_orthonormal_and_centred(laplacian):
    X, _ = load_iris(return_X_y=True)
    model = SpectralNetEmbedding(3, laplacian=laplacian, random_state=0).fit(X)
    W = model.affinity_matrix_
    degrees = np.asarray(W.sum(axis=1)).ravel()
    mass = degrees if laplacian == "normalized" else np.ones(len(X))
    Y = model.embedding_
    np.testing.assert_allclose(
        Y.T @ (mass[:, None] * Y) / mass.sum(), np.eye(3), atol=1e-8
    )
    np.testing.assert_allclose(mass @ Y / mass.sum(), 0, atol=1e-8)
    assert (np.diff(model.eigenvalues_) >= 0).all()


def test_incumbent_predict_depends_on_the_batch(digits):
    X, _, model = digits
    np.testing.assert_array_equal(model.predict(X), model.labels_)
    rows = np.concatenate([model.predict(X[i : i + 1]) for i in range(200)])
    np.testing.assert_array_equal(rows, model.labels_[:200])


def test_incumbent_transform_uses_statistics_of_the_query(digits):
    X, _, model = digits
    before = X.copy()
    together = model.transform(X)
    np.testing.assert_allclose(model.transform(X[5:9]), together[5:9], atol=1e-10)
    np.testing.assert_array_equal(X, before)


def test_incumbent_reloaded_network_orthonormalises_anew(digits):
    X, _, model = digits
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.transform(X[:3]), model.transform(X[:3]))


@lies_apart
def test_incumbent_second_instance_has_another_architecture():
    first, second = SpectralNetClustering(), SpectralNetClustering()
    X, _ = load_iris(return_X_y=True)
    first.set_params(n_clusters=3, max_iter=1).fit(X)
    assert second.get_params() == SpectralNetClustering().get_params()
    assert clone(first).get_params() == first.get_params()


@lies_apart
@pytest.mark.filterwarnings("ignore:The spectral loss fell")
def test_incumbent_small_batch_is_singular():
    X = np.random.default_rng(0).normal(size=(12, 3))
    model = SpectralNetClustering(
        10, eigen_solver="stochastic", batch_size=2, max_iter=3, random_state=0
    )
    model.fit(X)
    assert np.isfinite(model.embedding_).all()


@lies_apart
def test_incumbent_leaves_files_prints_and_seeds(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    installed = sorted(p for p in PACKAGE.rglob("*") if "__pycache__" not in p.parts)
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1]
    X, _ = load_iris(return_X_y=True)
    SpectralNetClustering(3, max_iter=2).fit(X).predict(X)
    assert list(tmp_path.iterdir()) == []
    after = sorted(p for p in PACKAGE.rglob("*") if "__pycache__" not in p.parts)
    assert installed == after
    assert capfd.readouterr() == ("", "")
    assert torch.equal(torch_state, torch.get_rng_state())
    np.testing.assert_array_equal(numpy_state, np.random.get_state()[1])


@lies_apart
@pytest.mark.parametrize("solver", [None, "stochastic"])
def test_one_seed_gives_the_same_bits(solver):
    X, _ = load_iris(return_X_y=True)
    options = dict(eigen_solver=solver, max_iter=30, tol=0, random_state=3)
    first, second = (
        SpectralNetEmbedding(2, n_jobs=n_jobs, **options) for n_jobs in (1, 2)
    )
    a, b = first.fit_transform(X), second.fit_transform(X)
    np.testing.assert_array_equal(a, b)


@lies_apart
def test_labels_do_not_depend_on_units():
    X, _ = load_iris(return_X_y=True)
    model = SpectralNetClustering(3, random_state=0)
    labels = model.fit_predict(X).copy()
    np.testing.assert_array_equal(labels, model.fit_predict(1000 * X + 7))


def test_a_pickle_predicts_the_same_in_a_fresh_process(digits, tmp_path):
    X, _, model = digits
    (tmp_path / "model.pickle").write_bytes(pickle.dumps(model))
    np.save(tmp_path / "X.npy", X[:100])
    code = (
        "import pickle, numpy as np\n"
        "model = pickle.load(open('model.pickle', 'rb'))\n"
        "np.save('labels.npy', model.predict(np.load('X.npy')))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    labels = np.load(tmp_path / "labels.npy")
    np.testing.assert_array_equal(labels, model.labels_[:100])


def test_score_prefers_the_trained_map(digits):
    X, _, model = digits
    short = clone(model).set_params(max_iter=1, hidden_layer_sizes=(4,)).fit(X)
    assert short.score(X[:500]) < model.score(X[:500]) <= 0


@lies_apart
def test_equal_rows_and_constant_columns_are_no_error():
    equal = SpectralNetClustering(3, random_state=0).fit(np.full((20, 2), 0.1))
    assert set(equal.labels_) == {0}
    X, _ = load_iris(return_X_y=True)
    X = np.column_stack([X, np.full(len(X), 3.0)])
    labels = SpectralNetClustering(3, random_state=0).fit_predict(X)
    assert set(labels) == {0, 1, 2}


@lies_apart
def test_one_cluster_and_as_many_as_rows():
    X = np.random.default_rng(0).normal(size=(6, 2))
    assert set(SpectralNetClustering(1).fit_predict(X)) == {0}
    assert set(SpectralNetClustering(6, random_state=0).fit_predict(X)) <= set(range(6))


def test_a_disconnected_graph_warns_and_labels():
    X, y = make_blobs(300, centers=[[0, 0], [50, 0], [500, 0]], random_state=0)
    with pytest.warns(UserWarning, match="not fully connected"):
        labels = SpectralNetClustering(2, random_state=0).fit_predict(X)
    assert clustering_accuracy(y == 2, labels) == 1.0


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"n_clusters": 400}, "n_clusters=400"),
        ({"n_components": 400}, "n_components=400"),
        ({"metric": "nearest"}, "metric"),
        ({"device": "warp"}, "device='warp'"),
        ({"hidden_layer_sizes": (8, 0)}, "hidden_layer_sizes"),
    ],
)
def test_bad_parameters_are_named(parameters, match):
    X, _ = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match=match):
        SpectralNetClustering(3).set_params(**parameters).fit(X)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_at_most_thirty_parameters(estimator):
    assert len(estimator().get_params()) <= 30


def test_imports_go_one_way():
    forbidden = {"_graph": {"torch", "_engine"}, "_engine": {"sklearn", "_graph"}}
    for folder, names in forbidden.items():
        for path in (PACKAGE / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                imported = []
                if isinstance(node, ast.Import):
                    imported = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    imported = [node.module or ""]
                    assert node.level <= 1, f"{path} imports upward"
                for module in imported:
                    assert not names & set(module.split(".")), f"{path}: {module}"
