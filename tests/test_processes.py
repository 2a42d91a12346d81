"""Processes and threads: 0 hangs, which a watchdog would end."""

import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from sknet_spectral import AutoencoderTransformer, SpectralNetClustering
from sknet_spectral.metrics import subspace_distance
from tests.data import SMALL, some_digits
from tests.forked import WATCHDOG_SECONDS, in_forked_child
from tests.marks import forks

SEARCH_SECONDS = 300
BACKENDS = "loky", "threading", "fork", "spawn", "forkserver"
# OMP_NUM_THREADS, and the limit of threadpoolctl inside.
THREADS = {"one": ("1", 0), "two": ("2", 0), "unset": (None, 0), "limited": ("2", 1)}
WORKS = "fit", "predict"
# Those whose workers do not import everything again, of which one forks beside
# threads, and one has threads within threads.
QUICK = ("fork", "two", "predict"), ("threading", "unset", "fit")
COMBINATIONS = [
    pytest.param(*found, marks=[] if found in QUICK else [pytest.mark.slow])
    for found in itertools.product(BACKENDS, THREADS, WORKS)
]


def run_in_group(command, environment):
    """Return what a command printed; end it and its children where it hangs."""
    process = subprocess.Popen(
        command,
        env=environment,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        return process.communicate(timeout=SEARCH_SECONDS)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        pytest.fail(f"It hangs. Until then: {process.communicate()[0]}")


@pytest.mark.parametrize(("backend", "threads", "work"), COMBINATIONS)
def test_two_jobs_give_the_results_of_one_and_end(backend, threads, work):
    n_threads, limit = THREADS[threads]
    environment = {**os.environ, "JOBLIB_START_METHOD": ""}
    environment.pop("OMP_NUM_THREADS", None)
    if n_threads is not None:
        environment["OMP_NUM_THREADS"] = n_threads
    if backend in multiprocessing.get_all_start_methods():
        environment["JOBLIB_START_METHOD"] = backend
        backend = "multiprocessing"
    command = [sys.executable, "-m", "tests.parallel_work", backend, str(limit), work]
    assert run_in_group(command, environment).endswith("same results\n")


@forks
def test_predict_in_a_forked_child_returns(digits):
    X, _, model = digits
    threads = torch.get_num_threads()
    model.predict(X)
    labels = in_forked_child(lambda: model.predict(X))
    np.testing.assert_array_equal(labels, model.labels_)
    assert torch.get_num_threads() == threads


@forks
def test_relabel_in_a_forked_child_returns(digits):
    _, _, model = digits
    expected = model.relabel(5)
    np.testing.assert_array_equal(in_forked_child(lambda: model.relabel(5)), expected)


@forks
def test_rows_are_rebuilt_in_a_forked_child(digits):
    model = AutoencoderTransformer(2, max_iter=2, **SMALL).fit(digits[0])
    codes = np.tile(model.transform(digits[0]), (20, 1))
    expected = model.inverse_transform(codes)
    found = in_forked_child(lambda: model.inverse_transform(codes))
    np.testing.assert_allclose(found, expected, atol=1e-10)


@forks
def test_fit_in_a_forked_child_returns(digits):
    X, _, model = digits
    # Threads of scikit-learn's runtime and of torch's, which the fork does not copy.
    model.predict(X)
    labels = in_forked_child(lambda: clone(model).fit(X).labels_)
    assert adjusted_rand_score(labels, model.labels_) >= 0.999


def test_the_number_of_threads_hardly_matters(digits):
    X, _, model = digits
    one, two = (fit_with_threads(clone(model), X, n_threads) for n_threads in (1, 2))
    np.testing.assert_array_equal(
        one.affinity_matrix_.toarray(), two.affinity_matrix_.toarray()
    )
    mass = np.asarray(one.affinity_matrix_.sum(axis=1)).ravel()
    assert subspace_distance(one.embedding_, two.embedding_, mass) < 1e-4
    assert adjusted_rand_score(one.labels_, two.labels_) >= 0.999


def fit_with_threads(model, X, n_threads):
    with threadpool_limits(n_threads):
        return model.fit(X)


def test_threads_predict_at_once(digits):
    X, _, model = digits
    with ThreadPoolExecutor(8) as pool:
        results = pool.map(model.predict, [X] * 16, timeout=WATCHDOG_SECONDS)
        for labels in results:
            np.testing.assert_array_equal(labels, model.labels_)


def test_threads_fit_at_once():
    X, _ = some_digits(100)
    models = [SpectralNetClustering(4, **SMALL) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda model: model.fit(X), models, timeout=WATCHDOG_SECONDS))
    for model in models[1:]:
        np.testing.assert_allclose(model.embedding_, models[0].embedding_, atol=1e-6)
