"""The number of threads of a training: one if its steps are too small to share."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Condition, local
from typing import Any

import torch
from threadpoolctl import ThreadpoolController

# Multiply-adds of a step's forward pass. For less work, a second thread saves less time
# than the threads lose by waiting for each other, and far less on a busy machine.
_WORK_TO_SHARE = 50_000_000


@contextmanager
def threads_for(work: int) -> Iterator[None]:
    """Train on one thread if steps are small, otherwise on all of torch's threads.

    The number applies to the whole process, and is restored even if other libraries
    change it. Trainings in several Python threads run at the same time if they need the
    same number. Otherwise they take turns, so that none changes the number of another.

    Parameters
    ----------
    work : int
        Rows in a batch times weights of the network.
    """
    with _turns.take(work < _WORK_TO_SHARE):
        yield


class _Turns:
    """The trainings that run now, and whether they are limited to one thread."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all trainings."""
        self._changed, self._own = Condition(), local()
        self._n_training, self._on_one, self._n_before = 0, False, 0

    @contextmanager
    def take(self, on_one: bool) -> Iterator[None]:
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

    def _begin(self, on_one: bool) -> None:
        with self._changed:
            self._changed.wait_for(
                lambda: not self._n_training or self._on_one == on_one
            )
            if not self._n_training:
                self._n_before, self._on_one = torch.get_num_threads(), on_one
            self._n_training += 1
            if on_one:
                torch.set_num_threads(1)

    def _end(self) -> None:
        with self._changed:
            self._n_training -= 1
            if self._on_one and self._n_training:
                # OpenMP has a limit for each Python thread; the other trainings go on.
                for runtime in _openmp_runtimes():
                    runtime.set_num_threads(self._n_before)
            elif self._on_one:
                torch.set_num_threads(self._n_before)
            self._changed.notify_all()


@cache
def _openmp_runtimes() -> list[Any]:
    """Return torch's own OpenMP runtime, or all runtimes that it may share."""
    runtimes = ThreadpoolController().select(user_api="openmp").lib_controllers
    return [r for r in runtimes if "torch" in r.filepath] or runtimes


_turns = _Turns()
# A forked child does not have the threads that were training.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_turns.reset)
