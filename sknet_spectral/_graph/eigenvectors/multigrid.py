"""The preconditioner of pyamg, which draws from numpy's global generator."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import numpy as np
from scipy import sparse

from ..arrays import Matrix

_one_at_a_time = Lock()


def multigrid_cycle(S: Matrix, random_state: np.random.RandomState) -> Any:
    """Build a multigrid cycle, which nearly inverts a matrix.

    Parameters
    ----------
    S : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Symmetric and positive semidefinite.
    random_state : numpy.random.RandomState
        Source of what pyamg draws.

    Returns
    -------
    scipy.sparse.linalg.LinearOperator
        The cycle.
    """
    # A small shift makes the singular matrix definite for the multigrid cycle.
    shifted = sparse.csr_matrix(S + 1e-5 * sparse.identity(S.shape[0]))
    build = import_multigrid()
    with _seed_global_generator(random_state):
        return build(shifted).aspreconditioner()


def import_multigrid() -> Callable[..., Any]:
    """Return the function of pyamg that builds a hierarchy of coarser matrices.

    Returns
    -------
    callable
        The function.

    Raises
    ------
    ValueError
        If pyamg is not installed, in scikit-learn's words.
    """
    try:
        from pyamg import smoothed_aggregation_solver
    except ImportError as error:
        raise ValueError(
            "The eigen_solver was set to 'amg', but pyamg is not available."
        ) from error
    return smoothed_aggregation_solver


@contextmanager
def _seed_global_generator(random_state: np.random.RandomState) -> Iterator[None]:
    """Give numpy's global generator, which pyamg uses, the state of `random_state`.

    Its own state is restored afterwards. Fits in other threads wait, since they would
    draw from the same generator.
    """
    with _one_at_a_time:
        before = np.random.get_state()
        np.random.set_state(random_state.get_state())
        try:
            yield
        finally:
            np.random.set_state(before)
