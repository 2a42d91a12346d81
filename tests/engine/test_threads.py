"""How many threads of torch train."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread

import pytest
import torch

from sknet_spectral._engine.threads import threads_for

SMALL, LARGE = 1, 10**9


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("work", "n_threads"), [(SMALL, 1), (LARGE, 2)])
def test_small_steps_run_on_one_thread_and_large_ones_are_shared(work, n_threads):
    with threads_for(work):
        assert torch.get_num_threads() == n_threads
    assert torch.get_num_threads() == 2


def test_the_number_is_put_back_after_an_error():
    with pytest.raises(RuntimeError, match="diverged"), threads_for(SMALL):
        raise RuntimeError("diverged")
    assert torch.get_num_threads() == 2


def test_a_fit_within_a_fit_keeps_its_number():
    with threads_for(SMALL), threads_for(LARGE):
        assert torch.get_num_threads() == 1
    with threads_for(LARGE), threads_for(SMALL):
        assert torch.get_num_threads() == 2
    assert torch.get_num_threads() == 2


def test_small_fits_run_side_by_side_and_leave_every_thread_its_number():
    all_in = Barrier(3, timeout=10)

    def fit(_):
        with threads_for(SMALL):
            all_in.wait()  # none could pass it if they took turns
            inside = torch.get_num_threads()
        all_in.wait()
        return inside, torch.get_num_threads()

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(fit, range(3))) == [(1, 2)] * 3
    assert torch.get_num_threads() == 2


def test_a_small_fit_waits_for_a_large_one():
    large_is_in, large_may_end, small_is_in = Event(), Event(), Event()

    def large():
        with threads_for(LARGE):
            large_is_in.set()
            large_may_end.wait(10)
            assert not small_is_in.is_set()

    def small():
        with threads_for(SMALL):
            small_is_in.set()

    threads = [Thread(target=large), Thread(target=small)]
    threads[0].start()
    large_is_in.wait(10)
    threads[1].start()
    assert not small_is_in.wait(0.1)
    assert torch.get_num_threads() == 2
    large_may_end.set()
    for thread in threads:
        thread.join(10)
    assert small_is_in.is_set()


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
