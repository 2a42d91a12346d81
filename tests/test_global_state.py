"""What belongs to the caller and to the process is as it was after a fit."""

import os
import random
import threading
import warnings
from contextlib import contextmanager
from functools import cache, partial

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import make_blobs
from threadpoolctl import threadpool_info

from sknet_spectral import (
    AutoencoderTransformer,
    SiameseTransformer,
    SpectralNetClustering,
    SpectralNetEmbedding,
)
from tests.data import SMALL, some_digits

X, _ = some_digits(150)
FEW = {"max_iter": 3, **SMALL}

pytestmark = pytest.mark.filterwarnings("ignore:The spectral loss fell")


def dropout_network(n_features, n_outputs):
    """Build a network that draws from torch's global generator."""
    return torch.nn.Sequential(
        torch.nn.Linear(n_features, 16),
        torch.nn.Dropout(0.1),
        torch.nn.GELU(),
        torch.nn.Linear(16, n_outputs),
    )


ESTIMATORS = {
    "clustering": SpectralNetClustering(4, **FEW),
    "stochastic": SpectralNetClustering(4, eigen_solver="stochastic", **FEW),
    "amg": SpectralNetClustering(4, eigen_solver="amg", **FEW),
    "own network": SpectralNetClustering(4, network=dropout_network, **FEW),
    "siamese": SpectralNetClustering(
        4, affinity_transformer=SiameseTransformer(2, **FEW), **FEW
    ),
    "parameter_free": SpectralNetClustering(4, affinity="parameter_free", **FEW),
    "manhattan": SpectralNetEmbedding(2, metric="manhattan", n_jobs=2, **FEW),
    "autoencoder": AutoencoderTransformer(2, **FEW),
}


def global_state(folder):
    """Everything that a library could change behind its user's back."""
    return {
        "torch's generator": torch.get_rng_state().tolist(),
        "numpy's generator": str(np.random.get_state()),
        "python's generator": random.getstate(),
        "numpy's errors": np.geterr(),
        "torch's threads": torch.get_num_threads(),
        "all threads": sorted(
            (library["filepath"], library["num_threads"])
            for library in threadpool_info()
        ),
        "default dtype": torch.get_default_dtype(),
        "default device": torch.get_default_device(),
        "gradients": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "autocast": torch.is_autocast_enabled("cpu"),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "product precision": torch.get_float32_matmul_precision(),
        "warnings": list(warnings.filters),
        "folder": os.getcwd(),
        "files": os.listdir(folder),
        "environment": dict(os.environ),
    }


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_fit_leaves_the_process_as_it_was(name, tmp_path, monkeypatch):
    # What is imported late comes with a fit before.
    model = ESTIMATORS[name].fit(X)
    monkeypatch.chdir(tmp_path)
    before = global_state(tmp_path)
    model.fit(X).transform(X)
    after = global_state(tmp_path)
    for what, state in before.items():
        assert after[what] == state, what


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_what_the_caller_holds_is_untouched(container):
    rows, W = container(X.copy()), container(np.exp(-np.abs(X @ X.T) / 1e4))
    model = ESTIMATORS["clustering"]
    model.fit(rows, affinity_matrix=W).predict(rows)
    model.fit(rows).score(rows)
    assert abs(rows - X).max() == 0
    assert abs(W - np.exp(-np.abs(X @ X.T) / 1e4)).max() == 0


@contextmanager
def default_dtype(dtype):
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


@contextmanager
def default_device():
    torch.set_default_device("meta")
    try:
        yield
    finally:
        torch.set_default_device(None)


@contextmanager
def seeded_by_the_caller():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        yield


SETTINGS = {
    "float64": partial(default_dtype, torch.float64),
    "bfloat16": partial(default_dtype, torch.bfloat16),
    "meta device": default_device,
    "no gradients": torch.no_grad,
    "inference mode": torch.inference_mode,
    "autocast": partial(torch.autocast, "cpu", torch.bfloat16),
    "seed": seeded_by_the_caller,
    "strict numpy": partial(np.errstate, all="raise"),
}


def modes():
    """The settings of torch that a with statement can change."""
    return (
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.is_autocast_enabled("cpu"),
        torch.is_autocast_cache_enabled(),
    )


@cache
def embedding_without_settings(name, container):
    rows = container(X)
    return clone(ESTIMATORS[name]).fit(rows).transform(rows)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", ESTIMATORS)
def test_what_the_caller_has_set_changes_no_result(name, setting):
    expected = embedding_without_settings(name, np.asarray)
    with SETTINGS[setting]():
        before = modes()
        found = ESTIMATORS[name].fit(X).transform(X)
        assert modes() == before
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", ["clustering", "stochastic", "own network"])
def test_what_the_caller_has_set_changes_no_result_of_sparse_rows(name, setting):
    rows = sparse.csr_matrix(X)
    expected = embedding_without_settings(name, sparse.csr_matrix)
    with SETTINGS[setting]():
        found = ESTIMATORS[name].fit(rows).transform(rows)
    np.testing.assert_array_equal(found, expected)


@cache
def fitted(name):
    return clone(ESTIMATORS[name]).fit(X)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", ["clustering", "own network"])
def test_what_the_caller_has_set_changes_no_file(name, setting, tmp_path):
    model = fitted(name)
    network = {"network": model.network} if model.network else {}
    with SETTINGS[setting]():
        model.save(tmp_path / "model")
        loaded = type(model).load(tmp_path / "model", **network)
        labels, likeness = loaded.predict(X), loaded.score_samples(X)
    np.testing.assert_array_equal(labels, model.labels_)
    np.testing.assert_array_equal(likeness, model.score_samples(X))


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_the_caller_has_set_changes_no_code_and_no_row_rebuilt(setting):
    model = fitted("autoencoder")
    expected = model.inverse_transform(model.transform(X))
    with SETTINGS[setting]():
        found = model.inverse_transform(model.transform(X))
    np.testing.assert_array_equal(found, expected)


def embedding_of_two_fits(checkpoint_dir):
    model = clone(ESTIMATORS["clustering"]).set_params(
        random_state=0, warm_start=True, checkpoint_dir=checkpoint_dir
    )
    return model.fit(X).fit(X).transform(X)


@pytest.fixture(scope="module")
def embedding_of_two_fits_without_settings():
    return embedding_of_two_fits(None)


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_the_caller_has_set_changes_no_fit_that_goes_on(
    setting, embedding_of_two_fits_without_settings, tmp_path
):
    with SETTINGS[setting]():
        found = embedding_of_two_fits(tmp_path)
    np.testing.assert_array_equal(found, embedding_of_two_fits_without_settings)


def test_a_strict_numpy_lets_weights_be_tiny():
    rows = 30 * np.random.default_rng(0).normal(size=(60, 2))
    for options in ({"affinity": "rbf"}, {"weights": "heat", "gamma": 50.0}):
        model = SpectralNetClustering(2, **options, **SMALL)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            expected = model.fit(rows).predict_proba(rows)
            score = model.score(rows)
            with np.errstate(all="raise"):
                found = model.fit(rows).predict_proba(rows)
                assert model.score(rows) == score
        np.testing.assert_array_equal(found, expected)


def test_amg_draws_by_the_seed_alone():
    rows, _ = make_blobs(1100, n_features=5, cluster_std=4, random_state=0)
    model = SpectralNetEmbedding(2, eigen_solver="amg", **FEW)
    embeddings = []
    for seed in (1, 2):
        np.random.seed(seed)
        before = str(np.random.get_state())
        embeddings.append(model.fit_transform(rows))
        assert str(np.random.get_state()) == before
    np.testing.assert_array_equal(*embeddings)


@pytest.mark.parametrize("verbose", [False, True])
def test_a_fit_leaves_no_thread(verbose):
    before = set(threading.enumerate())
    SpectralNetEmbedding(2, verbose=verbose, **FEW).fit(X)
    assert set(threading.enumerate()) <= before


def test_a_user_s_network_seeds_no_gpu(monkeypatch):
    def refuse(seed):
        raise AssertionError("every GPU is seeded")

    monkeypatch.setattr(torch.cuda, "manual_seed_all", refuse)
    ESTIMATORS["own network"].fit(X)


@pytest.mark.parametrize("name", ["clustering", "own network"])
def test_a_fit_that_goes_on_leaves_torch_s_generator(name, tmp_path):
    model = clone(ESTIMATORS[name]).set_params(checkpoint_dir=tmp_path, random_state=0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model.fit(X)
        torch.manual_seed(2)
        before = torch.get_rng_state()
        model.fit(X)  # training is over in the checkpoint
        assert torch.equal(torch.get_rng_state(), before)


def test_a_sparse_matrix_with_duplicates_is_untouched():
    rows = sparse.csr_matrix(X)
    split = sparse.csr_matrix(
        (
            np.repeat(rows.data / 2, 2),
            np.repeat(rows.indices, 2),
            rows.indptr * 2,
        ),
        shape=rows.shape,
    )
    for part in split.data, split.indices, split.indptr:
        part.flags.writeable = False
    model = ESTIMATORS["clustering"]
    expected = model.fit(rows).embedding_
    np.testing.assert_array_equal(model.fit(split).embedding_, expected)
    np.testing.assert_array_equal(model.transform(split), model.transform(rows))
    assert split.nnz == 2 * rows.nnz
