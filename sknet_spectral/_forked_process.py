"""OpenMP in forked processes."""

import os
import sys

from threadpoolctl import threadpool_limits

_IMPORTING_PROCESS = os.getpid()


def prepare_forked_process() -> None:
    """Run OpenMP, and so torch, on one thread in a forked child.

    A parallel region there waits for threads that the fork did not copy. The thread
    count of the parent never changes.
    """
    if os.getpid() != _IMPORTING_PROCESS:
        if "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(1)
        # scikit-learn and torch bring runtimes of their own.
        threadpool_limits(1, user_api="openmp")
