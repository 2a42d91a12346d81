"""The number of threads of a training or a map: one if there is little to share."""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import Any

import torch
from threadpoolctl import ThreadpoolController

# Multiply-adds of a forward pass. For less work, a second thread saves less time than
# the threads lose by waiting for each other, and far less on a busy machine.
_WORK_TO_SHARE = 50_000_000


def is_shared(work: int) -> bool:
    """Tell whether there is enough work for more than one thread.

    Parameters
    ----------
    work : int
        As in `threads_for`.

    Returns
    -------
    bool
        Whether there is.
    """
    return work >= _WORK_TO_SHARE


def threads_for(work: int) -> AbstractContextManager[None]:
    """Use one thread if there is little work, otherwise all of torch's threads.

    Parameters
    ----------
    work : int
        Rows of a step, or of a map, times weights of the network.

    Returns
    -------
    context manager
        Limits the Python thread that enters it. Other Python threads use as many as
        before.
    """
    return nullcontext() if is_shared(work) else one_thread()


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit torch to one thread within the block, in this Python thread alone.

    `torch.set_num_threads` is of no use here: a Python thread that first calls torch
    within the block would keep its number.
    """
    # The first call in a Python thread sets its number: it must come before the limit.
    torch.get_num_threads()
    set_mkl = _mkl_setter()
    before = [(runtime, runtime.get_num_threads()) for runtime in _openmp_runtimes()]
    for runtime, _ in before:
        runtime.set_num_threads(1)
    mkl_before = set_mkl(1)
    try:
        yield
    finally:
        set_mkl(mkl_before)
        for runtime, n_threads in before:
            runtime.set_num_threads(n_threads)


@cache
def _openmp_runtimes() -> list[Any]:
    """Return torch's own OpenMP runtime, or all runtimes that it may share."""
    runtimes = ThreadpoolController().select(user_api="openmp").lib_controllers
    return [r for r in runtimes if "torch" in r.filepath] or runtimes


@cache
def _mkl_setter() -> Callable[[int], int]:
    """Return MKL's function that sets the number of this thread and returns the last.

    MKL follows OpenMP until someone calls `torch.set_num_threads`. Without MKL, the
    function does nothing.
    """
    # What torch is linked to is found through its extension module.
    torch_libraries = ctypes.CDLL(torch._C.__file__)
    return getattr(torch_libraries, "MKL_Set_Num_Threads_Local", lambda n_threads: 0)
