"""What earlier implementations got wrong, a test for each defect.

Each was seen to fail with its defect put in.
"""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.base import clone

import sknet_spectral
from sknet_spectral import (
    AutoencoderTransformer,
    SiameseTransformer,
    SpectralNetClustering,
    SpectralNetEmbedding,
)
from sknet_spectral._estimators import siamese
from tests.data import SMALL, lies_apart, some_digits

PACKAGE = Path(sknet_spectral.__file__).parent
ESTIMATORS = [SpectralNetClustering, SpectralNetEmbedding]
FEW = {**SMALL, "max_iter": 2}


def contents(folder):
    """Every file of a folder but Python's own caches, with its bytes."""
    paths = (p for p in folder.rglob("*") if p.is_file())
    return {p: p.read_bytes() for p in paths if "__pycache__" not in p.parts}


def test_defect_predict_fits_kmeans_anew_on_the_query(digits):
    X, _, model = digits
    np.testing.assert_array_equal(model.predict(X), model.labels_)
    np.testing.assert_array_equal(model.predict(X[500:]), model.labels_[500:])
    alone = [model.predict(X[i : i + 1])[0] for i in range(100)]
    np.testing.assert_array_equal(alone, model.labels_[:100])


@pytest.mark.parametrize(
    "estimator",
    [
        AutoencoderTransformer(3, **FEW),
        SiameseTransformer(3, **FEW),
        SpectralNetClustering(3, affinity="siamese", **SMALL),
    ],
    ids=["autoencoder", "siamese", "affinity"],
)
def test_defect_weights_of_all_networks_are_saved_in_the_package(
    estimator, monkeypatch
):
    monkeypatch.setattr(siamese, "pair_epochs", lambda n_samples, batch_size: 3)
    X, _ = some_digits(100)
    before = contents(PACKAGE)
    first = estimator.fit(X).transform(X)
    assert contents(PACKAGE) == before
    np.testing.assert_array_equal(estimator.fit(X).transform(X), first)


def test_defect_weights_are_saved_in_the_package_and_loaded_again():
    X, _ = some_digits(100)
    code = (
        "import numpy as np\n"
        "from sknet_spectral import SpectralNetEmbedding\n"
        "from tests.data import SMALL, some_digits\n"
        "X = some_digits(100)[0][:, 20:40]\n"
        "Y = SpectralNetEmbedding(2, **SMALL).fit_transform(X)\n"
        "print(Y.tobytes().hex())"
    )
    before = contents(PACKAGE)
    # In a process of its own nothing can be left from a fit of another shape.
    run = [sys.executable, "-c", code]
    fresh = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    SpectralNetEmbedding(2, **SMALL).fit(X)
    Y = SpectralNetEmbedding(2, **SMALL).fit_transform(X[:, 20:40])
    assert contents(PACKAGE) == before
    assert Y.tobytes().hex() == fresh.strip()


@pytest.mark.parametrize("first_query", [1, 3, 100])
def test_defect_output_matrix_is_lost_on_reloading(digits, first_query):
    X, _, model = digits
    assert "output_weight" in model.network_.state_dict()
    loaded = pickle.loads(pickle.dumps(model))
    rows = X[:first_query]
    np.testing.assert_array_equal(loaded.transform(rows), model.transform(rows))
    np.testing.assert_allclose(
        loaded.transform(rows), model.embedding_[:first_query], atol=1e-8
    )


def test_defect_transform_standardises_by_the_query_s_own_statistics(digits):
    X, _, model = digits
    together = model.transform(X)
    np.testing.assert_allclose(model.transform(X[5:9]), together[5:9], atol=1e-10)
    # Brighter images are other images: their own mean must not take that away.
    assert np.abs(model.transform(2 * X + 5) - together).max() > 0.1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_defect_transform_changes_its_input_in_place(digits, dtype):
    X, _, model = digits
    rows = X[:50].astype(dtype)
    before = rows.copy()
    model.predict(rows)
    model.transform(rows)
    np.testing.assert_array_equal(rows, before)
    tensor = torch.from_numpy(before.copy())
    model.network_(tensor)
    np.testing.assert_array_equal(tensor, before)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_defect_mutable_default_gives_the_second_instance_another_network(
    estimator,
):
    X, _ = some_digits(60)
    first, second = estimator(2, max_iter=1), estimator(2, max_iter=1)
    before = {name: repr(value) for name, value in second.get_params().items()}
    first.fit(X)
    after = {name: repr(value) for name, value in second.get_params().items()}
    assert after == before
    second.fit(X)
    shapes = [[p.shape for p in m.network_.parameters()] for m in (first, second)]
    assert shapes[0] == shapes[1]
    sizes = [16, 16]
    estimator(2, hidden_layer_sizes=sizes, max_iter=1).fit(X)
    assert sizes == [16, 16]


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("eigen_solver", [None, "stochastic"])
@pytest.mark.filterwarnings("ignore:The spectral loss fell")
def test_defect_no_seed(estimator, eigen_solver):
    X, _ = some_digits(100)
    model = estimator(3, eigen_solver=eigen_solver, max_iter=10, **SMALL)
    state = torch.get_rng_state(), np.random.get_state()[1].copy()
    first = model.fit_transform(X)
    # Neither read nor moved, the global states make no difference.
    assert torch.equal(state[0], torch.get_rng_state())
    np.testing.assert_array_equal(state[1], np.random.get_state()[1])
    with torch.random.fork_rng():
        torch.manual_seed(123)
        np.testing.assert_array_equal(clone(model).fit_transform(X), first)
    other = clone(model).set_params(random_state=1).fit_transform(X)
    assert not np.array_equal(other, first)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("eigen_solver", [None, "stochastic"])
@pytest.mark.filterwarnings("ignore:The spectral loss fell")
def test_defect_prints_without_being_asked(estimator, eigen_solver, capfd):
    X, _ = some_digits(100)
    model = estimator(3, eigen_solver=eigen_solver, max_iter=3, **SMALL).fit(X)
    model.transform(X)
    model.score(X)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_defect_index_file_in_the_working_directory(estimator, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    X, _ = some_digits(100)
    estimator(3, **SMALL).fit(X).transform(X)
    assert list(tmp_path.iterdir()) == []


@lies_apart
@pytest.mark.parametrize("eigen_solver", [None, "stochastic"])
@pytest.mark.filterwarnings("ignore:The spectral loss fell")
def test_defect_batch_of_fewer_rows_than_clusters_is_singular(eigen_solver):
    X = np.random.default_rng(0).normal(size=(12, 3))
    model = SpectralNetClustering(
        10, eigen_solver=eigen_solver, batch_size=2, max_iter=3, **SMALL
    ).fit(X)
    assert np.isfinite(model.embedding_).all()
    assert np.isfinite(model.loss_curve_).all()
    assert np.isfinite(model.transform(X[:1])).all()
