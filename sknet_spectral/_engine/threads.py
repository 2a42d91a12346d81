"""Threads of a training: one where its steps are too small to be shared."""

import os
from contextlib import contextmanager
from functools import cache
from threading import Condition, local

import torch
from threadpoolctl import ThreadpoolController

# Multiply-adds of a step's forward pass. Below it a second thread saves less than the
# threads' waiting for each other costs, and on a busy machine far less.
_WORK_TO_SHARE = 50_000_000


@contextmanager
def threads_for(work):
    """Train on one thread where a step is small, and on all that torch has otherwise.

    The number is the process's. It is put back, whatever other libraries have set it
    to. Trainings that agree on it run side by side in several Python threads; others
    take turns, so that none changes the number under another.

    Parameters
    ----------
    work : int
        Rows of a batch times the weights of the network.
    """
    with _turns.take(work < _WORK_TO_SHARE):
        yield


class _Turns:
    """Who trains now, and whether on one thread."""

    def __init__(self):
        self.reset()

    def reset(self):
        """Begin anew, with nobody in training."""
        self._changed, self._own = Condition(), local()
        self._n_training, self._on_one, self._n_before = 0, False, 0

    @contextmanager
    def take(self, on_one):
        if getattr(self._own, "trains", False):  # a fit within a callback of a fit
            yield
            return
        self._begin(on_one)
        self._own.trains = True
        try:
            yield
        finally:
            self._own.trains = False
            self._end()

    def _begin(self, on_one):
        with self._changed:
            self._changed.wait_for(
                lambda: not self._n_training or self._on_one == on_one
            )
            if not self._n_training:
                self._n_before, self._on_one = torch.get_num_threads(), on_one
            self._n_training += 1
            if on_one:
                torch.set_num_threads(1)

    def _end(self):
        with self._changed:
            self._n_training -= 1
            if self._on_one and self._n_training:
                # OpenMP counts for each Python thread, and others still train.
                for runtime in _openmp_runtimes():
                    runtime.set_num_threads(self._n_before)
            elif self._on_one:
                torch.set_num_threads(self._n_before)
            self._changed.notify_all()


@cache
def _openmp_runtimes():
    """Return the OpenMP runtime that torch brings, or those that it may share."""
    runtimes = ThreadpoolController().select(user_api="openmp").lib_controllers
    return [r for r in runtimes if "torch" in r.filepath] or runtimes


_turns = _Turns()
# A child of a fork has none of the threads that trained.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_turns.reset)
