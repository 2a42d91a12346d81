"""Lowest eigenvectors of a symmetric matrix outside a known null space.

Each solver takes an eigenproblem, the number of wanted pairs, the tolerance in units of
the bound, and the source of starting vectors. It returns orthonormal vectors in any
order. The vectors of all solvers are checked, and computed again if they are inexact.
"""

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import numpy as np
from scipy.linalg import eigh
from scipy.sparse.linalg import LinearOperator, lobpcg
from sklearn.exceptions import ConvergenceWarning

from ..._warnings import warn
from ..arrays import Floats, is_sparse
from ..steps import Report, report_calls, report_nothing
from ..threads import one_blas_thread
from .eigenpair_checks import (
    SMALLEST_TOLERANCE,
    CheckedPairs,
    check_pairs,
    needed_residual,
)
from .eigenproblem import Eigenproblem
from .lanczos import largest_eigenvectors
from .multigrid import import_multigrid, multigrid_cycle
from .spectral_transformation import spectral_transformation
from .symmetric_form import SymmetricForm

# Up to this many nodes, the dense solver is as fast and misses nothing.
DENSE_NODES = 1000
# Often, 1e-6 is enough. To ask for a tenth of it takes a few products more; to find out
# that it was not enough takes all of them again.
_FIRST_TOLERANCE = 1e-7
# With the inverse, the eigenvalues are so far apart that no more products are needed.
_INVERSE_TOLERANCE = 1e-10
# With a vector: the factors of a dense matrix take about as long.
_PRODUCTS_OF_A_FACTOR = 300
# Graphs that need more have hundreds of eigenvalues near zero, which nothing separates.
_MAX_PRODUCTS = 10_000


def lowest_eigenpairs(
    S: SymmetricForm,
    null: Floats,
    n_pairs: int,
    *,
    solver: str,
    tol: float | Literal["auto"],
    random_state: np.random.RandomState,
    dense_nodes: int = DENSE_NODES,
    report: Report = report_nothing,
) -> tuple[Floats, Floats]:
    """Find the lowest eigenpairs of S outside the null space.

    Parameters
    ----------
    S : SymmetricForm of shape (n_nodes, n_nodes)
        The matrix.
    null : ndarray of shape (n_nodes, n_null)
        Orthonormal basis of the null space.
    n_pairs : int
        Number of wanted pairs, at most n_nodes - n_null.
    solver : {"arpack", "lobpcg", "amg"}
        How a large problem is solved.
    tol : float or "auto"
        Residual at which the solver stops. "auto" means 1e-6, or less if the next
        eigenvalue is so near that the eigenspace could be wrong by an angle over 1e-3.
    random_state : numpy.random.RandomState
        Source of the starting vectors.
    dense_nodes : int, default=1000
        Up to this many nodes, the problem is solved densely.
    report : callable, default=report_nothing
        Takes the number of steps of the solver since the last call.

    Returns
    -------
    eigenvalues : ndarray of shape (n_pairs,)
        In ascending order.
    eigenvectors : ndarray of shape (n_nodes, n_pairs)
        Orthonormal.

    Warns
    -----
    ConvergenceWarning
        If the residual of a pair stays above the tolerance.
    """
    problem = Eigenproblem(S, null, report)
    if S.shape[0] <= max(dense_nodes, 5 * (n_pairs + null.shape[1])):
        values, vectors = _dense(problem, n_pairs)
        report(1)
    else:
        with _worthwhile_threads(problem):
            values, vectors = _iterative(problem, n_pairs, solver, tol, random_state)
    return np.maximum(values, 0.0), vectors


def check_solver(solver: str | None) -> None:
    """Raise scikit-learn's error if "amg" is requested but pyamg is not installed."""
    if solver == "amg":
        import_multigrid()


def _worthwhile_threads(problem: Eigenproblem) -> AbstractContextManager[object]:
    """Limit BLAS to one thread if S is sparse.

    Between products without BLAS, waking threads for a few vectors costs more time than
    it saves: Lanczos takes 1.6 s instead of 3.4 s on MNIST's 60,000 rows.
    """
    return one_blas_thread if is_sparse(problem.S.W) else nullcontext()


def _dense(problem: Eigenproblem, n_pairs: int) -> tuple[Floats, Floats]:
    S, null = problem.matrix, problem.null
    dense = S.toarray() if is_sparse(S) else S
    # The shift moves the null space above all eigenvalues. A bipartite graph reaches
    # the bound, and nodes without mass exceed it.
    shift = 2.0 * problem.bound * (null @ null.T)
    # With more threads, the many small steps take longer than they save.
    with one_blas_thread:
        return eigh(dense + shift, subset_by_index=[0, n_pairs - 1])


def _iterative(
    problem: Eigenproblem,
    n_pairs: int,
    solver: str,
    tol: float | Literal["auto"],
    random_state: np.random.RandomState,
) -> tuple[Floats, Floats]:
    """Use a solver of the table, and solve again if its result is not exact."""
    first_tol = (
        _auto_tolerance(problem) if tol == "auto" else max(tol, SMALLEST_TOLERANCE)
    )
    vectors = _SOLVERS[solver](problem, n_pairs, first_tol, random_state)
    pairs = check_pairs(problem, vectors, first_tol, random_state)
    bound = problem.bound
    needed = needed_residual(pairs, bound) if tol == "auto" else first_tol * bound
    if pairs.residual > needed or not pairs.is_complete:
        pairs = _solve_again(problem, pairs, needed / bound, random_state)
    if pairs.residual > 2 * needed or not pairs.is_complete:
        fault = (
            f"have a residual of {pairs.residual / bound:.1e}, but at most "
            f"{needed / bound:.1e} separates them from other eigenvectors"
            if pairs.is_complete
            else "may lack one of the lowest"
        )
        warn(
            f"The eigenvectors {fault}. The result may be inaccurate: choose another "
            "eigen_solver or n_components, or raise n_neighbors.",
            ConvergenceWarning,
        )
    return pairs.values, pairs.vectors


def _auto_tolerance(problem: Eigenproblem) -> float:
    return _FIRST_TOLERANCE if problem.inverse is None else _INVERSE_TOLERANCE


def _solve_again(
    problem: Eigenproblem,
    pairs: CheckedPairs,
    tol: float,
    random_state: np.random.RandomState,
) -> CheckedPairs:
    """Solve again, starting from approximate pairs; return the better pairs."""
    known, n_pairs, most = (problem.null,), len(pairs.values), _MAX_PRODUCTS
    start = pairs.vectors @ random_state.uniform(0.5, 1.0, n_pairs)
    products = [problem.amplify(pairs.values, n_pairs), (problem.multiply_flipped, 1.0)]
    for product, scale in products:
        vectors = largest_eigenvectors(
            product, known, n_pairs, scale * tol, random_state, start, most / scale
        )
        if vectors is not None:
            again = check_pairs(problem, vectors, tol, random_state)
            return max(again, pairs, key=lambda p: (p.is_complete, -p.residual))
    return pairs


def _arpack(
    problem: Eigenproblem, n_pairs: int, tol: float, random_state: np.random.RandomState
) -> Floats:
    known = (problem.null,)
    transformation = spectral_transformation(problem, n_pairs, random_state)
    vectors = None
    if transformation is not None:
        product, scale = transformation
        # A polynomial takes as many products as its degree.
        most = (_PRODUCTS_OF_A_FACTOR if problem.is_dense else _MAX_PRODUCTS) / scale
        vectors = largest_eigenvectors(
            product, known, n_pairs, tol, random_state, max_products=most
        )
    if vectors is None and problem.is_dense:
        vectors = largest_eigenvectors(
            problem.factor(), known, n_pairs, tol, random_state
        )
    if vectors is None:
        # LOBPCG always returns its best vectors, even if they are inexact.
        return _lobpcg(problem, n_pairs, tol, random_state)
    return vectors


def _lobpcg(
    problem: Eigenproblem,
    n_pairs: int,
    tol: float,
    random_state: np.random.RandomState,
    preconditioner: object = None,
) -> Floats:
    start = random_state.standard_normal((len(problem.null), n_pairs))
    multiply = report_calls(problem.matrix.dot, problem.report)
    S = LinearOperator(problem.matrix.shape, multiply, matmat=multiply, dtype=float)
    with warnings.catch_warnings():
        # It warns of every residual above tol. `_iterative` warns if that matters.
        warnings.simplefilter("ignore", UserWarning)
        return lobpcg(
            S,
            start,
            Y=problem.null,
            M=preconditioner,
            tol=tol * np.sqrt(problem.bound),
            largest=False,
            maxiter=500,
        )[1]


def _amg(
    problem: Eigenproblem, n_pairs: int, tol: float, random_state: np.random.RandomState
) -> Floats:
    cycle = multigrid_cycle(problem.matrix, random_state)
    return _lobpcg(problem, n_pairs, tol, random_state, preconditioner=cycle)


_Solver = Callable[[Eigenproblem, int, float, np.random.RandomState], Floats]
_SOLVERS: dict[str, _Solver] = {"arpack": _arpack, "lobpcg": _lobpcg, "amg": _amg}
