"""Threads of scikit-learn's search: few enough to leave no mark on its result."""

from contextlib import contextmanager

from threadpoolctl import ThreadpoolController

# From here on scikit-learn gives each thread rows of its own.
_ROWS_OF_A_THREAD = 1024


@contextmanager
def few_threads(n_rows):
    """Let one thread alone find the neighbours of a row.

    Where there are few rows scikit-learn has each thread search a part of the data
    and merges what they find: among others at the same distance their number then
    decides. BLAS rounds differently with another number of threads.

    Parameters
    ----------
    n_rows : int
        Number of rows whose neighbours are searched.
    """
    controller = ThreadpoolController()
    runtimes = controller.select(user_api="openmp").lib_controllers
    allowed = max((runtime.num_threads for runtime in runtimes), default=1)
    n_threads = min(allowed, max(1, (n_rows - 1) // _ROWS_OF_A_THREAD))
    with controller.limit(limits={"openmp": n_threads, "blas": 1}):
        yield
