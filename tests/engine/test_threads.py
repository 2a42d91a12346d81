"""How many threads of torch train and map."""

import ctypes
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread

import numpy as np
import pytest
import torch

from sknet_spectral._engine.networks.inference import embed, evaluate_map
from sknet_spectral._engine.networks.network import spectral_network
from sknet_spectral._engine.threads import threads_for

SMALL, LARGE = 1, 10**9


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def in_another_thread(function):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result(10)


@pytest.mark.parametrize(("work", "n_threads"), [(SMALL, 1), (LARGE, 2)])
def test_small_steps_run_on_one_thread_and_large_ones_are_shared(work, n_threads):
    with threads_for(work):
        assert torch.get_num_threads() == n_threads
    assert torch.get_num_threads() == 2


def test_few_rows_are_mapped_on_one_thread():
    seen = []

    class Recorded(torch.nn.Linear):
        def forward(self, x):
            seen.append(torch.get_num_threads())
            return super().forward(x)

    X = np.random.default_rng(0).normal(size=(50, 3))
    network = spectral_network(X, Recorded(3, 2, dtype=torch.float64), 2)
    evaluate_map(network, X)
    embed(network, X)
    assert seen == [1, 1]
    assert torch.get_num_threads() == 2


def test_matrix_products_are_limited_after_the_user_has_set_a_number():
    mkl = getattr(ctypes.CDLL(torch._C.__file__), "MKL_Get_Max_Threads", None)
    if mkl is None:
        pytest.skip("needs a torch with MKL")
    with threads_for(SMALL):
        assert mkl() == 1
        assert in_another_thread(lambda: (torch.get_num_threads(), mkl())) == (2, 2)
        assert mkl() == 1
    assert mkl() == 2


def test_the_number_is_restored_after_an_error():
    with pytest.raises(RuntimeError, match="diverged"), threads_for(SMALL):
        raise RuntimeError("diverged")
    assert torch.get_num_threads() == 2


def test_a_small_fit_within_a_large_one_runs_on_one_thread():
    with threads_for(LARGE):
        with threads_for(SMALL):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2


def test_a_fit_within_a_small_one_stays_on_its_thread():
    with threads_for(SMALL):
        for work in (SMALL, LARGE):
            with threads_for(work):
                assert torch.get_num_threads() == 1
            assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2


def test_small_and_large_fits_run_side_by_side_and_leave_every_thread_its_number():
    all_in = Barrier(3, timeout=10)

    def fit(work):
        with threads_for(work):
            all_in.wait()  # none could pass it if they took turns
            inside = torch.get_num_threads()
        all_in.wait()
        return inside, torch.get_num_threads()

    with ThreadPoolExecutor(3) as pool:
        numbers = list(pool.map(fit, [SMALL, LARGE, SMALL]))
    assert numbers == [(1, 2), (2, 2), (1, 2)]
    assert torch.get_num_threads() == 2


def test_a_thread_that_first_calls_torch_within_a_small_fit_keeps_all_threads():
    with threads_for(SMALL):
        assert in_another_thread(torch.get_num_threads) == 2


def test_a_number_that_the_user_sets_in_another_thread_lasts():
    with threads_for(SMALL):
        in_another_thread(lambda: torch.set_num_threads(3))
    assert in_another_thread(torch.get_num_threads) == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_forked_in_the_middle_of_a_fit_does_not_wait_for_it():
    fit_is_in, fit_may_end = Event(), Event()

    def fit():
        with threads_for(SMALL):
            fit_is_in.set()
            fit_may_end.wait(10)

    thread = Thread(target=fit)
    thread.start()
    fit_is_in.wait(10)
    child = os.fork()
    if not child:
        with threads_for(LARGE):
            os._exit(0)
    for _ in range(100):
        finished, status = os.waitpid(child, os.WNOHANG)
        if finished:
            break
        time.sleep(0.05)
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    fit_may_end.set()
    thread.join(10)
    assert finished
    assert status == 0
