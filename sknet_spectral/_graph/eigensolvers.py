"""Lowest eigenvectors of a symmetric matrix, apart from a known null space.

Each solver takes ``(S, null, n_pairs, tol, bound, random_state)``: the matrix,
orthonormal columns that span its known null space, the number of wanted pairs, the
residual to stop at, an upper bound of the eigenvalues, and the source of starting
vectors. Each returns eigenvalues and eigenvectors in any order.
"""

import warnings
from contextlib import nullcontext
from functools import partial

import numpy as np
from scipy import sparse
from scipy.linalg import eigh
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh, lobpcg

from .symmetric_form import SymmetricForm
from .threads import one_blas_thread

# Below this many nodes the dense solver is as fast, and misses nothing.
_DENSE_NODES = 1000
_AUTO_TOLERANCE = 1e-6
_LARGE_RESIDUAL = 1e-3
# Vectors that Lanczos keeps, at least. Four a pair are no faster than two.
_LEAST_BASIS = 30
# Logarithm of what a Chebyshev polynomial makes of the lowest eigenvalue, and its
# largest degree. A steeper one leaves nothing of the eigenvalues near the cut.
_GROWTH = 2.7
_MOST_DEGREE = 10
# Relative excess, in the polynomial, that tells of an eigenvector that was missed.
_MISSED = 1e-2


def lowest_eigenpairs(S, null, n_pairs, *, solver, tol, bound, random_state):
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
        How a large problem is solved; one of up to 1,000 nodes is solved densely.
    tol : float or "auto"
        Residual at which the solver stops; "auto" means 1e-6.
    bound : float
        Upper bound of the eigenvalues.
    random_state : numpy.random.RandomState
        Source of the starting vectors.

    Returns
    -------
    eigenvalues : ndarray of shape (n_pairs,)
        In ascending order.
    eigenvectors : ndarray of shape (n_nodes, n_pairs)
        Orthonormal.
    """
    n_nodes = S.shape[0]
    if n_nodes <= max(_DENSE_NODES, 5 * (n_pairs + null.shape[1])):
        values, vectors = _dense(S, null, n_pairs, bound)
    else:
        tol = _AUTO_TOLERANCE if tol == "auto" else tol
        solve = _SOLVERS[solver]
        with _worthwhile_threads(S):
            values, vectors = solve(S, null, n_pairs, tol, bound, random_state)
    order = np.argsort(values)
    return np.maximum(values[order], 0.0), vectors[:, order]


def _worthwhile_threads(S):
    """Leave BLAS one thread where S is sparse.

    Threads that are woken for a few vectors, between products without BLAS, cost more
    than they bring: of MNIST's 60,000 rows Lanczos takes 1.6 s instead of 3.4.
    """
    entries = S.W if isinstance(S, SymmetricForm) else S
    return one_blas_thread if sparse.issparse(entries) else nullcontext()


def check_solver(solver):
    """Raise scikit-learn's error where "amg" is asked for without pyamg."""
    if solver == "amg":
        _multigrid()


def _dense(S, null, n_pairs, bound):
    S = _matrix(S)
    dense = S.toarray() if sparse.issparse(S) else S
    # Clear of the bound, which the largest eigenvalue of a bipartite graph reaches, and
    # of nodes without mass.
    shift = 2.0 * bound * (null @ null.T)
    return eigh(dense + shift, subset_by_index=[0, n_pairs - 1])


def _arpack(S, null, n_pairs, tol, bound, random_state):
    # The largest eigenvalues of bound I - S converge much faster than the smallest of
    # S, and need no factorisation.
    def flipped(x):
        return bound * x - S @ x

    try:
        # With a tolerance of 1 nothing is restarted.
        ritz = _largest_values(flipped, (null,), n_pairs, 1, random_state)
        degree, filtered = _chebyshev(S, bound - ritz.max(), bound - ritz.min(), bound)
        vectors = _filtered_vectors(filtered, null, n_pairs, degree * tol, random_state)
    except ArpackNoConvergence:
        # LOBPCG keeps its best vectors and warns, where Arnoldi has none.
        tol = max(tol, _AUTO_TOLERANCE)
        return _lobpcg(S, null, n_pairs, tol, bound, random_state)
    return np.array([vector @ (S @ vector) for vector in vectors.T]), vectors


def _filtered_vectors(filtered, null, n_pairs, tol, random_state):
    """Return the eigenvectors of the largest eigenvalues, each of a multiple one too.

    Lanczos sees one vector of an eigenspace, and those of a ring come in pairs: what
    is outside the vectors found is searched until it holds no larger eigenvalue.
    """
    found, vectors = _largest(filtered, (null,), n_pairs, tol, random_state)
    while True:
        known = null, vectors
        missed = _largest_values(filtered, known, 1, _MISSED, random_state)
        if missed <= found.min() * (1 + _MISSED):
            return vectors
        others, more = _largest(filtered, known, n_pairs, tol, random_state)
        if others.max() <= found.min():
            return vectors  # a loose tolerance found less than the look
        found, vectors = np.hstack([found, others]), np.hstack([vectors, more])
        kept = np.argsort(found)[-n_pairs:]
        found, vectors = found[kept], vectors[:, kept]


def _largest(product, known, n_pairs, tol, random_state, return_eigenvectors=True):
    """Return the largest eigenpairs of a product outside the span of known bases."""
    n_nodes = len(known[0])

    def outside(x):
        for basis in known:
            x = x - basis @ (basis.T @ x)
        return product(x)

    return eigsh(
        LinearOperator((n_nodes, n_nodes), matvec=outside, dtype=np.float64),
        k=n_pairs,
        which="LA",
        tol=tol,
        v0=random_state.standard_normal(n_nodes),
        ncv=min(n_nodes, max(2 * n_pairs, _LEAST_BASIS)),
        return_eigenvectors=return_eigenvectors,
    )


_largest_values = partial(_largest, return_eigenvectors=False)


def _chebyshev(S, lowest, cut, bound):
    """Return the degree of a Chebyshev polynomial of S and its product with a vector.

    Its values are within 1 from the cut to the bound and grow below (Zhou and Saad,
    SIAM J. Matrix Anal. Appl. 29, 2007): Lanczos tells the wanted eigenvalues apart in
    fewer steps, and its orthogonalisation costs more than the products of a step. No
    Ritz value is below the eigenvalue of its rank, so that the last one is a cut.
    """
    center = (bound + cut) / 2
    radius = max(bound - center, np.finfo(np.float64).eps * bound)
    growth = np.arccosh(max((center - lowest) / radius, 1.0))
    degree = max(int(_GROWTH / max(growth, _GROWTH / _MOST_DEGREE)), 1)

    def filtered(x):
        before, now = x, (center * x - S @ x) / radius
        for _ in range(degree - 1):
            before, now = now, 2 / radius * (center * now - S @ now) - before
        return now

    return degree, filtered


def _lobpcg(S, null, n_pairs, tol, bound, random_state, preconditioner=None):
    S = _matrix(S)
    start = random_state.standard_normal((S.shape[0], n_pairs))
    with warnings.catch_warnings():
        # It warns of every residual above tol; below, only one that matters does.
        warnings.simplefilter("ignore", UserWarning)
        values, vectors = lobpcg(
            S,
            start,
            Y=null,
            M=preconditioner,
            tol=tol * np.sqrt(bound),
            largest=False,
            maxiter=500,
        )
    residual = np.linalg.norm(S @ vectors - vectors * values, axis=0).max() / bound
    if residual > max(_LARGE_RESIDUAL, tol):
        warnings.warn(
            f"The eigenvectors were found to a residual of {residual:.1e} only: "
            "choose another eigen_solver, or fewer n_components.",
            UserWarning,
            stacklevel=2,
        )
    return values, vectors


def _amg(S, null, n_pairs, tol, bound, random_state):
    S = _matrix(S)
    # A small shift makes the singular matrix definite for the multigrid cycle.
    shifted = sparse.csr_matrix(S + 1e-5 * sparse.identity(S.shape[0]))
    cycle = _multigrid()(shifted).aspreconditioner()
    return _lobpcg(S, null, n_pairs, tol, bound, random_state, preconditioner=cycle)


def _matrix(S):
    return S.matrix() if isinstance(S, SymmetricForm) else S


def _multigrid():
    try:
        from pyamg import smoothed_aggregation_solver
    except ImportError as error:
        raise ValueError(
            "The eigen_solver was set to 'amg', but pyamg is not available."
        ) from error
    return smoothed_aggregation_solver


_SOLVERS = {"arpack": _arpack, "lobpcg": _lobpcg, "amg": _amg}
