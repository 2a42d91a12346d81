"""Lowest eigenvectors of a symmetric matrix, apart from a known null space.

Each solver takes an eigenproblem, the number of wanted pairs, the tolerance, in units
of the eigenvalues' bound, and the source of starting vectors. It returns orthonormal
vectors in any order. None is trusted: all are checked, and solved again if need be.
"""

import warnings
from contextlib import contextmanager, nullcontext
from threading import Lock

import numpy as np
from scipy import sparse
from scipy.linalg import eigh
from scipy.sparse.linalg import lobpcg
from sklearn.exceptions import ConvergenceWarning

from .eigenpair_checks import (
    AUTO_TOLERANCE,
    SMALLEST_TOLERANCE,
    check_pairs,
    needed_residual,
)
from .eigenproblem import Eigenproblem
from .lanczos import coarse_values, largest_eigenvectors
from .threads import one_blas_thread

# Below this many nodes the dense solver is as fast, and misses nothing.
DENSE_NODES = 1000
# Ritz values beyond the wanted ones that the filter's interval leaves out.
_GUARD_PAIRS = 5
# With a vector: the factors of a dense matrix take about as long.
_PRODUCTS_OF_A_FACTOR = 300
_one_at_a_time = Lock()


def lowest_eigenpairs(
    S, null, n_pairs, *, solver, tol, bound, random_state, dense_nodes=DENSE_NODES
):
    """Find the lowest eigenpairs of S outside the null space.

    Parameters
    ----------
    S : {ndarray, csr_matrix, SymmetricForm} of shape (n_nodes, n_nodes)
        Symmetric positive semi-definite matrix.
    null : ndarray of shape (n_nodes, n_null)
        Orthonormal basis of the null space.
    n_pairs : int
        Number of wanted pairs, at most n_nodes - n_null.
    solver : {"arpack", "lobpcg", "amg"}
        How a large problem is solved.
    tol : float or "auto"
        Residual at which the solver stops. "auto" means 1e-6, and less where the next
        eigenvalue is so near that the eigenspace would turn by more than 1e-3.
    bound : float
        Upper bound of the eigenvalues.
    random_state : numpy.random.RandomState
        Source of the starting vectors.
    dense_nodes : int, default=1000
        Up to this many nodes, the problem is solved densely.

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
    problem = Eigenproblem(S, null, bound)
    if S.shape[0] <= max(dense_nodes, 5 * (n_pairs + null.shape[1])):
        values, vectors = _dense(problem, n_pairs)
    else:
        with _worthwhile_threads(problem):
            values, vectors = _iterative(problem, n_pairs, solver, tol, random_state)
    return np.maximum(values, 0.0), vectors


def check_solver(solver):
    """Raise scikit-learn's error where "amg" is asked for without pyamg."""
    if solver == "amg":
        _multigrid()


def _worthwhile_threads(problem):
    """Leave BLAS one thread where S is sparse.

    Threads that are woken for a few vectors, between products without BLAS, cost more
    than they bring: of MNIST's 60,000 rows Lanczos takes 1.6 s instead of 3.4.
    """
    return one_blas_thread if sparse.issparse(problem.entries) else nullcontext()


def _dense(problem, n_pairs):
    S, null = problem.matrix, problem.null
    dense = S.toarray() if sparse.issparse(S) else S
    # Clear of the bound, which the largest eigenvalue of a bipartite graph reaches, and
    # of nodes without mass.
    shift = 2.0 * problem.bound * (null @ null.T)
    return eigh(dense + shift, subset_by_index=[0, n_pairs - 1])


def _iterative(problem, n_pairs, solver, tol, random_state):
    """Solve by a solver of the table, and again what turns out not to be exact."""
    first_tol = AUTO_TOLERANCE if tol == "auto" else max(tol, SMALLEST_TOLERANCE)
    vectors = _SOLVERS[solver](problem, n_pairs, first_tol, random_state)
    pairs = check_pairs(problem, vectors, first_tol, random_state)
    bound = problem.bound
    needed = needed_residual(pairs, bound) if tol == "auto" else first_tol * bound
    if pairs.residual > needed or not pairs.is_complete:
        pairs = _solved_again(problem, pairs, needed / bound, random_state)
    if pairs.residual > 2 * needed or not pairs.is_complete:
        fault = (
            f"have a residual of {pairs.residual / bound:.1e}, and "
            f"{needed / bound:.1e} is needed to tell them from others"
            if pairs.is_complete
            else "may lack one of the lowest"
        )
        warnings.warn(
            f"The eigenvectors {fault}: take them with caution. Choose another "
            "eigen_solver or n_components, or a graph with more neighbours.",
            ConvergenceWarning,
            stacklevel=2,
        )
    return pairs.values, pairs.vectors


def _solved_again(problem, pairs, tol, random_state):
    """Solve without a polynomial from pairs that are near; return the better ones."""
    n_pairs = len(pairs.values)
    start = pairs.vectors @ random_state.uniform(0.5, 1.0, n_pairs)
    products = [(problem.flipped, 1.0), problem.amplified(pairs.values, n_pairs)]
    if problem.inverse is not None:
        products.reverse()
    for product, scale in products:
        vectors = largest_eigenvectors(
            product, (problem.null,), n_pairs, scale * tol, random_state, start
        )
        if vectors is not None:
            again = check_pairs(problem, vectors, tol, random_state)
            return max(again, pairs, key=lambda p: (p.is_complete, -p.residual))
    return pairs


def _arpack(problem, n_pairs, tol, random_state):
    known = (problem.null,)
    n_values = min(
        n_pairs + _GUARD_PAIRS, len(problem.null) - problem.null.shape[1] - 1
    )
    flipped = coarse_values(problem.flipped, known, n_values, random_state)
    vectors = None
    if flipped is not None:
        values = np.sort(problem.bound - flipped)
        product, scale = problem.amplified(values, n_pairs)
        # A polynomial takes as many products as its degree.
        most = _PRODUCTS_OF_A_FACTOR / scale if problem.is_dense else None
        vectors = largest_eigenvectors(
            product, known, n_pairs, scale * tol, random_state, max_products=most
        )
    if vectors is None and problem.is_dense:
        problem.factor()
        vectors = largest_eigenvectors(
            problem.inverse, known, n_pairs, tol, random_state
        )
    if vectors is None:
        # LOBPCG keeps its best vectors, where Arnoldi has none.
        return _lobpcg(problem, n_pairs, tol, random_state)
    return vectors


def _lobpcg(problem, n_pairs, tol, random_state, preconditioner=None):
    start = random_state.standard_normal((len(problem.null), n_pairs))
    with warnings.catch_warnings():
        # It warns of every residual above tol; those that matter are warned of above.
        warnings.simplefilter("ignore", UserWarning)
        return lobpcg(
            problem.matrix,
            start,
            Y=problem.null,
            M=preconditioner,
            tol=tol * np.sqrt(problem.bound),
            largest=False,
            maxiter=500,
        )[1]


def _amg(problem, n_pairs, tol, random_state):
    S = problem.matrix
    # A small shift makes the singular matrix definite for the multigrid cycle.
    shifted = sparse.csr_matrix(S + 1e-5 * sparse.identity(S.shape[0]))
    build = _multigrid()
    with _global_generator_seeded(random_state):
        cycle = build(shifted).aspreconditioner()
    return _lobpcg(problem, n_pairs, tol, random_state, preconditioner=cycle)


def _multigrid():
    try:
        from pyamg import smoothed_aggregation_solver
    except ImportError as error:
        raise ValueError(
            "The eigen_solver was set to 'amg', but pyamg is not available."
        ) from error
    return smoothed_aggregation_solver


@contextmanager
def _global_generator_seeded(random_state):
    """Let pyamg draw, from numpy's global generator, what `random_state` decides.

    It is put back. Fits in other threads wait: they would draw from it in between.
    """
    with _one_at_a_time:
        before = np.random.get_state()
        np.random.set_state(random_state.get_state())
        try:
            yield
        finally:
            np.random.set_state(before)


_SOLVERS = {"arpack": _arpack, "lobpcg": _lobpcg, "amg": _amg}
