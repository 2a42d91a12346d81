"""Forked children and threads; a watchdog fails what hangs."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from sknet_spectral import SpectralNetClustering
from tests.data import SMALL, some_digits

WATCHDOG_SECONDS = 60


def in_forked_child(function):
    """Return the function's result in a forked child, or fail where it hangs."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=lambda: sender.send(function()))
    child.start()
    try:
        assert receiver.poll(WATCHDOG_SECONDS), "the forked child hangs"
        return receiver.recv()
    finally:
        child.kill()
        child.join()


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_predict_in_a_forked_child_returns(digits):
    X, _, model = digits
    threads = torch.get_num_threads()
    model.predict(X)
    labels = in_forked_child(lambda: model.predict(X))
    np.testing.assert_array_equal(labels, model.labels_)
    assert torch.get_num_threads() == threads


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
