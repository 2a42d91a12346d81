"""Threads of a search or a product: as many as leave no mark on its result."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from threading import Lock

from threadpoolctl import ThreadpoolController

# From here on scikit-learn gives each thread rows of its own.
_ROWS_OF_A_THREAD = 1024


@contextmanager
def few_threads(n_rows):
    """Let one thread alone work on few rows.

    In a search among few rows scikit-learn has each thread search a part of the data
    and merges what they find: among others at the same distance their number then
    decides. BLAS rounds differently with another number of threads. And where two
    libraries bring threads of their own, those of one wait for those of the other
    longer than k-means of few rows takes.

    Parameters
    ----------
    n_rows : int
        Number of rows that are searched or clustered.
    """
    max_threads = max(1, (n_rows - 1) // _ROWS_OF_A_THREAD)
    n_threads = min(allowed_threads(), max_threads)
    with one_blas_thread, _runtimes("openmp").limit(limits=n_threads):
        yield


def call_in_threads(function, items):
    """Call a function with each of some items, each call on one thread.

    Parameters
    ----------
    function : callable
        Takes an item; what it returns is dropped.
    items : iterable
        The items.
    """
    runtimes = _runtimes("openmp")

    def limit():
        # A limit of OpenMP's counts in the thread that sets it, and ends with it.
        runtimes.limit(limits=1)

    with (
        one_blas_thread,
        ThreadPoolExecutor(allowed_threads(), initializer=limit) as pool,
    ):
        for _ in pool.map(function, items):
            pass


class _SharedLimit:
    """One thread for BLAS while anyone asks for it.

    The limit is the process's: of searches in several threads, and of scikit-learn's
    k-means that sets it too, the first sets it and the last one lifts it, whatever the
    order in which they end.
    """

    def __init__(self):
        self._lock, self._n_holders, self._limit = Lock(), 0, None

    def __enter__(self):
        with self._lock:
            if not self._n_holders:
                self._limit = _runtimes("blas").limit(limits=1)
            self._n_holders += 1

    def __exit__(self, *error):
        with self._lock:
            self._n_holders -= 1
            if not self._n_holders:
                self._limit.restore_original_limits()


one_blas_thread = _SharedLimit()


@cache
def _runtimes(user_api):
    # Listed once: it takes longer than a search of few rows, and what a search uses
    # is loaded with the package. Of one kind alone: the end of a limit sets all that
    # were listed to what they had in the thread that began it.
    return ThreadpoolController().select(user_api=user_api)


def allowed_threads():
    """Return how many threads OpenMP may use now."""
    runtimes = _runtimes("openmp").lib_controllers
    return max((runtime.num_threads for runtime in runtimes), default=1)
