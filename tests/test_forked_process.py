"""OpenMP in forked processes."""

import multiprocessing

import pytest
import torch

from sknet_spectral import _forked_process
from sknet_spectral._forked_process import prepare_forked_process


def test_only_a_forked_child_is_kept_to_one_thread(monkeypatch):
    counts = []
    monkeypatch.setattr(torch, "set_num_threads", counts.append)
    monkeypatch.setattr(
        _forked_process,
        "threadpool_limits",
        lambda *limit, user_api: counts.append(user_api),
    )
    prepare_forked_process()
    assert counts == []
    monkeypatch.setattr(_forked_process, "_IMPORTING_PROCESS", -1)
    prepare_forked_process()
    assert counts == [1, "openmp"]


def _count_threads(sender):
    prepare_forked_process()
    sender.send(torch.get_num_threads())


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_fork_leaves_the_parent_s_threads_alone():
    before = torch.get_num_threads()
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_count_threads, args=(sender,))
    child.start()
    assert receiver.poll(60)
    assert receiver.recv() == 1
    child.join()
    assert torch.get_num_threads() == before
