"""The number of threads of a search or a product, limited where it affects results."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from threading import Lock
from types import TracebackType
from typing import Any, TypeVar

from threadpoolctl import ThreadpoolController

from .steps import report_nothing

# With this many rows per thread, scikit-learn gives each thread rows of its own.
_ROWS_OF_A_THREAD = 1024
# Calls are grouped into tasks, since a task takes longer to begin than many a call.
_TASKS_OF_A_THREAD = 32

Item = TypeVar("Item")
Result = TypeVar("Result")


@contextmanager
def few_threads(n_rows: int) -> Iterator[None]:
    """Limit a search or a clustering of few rows to one thread.

    The number of threads would change results. When scikit-learn searches few rows,
    each thread searches a part of the data, and the order of merging decides between
    equal distances. BLAS rounds differently with another number of threads. One thread
    is also faster if two libraries have threads of their own: waiting for each other
    takes longer than k-means on few rows.

    Parameters
    ----------
    n_rows : int
        Number of rows that are searched or clustered.
    """
    max_threads = max(1, (n_rows - 1) // _ROWS_OF_A_THREAD)
    n_threads = min(allowed_threads(), max_threads)
    with one_blas_thread, _runtimes("openmp").limit(limits=n_threads):
        yield


def call_in_threads(
    function: Callable[[Item], Any],
    items: Iterable[Item],
    report: Callable[[Any], object] = report_nothing,
) -> None:
    """Call a function with each item, in parallel, each call on one thread.

    Parameters
    ----------
    function : callable
        Takes an item.
    items : iterable
        The items.
    report : callable, default=report_nothing
        Takes each result, in the calling thread.
    """
    n_threads, runtimes = allowed_threads(), _runtimes("openmp")
    items = list(items)
    size = 1 + len(items) // (_TASKS_OF_A_THREAD * n_threads)
    tasks = [items[start : start + size] for start in range(0, len(items), size)]

    def limit() -> None:
        # OpenMP's limit applies to the thread that sets it, until that thread ends.
        runtimes.limit(limits=1)

    def call(task: list[Item]) -> list[Any]:
        return [function(item) for item in task]

    with (
        one_blas_thread,
        ThreadPoolExecutor(n_threads, initializer=limit) as pool,
    ):
        for results in pool.map(call, tasks):
            for result in results:
                report(result)


def results_in_threads(
    function: Callable[[Item], Result], items: Sequence[Item]
) -> list[Result]:
    """Call a function with each item, in parallel, and return the results.

    A single call is made directly. It may take less time than threads to start.

    Parameters
    ----------
    function : callable
        Takes an item.
    items : sequence
        The items.

    Returns
    -------
    list
        The results, in the order of the items.
    """
    if len(items) == 1:
        return [function(items[0])]
    results: list[Result] = []
    call_in_threads(function, items, results.append)
    return results


class _SharedLimit:
    """A limit of one BLAS thread that lasts as long as anyone holds it.

    The limit applies to the whole process, and scikit-learn's k-means sets it as well.
    When several threads search at once, the first sets the limit and the last lifts it,
    in whatever order they end.
    """

    def __init__(self) -> None:
        self._lock, self._n_holders = Lock(), 0

    def __enter__(self) -> None:
        with self._lock:
            if not self._n_holders:
                self._limit = _runtimes("blas").limit(limits=1)
            self._n_holders += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._n_holders -= 1
            if not self._n_holders:
                self._limit.restore_original_limits()


one_blas_thread = _SharedLimit()


@cache
def _runtimes(user_api: str) -> ThreadpoolController:
    # Cached, because listing takes longer than a search of few rows, and all libraries
    # are loaded with the package. Each kind is listed alone, because the end of a limit
    # resets all listed libraries to the state in the thread that began it.
    return ThreadpoolController().select(user_api=user_api)


def allowed_threads() -> int:
    """Return the number of threads that OpenMP may use now."""
    runtimes = _runtimes("openmp").lib_controllers
    return max((runtime.num_threads for runtime in runtimes), default=1)
