"""Fits that die and go on: nothing lost, no bit different, no file shared."""

import multiprocessing
import pickle
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknet_spectral import (
    AutoencoderTransformer,
    SiameseTransformer,
    SpectralNetClustering,
    SpectralNetEmbedding,
)
from sknet_spectral._estimators import network_estimator
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral._persistence import checkpoint, fingerprint
from tests.data import SMALL, lies_apart, some_digits
from tests.killed_fit import fit_and_keep
from tests.marks import forks

X, Y = some_digits(200)
WATCHDOG_SECONDS = 120


@pytest.fixture(autouse=True)
def write_after_each_epoch(monkeypatch):
    monkeypatch.setattr(checkpoint, "_SECONDS_BETWEEN", 0.0)


def linear(n_features, n_outputs):
    return torch.nn.Linear(n_features, n_outputs)


def clustering(**parameters):
    return SpectralNetClustering(
        **{**SMALL, "n_clusters": 4, "max_iter": 8, **parameters}
    )


class Died(BaseException):
    """What a fit is ended by, as by Ctrl-C."""


def fit_that_dies(model, n_epochs, monkeypatch):
    """Fit, and raise an error after a number of epochs."""
    told = iter(range(n_epochs))

    def end_epoch(estimator):
        if next(told, None) is None:
            raise Died
        return False

    with monkeypatch.context() as patch:
        patch.setattr(network_estimator, "end_epoch", end_epoch)
        with pytest.raises(Died):
            model.fit(X)


def assert_same_bits(model, other):
    np.testing.assert_array_equal(model.transform(X), other.transform(X))
    assert model.loss_curve_ == other.loss_curve_


SIAMESE = SiameseTransformer(3, hidden_layer_sizes=8, max_iter=3)


@pytest.mark.parametrize(
    "model",
    [
        clustering(),
        clustering(eigen_solver="stochastic"),
        clustering(n_clusters="auto", n_components="auto", max_samples=190),
        clustering(network=linear),
        clustering(affinity_transformer=SIAMESE, random_state=np.int64(3)),
        clustering(affinity_transformer=make_pipeline(StandardScaler(), SIAMESE)),
        AutoencoderTransformer(2, max_iter=8, **SMALL),
        SiameseTransformer(2, max_iter=8, **SMALL),
    ],
    ids=[
        "eigenvectors",
        "stochastic",
        "auto, of a sample",
        "own network",
        "own transformer",
        "own pipeline",
        "autoencoder",
        "siamese",
    ],
)
def test_a_fit_that_died_goes_on(model, tmp_path, monkeypatch):
    whole = pickle.loads(pickle.dumps(model)).fit(X)
    model.set_params(checkpoint_dir=tmp_path)
    fit_that_dies(model, 5, monkeypatch)
    assert not vars(model).keys() & {"network_", "labels_", "loss_curve_"}
    assert list(tmp_path.iterdir())
    epochs = []
    monkeypatch.setattr(network_estimator, "end_epoch", epochs.append)
    assert_same_bits(model.fit(X), whole)
    assert len(epochs) < whole.n_iter_


def test_the_eigenvectors_are_kept(tmp_path, monkeypatch):
    model = clustering(checkpoint_dir=tmp_path)
    fit_that_dies(model, 0, monkeypatch)

    def fail(*arguments, **options):
        raise AssertionError("The eigenvectors are computed again.")

    whole = clustering().fit(X)
    monkeypatch.setattr(Laplacian, "eigenpairs", fail)
    assert_same_bits(model.fit(X), whole)


def names(folder):
    return {path.name.split(".")[0] for path in folder.iterdir()}


@pytest.mark.parametrize(
    "other",
    [
        {"random_state": 1},
        {"max_iter": 3},
        {"hidden_layer_sizes": (16,)},
        {"n_components": 5},
        {"network": linear},
        {"affinity_transformer": SIAMESE},
        {"affinity_transformer": SiameseTransformer(2, max_iter=1)},
    ],
    ids=", ".join,
)
def test_fits_with_other_parameters_share_no_checkpoint(other, tmp_path):
    model = clustering(checkpoint_dir=tmp_path).fit(X)
    before = names(tmp_path)
    model.set_params(**other).fit(X)
    assert len(names(tmp_path)) > len(before)
    assert_same_bits(model, clustering(**other).fit(X))


def test_fits_to_other_data_share_no_checkpoint(tmp_path):
    model = clustering(checkpoint_dir=tmp_path)
    W = clustering().fit(X).affinity_matrix_
    fits = [
        partial(model.fit, X),
        partial(model.fit, X[:-1]),
        partial(model.fit, X.astype(np.float32)),
        partial(model.fit, X, affinity_matrix=W),
        partial(model.fit, X, partial_labels=Y % 4),
        partial(model.fit, X, must_link=[[0, 1]]),
        partial(model.fit, X, cannot_link=[[0, 1]]),
    ]
    for number, fit in enumerate(fits, 1):
        fit()
        assert len(names(tmp_path)) == number


class Restless(TransformerMixin, BaseEstimator):
    """Draws without a seed."""

    def fit(self, X, y=None):
        self.columns_ = np.random.default_rng().permutation(X.shape[1])[:20]
        return self

    def transform(self, X):
        return X[:, self.columns_]


def test_another_learned_space_has_another_checkpoint(tmp_path):
    model = clustering(affinity_transformer=Restless(), checkpoint_dir=tmp_path)
    for number in (1, 2):
        model.fit(X)
        assert len(names(tmp_path)) == number


def test_a_rewritten_function_has_another_checkpoint(tmp_path, monkeypatch):
    model = clustering(network=linear, checkpoint_dir=tmp_path).fit(X)
    monkeypatch.setattr(fingerprint.inspect, "getsource", lambda function: "other")
    model.fit(X)
    assert len(names(tmp_path)) == 2


class Block(torch.nn.Linear):
    """A layer of the user's, whose code may change."""

    def forward(self, x):
        return torch.relu(super().forward(x))


ACTIVATION = torch.nn.Tanh


def nonlinear(n_features, n_outputs):
    return torch.nn.Sequential(
        Block(n_features, 8), ACTIVATION(), torch.nn.Linear(8, n_outputs)
    )


def test_a_network_of_other_layers_is_trained_anew(tmp_path, monkeypatch):
    model = clustering(network=nonlinear, checkpoint_dir=tmp_path).fit(X)
    monkeypatch.setitem(globals(), "ACTIVATION", torch.nn.ReLU)
    with pytest.warns(UserWarning, match="left by a network of other layers"):
        model.fit(X)
    assert_same_bits(model, clustering(network=nonlinear).fit(X))


def test_a_network_of_a_rewritten_layer_is_trained_anew(tmp_path, monkeypatch):
    model = clustering(network=nonlinear, checkpoint_dir=tmp_path).fit(X)
    getsource = fingerprint.inspect.getsource
    monkeypatch.setattr(
        fingerprint.inspect,
        "getsource",
        lambda code: "rewritten" if code is Block else getsource(code),
    )
    with pytest.warns(UserWarning, match="left by a network of other layers"):
        model.fit(X)


def test_neutral_parameters_share_a_checkpoint(tmp_path):
    model = clustering(checkpoint_dir=tmp_path).fit(X)
    model.set_params(n_jobs=2, verbose=0, checkpoint_dir=str(tmp_path)).fit(X)
    assert len(names(tmp_path)) == 1


def test_flags_of_a_scipy_matrix_do_not_change_the_checkpoint(tmp_path):
    model = clustering(checkpoint_dir=tmp_path)
    rows, W = sparse.csr_matrix(X), clustering().fit(X).affinity_matrix_
    for _ in range(2):
        for matrix in (rows, W):
            assert matrix.has_canonical_format
        model.fit(rows.copy(), affinity_matrix=W)
        model.fit(rows, affinity_matrix=W.copy())
    assert len(names(tmp_path)) == 1


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", bytes])
def test_a_damaged_file_is_not_used(damage, tmp_path):
    model = clustering(checkpoint_dir=tmp_path).fit(X)
    for path in tmp_path.iterdir():
        content = damage(path.read_bytes())
        path.write_bytes(content[:-1] + b"x" if content else content)
    with pytest.warns(UserWarning, match=r"checkpoint is not used.*is damaged"):
        model.fit(X)
    assert_same_bits(model, clustering().fit(X))


@pytest.mark.parametrize("random_state", [None, np.random.RandomState(0)])
def test_an_integer_seed_is_required(random_state, tmp_path):
    model = clustering(checkpoint_dir=tmp_path, random_state=random_state)
    with pytest.raises(ValueError, match="checkpoint_dir needs random_state"):
        model.fit(X)


class Locked:
    """A network that no pickle can hold."""

    def __init__(self):
        self.lock = threading.Lock()

    def __call__(self, n_features, n_outputs):
        return linear(n_features, n_outputs)


@pytest.mark.parametrize(
    "network", [lambda n, k: torch.nn.Linear(n, k), Locked()], ids=["lambda", "lock"]
)
def test_a_parameter_without_a_pickle_is_refused(network, tmp_path):
    model = clustering(checkpoint_dir=tmp_path, network=network)
    with pytest.raises(ValueError, match=r"checkpoint_dir needs .* but network is <"):
        model.fit(X)
    model.set_params(checkpoint_dir=None).fit(X)


def test_the_folder_and_its_parents_are_created(tmp_path):
    clustering(checkpoint_dir=tmp_path / "new" / "one").fit(X)
    assert list((tmp_path / "new" / "one").iterdir())


def begin_fit(folder, result):
    """Return a forked process whose fit has begun."""
    context = multiprocessing.get_context("fork")
    begun = context.Event()
    process = context.Process(target=fit_and_keep, args=(folder, result, begun.set))
    process.start()
    assert begun.wait(WATCHDOG_SECONDS)
    return process


def finish_in_a_new_interpreter(folder, result):
    subprocess.run(
        [sys.executable, "-m", "tests.killed_fit", str(folder), str(result)],
        check=True,
        cwd=Path(__file__).parents[2],
        timeout=WATCHDOG_SECONDS,
    )


def kill_and_resume(tmp_path, n_kills, seed):
    """Kill a fit a number of times, then let it end with the same bits."""
    whole, resumed = tmp_path / "whole.npy", tmp_path / f"{seed}.npy"
    if not whole.exists():
        begun = time.monotonic()
        process = begin_fit(None, whole)
        process.join(WATCHDOG_SECONDS)
        assert process.exitcode == 0
        (tmp_path / "seconds").write_text(str(time.monotonic() - begun))
    seconds = float((tmp_path / "seconds").read_text())
    rng = np.random.default_rng(seed)
    folder = tmp_path / f"checkpoints {seed}"
    for _ in range(n_kills):
        process = begin_fit(folder, resumed)
        time.sleep(rng.uniform(0, 0.8 * seconds))
        process.kill()
        process.join()
    finish_in_a_new_interpreter(folder, resumed)
    np.testing.assert_array_equal(np.load(resumed), np.load(whole))


@forks
@lies_apart
def test_a_fit_that_was_killed_goes_on_with_the_same_bits(tmp_path):
    kill_and_resume(tmp_path, 2, seed=0)


@forks
@lies_apart
@pytest.mark.slow
def test_a_hundred_kills_lose_nothing(tmp_path):
    for seed in range(100):
        kill_and_resume(tmp_path, 1, seed)


def test_warm_and_cold_fits_share_no_checkpoint(tmp_path):
    model = SpectralNetEmbedding(2, **SMALL, warm_start=True, checkpoint_dir=tmp_path)
    model.fit(X).fit(X)
    assert len(names(tmp_path)) == 2
