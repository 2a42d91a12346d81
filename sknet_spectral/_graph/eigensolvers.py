"""Lowest eigenvectors of a symmetric matrix, apart from a known null space.

Each solver takes ``(S, null, n_pairs, tol, bound, random_state)``: the matrix,
orthonormal columns that span its known null space, the number of wanted pairs, the
residual to stop at, an upper bound of the eigenvalues, and the source of starting
vectors. Each returns orthonormal vectors in any order. None is trusted: the residual
of every vector is measured on the matrix itself, and what lies outside the vectors is
searched for a lower eigenvalue.
"""

import warnings
from contextlib import nullcontext
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.linalg import eigh
from scipy.sparse.csgraph import reverse_cuthill_mckee
from scipy.sparse.linalg import (
    ArpackError,
    ArpackNoConvergence,
    LinearOperator,
    eigsh,
    lobpcg,
    splu,
)
from sklearn.exceptions import ConvergenceWarning

from .symmetric_form import SymmetricForm
from .threads import one_blas_thread

# Below this many nodes the dense solver is as fast, and misses nothing.
DENSE_NODES = 1000
# Residual of an eigenvector, in units of the largest eigenvalue.
_AUTO_TOLERANCE = 1e-6
# Vectors that Lanczos keeps, at least. Four a pair are no faster than two.
_MIN_BASIS = 30
# Restarts of Lanczos before it gives up, and starting vectors that it tries.
_MAX_RESTARTS = 300
_MAX_STARTS = 3
# Ritz values beyond the wanted ones, and a share of the spectrum, that the filter's
# interval leaves out: where it begins, an eigenvalue is one of its ripples.
_GUARD_PAIRS = 5
_MARGIN = 1e-2
# Logarithm of what a Chebyshev polynomial makes of the lowest eigenvalue, and its
# largest degree. A steeper one leaves nothing of the eigenvalues near the cut.
_GROWTH = 2.7
_MAX_DEGREE = 10
# First tolerance of the look for what was missed; it ends at the solver's own.
_LOOK = 0.1
# An eigenvalue lower than another by less, relative to it, counts as equal.
_EQUAL = 1e-6
# Residual over the gap behind the wanted eigenvalues: the sine of the angle between
# the space found and the eigenspace.
_ANGLE = 1e-3
# Graphs of a small degree whose nodes can be numbered so that neighbours are near each
# other, in units of the root of their number: meshes, pixels, roads, rings. Their
# factors are sparse.
_MAX_FACTORED_DEGREE = 12
_MAX_FACTORED_BANDWIDTH = 8
# Residual that rounding allows, of the bound.
_SMALLEST_RESIDUAL = 1e-12
# Of the bound; it makes the factored matrix definite.
_SHIFT = 1e-10


class Found(NamedTuple):
    """Eigenpairs, and how exact they are.

    Attributes
    ----------
    values : ndarray of shape (n_pairs,)
        Eigenvalues in ascending order.
    vectors : ndarray of shape (n_nodes, n_pairs)
        Orthonormal eigenvectors.
    residual : float
        Largest |S v - lambda v| among the pairs.
    gap : float
        Distance from the last eigenvalue to the next one; infinite if unknown.
    """

    values: np.ndarray
    vectors: np.ndarray
    residual: float
    gap: float


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
    n_nodes = S.shape[0]
    if n_nodes <= max(dense_nodes, 5 * (n_pairs + null.shape[1])):
        values, vectors = _dense(S, null, n_pairs, bound)
    else:
        with _worthwhile_threads(S):
            values, vectors = _iterative(
                S, null, n_pairs, solver, tol, bound, random_state
            )
    return np.maximum(values, 0.0), vectors


def _iterative(S, null, n_pairs, solver, tol, bound, random_state):
    is_auto = tol == "auto"
    tol = _AUTO_TOLERANCE if is_auto else tol
    vectors = _SOLVERS[solver](S, null, n_pairs, tol, bound, random_state)
    found = _complete(S, null, vectors, tol, bound, random_state)
    needed = _needed_residual(found, bound) if is_auto else tol * bound
    if found.residual > needed:
        tol = needed / bound
        again = _lanczos(S, null, n_pairs, tol, bound, random_state, found.vectors)
        if again is not None:
            again = _complete(S, null, again, tol, bound, random_state)
            if again.residual < found.residual:
                found = again
    if found.residual > 2 * needed:
        warnings.warn(
            f"The eigenvectors have a residual of {found.residual / bound:.1e}, and "
            f"{needed / bound:.1e} is what tells them from others: take them with "
            "caution. Choose another eigen_solver or n_components, or a graph with "
            "more neighbours.",
            ConvergenceWarning,
            stacklevel=2,
        )
    return found.values, found.vectors


def _needed_residual(found, bound):
    """Return the residual up to which the pairs found are eigenpairs.

    One above the eigenvalues says nothing of them, and one above the gap behind them
    nothing of their space. A gap that is none makes a cluster of the last ones: then
    the gap before them counts.
    """
    last, gap = found.values[-1], found.gap
    equal = _EQUAL * bound
    if gap <= equal:
        below = found.values[found.values < last - equal]
        # Each vector of the cluster takes its share of those below; five to spare.
        n_equal = len(found.values) - len(below)
        gap = (last - below.max(initial=0.0)) / (5 * np.sqrt(n_equal))
    needed = min(_AUTO_TOLERANCE * bound, 0.1 * last, _ANGLE * max(gap, equal))
    return max(needed, _SMALLEST_RESIDUAL * bound)


def _complete(S, null, vectors, tol, bound, random_state):
    """Add the eigenvectors that a solver has missed, each of a multiple one too.

    Lanczos sees one vector of an eigenspace, and those of a ring come in pairs: what
    is outside the vectors found is searched until it holds no lower eigenvalue.

    """
    n_pairs = vectors.shape[1]
    values, vectors = _rayleigh_ritz(S, vectors)
    product, scale = _amplified(S, values, bound)
    while True:
        known = null, vectors
        next_value = _next_eigenvalue(
            S, product, known, values[-1], scale * tol, bound, random_state
        )
        if next_value >= values[-1] * (1 - _EQUAL) - 1e-12 * bound:
            break
        more = _largest(product, known, n_pairs, scale * tol, random_state)
        if more is None:
            break
        merged, basis = _rayleigh_ritz(S, np.hstack([vectors, more]))
        if merged[:n_pairs].sum() >= values.sum() * (1 - _EQUAL):
            break  # a loose tolerance found less than the look
        values, vectors = merged[:n_pairs], basis[:, :n_pairs]
    residual = _residual(S, values, vectors)
    return Found(values, vectors, residual, next_value - values[-1])


def _next_eigenvalue(S, product, known, highest, tol, bound, random_state):
    """Find the lowest eigenvalue outside, as exactly as it takes to tell it apart."""
    look, start = max(_LOOK, tol), None
    while True:
        found = _largest(product, known, 1, look, random_state, start)
        if found is None:
            return np.inf
        start = _outside(known, found[:, 0])
        start /= np.linalg.norm(start)
        image = S @ start
        value = start @ image
        residual = np.linalg.norm(image - value * start)
        certain = value < highest * (1 - _EQUAL) or value - residual >= highest
        if certain or look <= tol or residual <= _AUTO_TOLERANCE * min(bound, highest):
            return value
        look = max(look / 10, tol)


def _rayleigh_ritz(S, vectors):
    """Return the Ritz values in a space, in ascending order, and its Ritz vectors."""
    basis = np.linalg.qr(vectors)[0]
    image = np.column_stack([S @ vector for vector in basis.T])
    values, rotation = eigh(basis.T @ image)
    return values, basis @ rotation


def _residual(S, values, vectors):
    """Largest |S v - lambda v| of some pairs."""
    pairs = zip(values, vectors.T, strict=True)
    return max(np.linalg.norm(S @ vector - value * vector) for value, vector in pairs)


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
    try:
        values = _coarse_values(S, null, n_pairs, bound, random_state)
        product, scale = _amplified(S, values, bound, n_pairs)
        vectors = _largest(product, (null,), n_pairs, scale * tol, random_state)
    except ArpackError:
        vectors = None
    if vectors is None:
        # LOBPCG keeps its best vectors, where Arnoldi has none.
        return _lobpcg(S, null, n_pairs, tol, bound, random_state)
    return vectors


def _lanczos(S, null, n_pairs, tol, bound, random_state, vectors):
    """Solve without a filter, from vectors that are near; None where that fails."""
    factored = _inverse(S, bound)
    if factored is not None:
        return _largest(factored, (null,), n_pairs, tol, random_state)
    start = vectors @ random_state.uniform(0.5, 1.0, n_pairs)
    return _largest(_flipped(S, bound), (null,), n_pairs, tol, random_state, start)


def _amplified(S, values, bound, n_pairs=None):
    """Return a product that makes low eigenvalues large, and how it scales residuals.

    The inverse where it is cheap, else a Chebyshev polynomial.
    """
    factored = _inverse(S, bound)
    if factored is not None:
        return factored, 1.0
    n_pairs = n_pairs or len(values)
    wanted = np.sort(values)
    last = wanted[n_pairs - 1]
    cut = min(max(wanted[-1], last + _MARGIN * (bound - last)), bound)
    degree, filtered = _chebyshev(S, wanted[0], cut, bound)
    return filtered, degree


def _inverse(S, bound):
    """Return the product with the inverse of S, or None where its factors are large."""
    entries = S.W if isinstance(S, SymmetricForm) else S
    n_nodes = S.shape[0]
    if not sparse.issparse(entries) or entries.nnz > _MAX_FACTORED_DEGREE * n_nodes:
        return None
    order = reverse_cuthill_mckee(sparse.csr_matrix(entries), symmetric_mode=True)
    position = np.empty(n_nodes, dtype=np.int64)
    position[order] = np.arange(n_nodes)
    edges = entries.tocoo()
    bandwidth = np.abs(position[edges.row] - position[edges.col]).max(initial=0)
    if bandwidth > _MAX_FACTORED_BANDWIDTH * np.sqrt(n_nodes):
        return None
    shifted = _matrix(S) + _SHIFT * bound * sparse.identity(n_nodes)
    return splu(
        sparse.csc_matrix(shifted),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    ).solve


def _flipped(S, bound):
    # The largest eigenvalues of bound I - S converge much faster than the smallest of
    # S, and need no factorisation.
    return lambda x: bound * x - S @ x


def _outside(known, x):
    """Project a vector on what is outside the span of known bases."""
    for basis in known:
        x = x - basis @ (basis.T @ x)
    return x


def _krylov(product, known, n_pairs, tol, random_state, start, **options):
    n_nodes = len(known[0])
    start = random_state.standard_normal(n_nodes) if start is None else start

    def outside(x):
        # On both sides: what the product brings back of known vectors would grow.
        return _outside(known, product(_outside(known, x)))

    return eigsh(
        LinearOperator((n_nodes, n_nodes), matvec=outside, dtype=np.float64),
        k=n_pairs,
        which="LA",
        tol=tol,
        v0=_outside(known, start),
        ncv=min(n_nodes, max(2 * n_pairs, _MIN_BASIS)),
        maxiter=_MAX_RESTARTS,
        **options,
    )


def _largest(product, known, n_pairs, tol, random_state, start=None):
    """Eigenvectors of a product's largest eigenvalues outside known bases, or None."""
    for _ in range(_MAX_STARTS):
        try:
            return _krylov(product, known, n_pairs, tol, random_state, start)[1]
        except ArpackNoConvergence:
            return None
        except ArpackError:  # the start lies in too small an invariant space
            start = None
    return None


def _coarse_values(S, null, n_pairs, bound, random_state):
    """Return Ritz values, none below the eigenvalue of its rank, and some to spare."""
    n_values = min(n_pairs + _GUARD_PAIRS, S.shape[0] - null.shape[1] - 1)
    product = _flipped(S, bound)
    # With a tolerance of 1 nothing is restarted.
    return bound - _krylov(
        product, (null,), n_values, 1, random_state, None, return_eigenvectors=False
    )


def _chebyshev(S, lowest, cut, bound):
    """Return the degree of a Chebyshev polynomial of S and its product with a vector.

    Its values are within 1 from the cut to the bound and grow below (Zhou and Saad,
    SIAM J. Matrix Anal. Appl. 29, 2007): Lanczos tells the wanted eigenvalues apart in
    fewer steps, and its orthogonalisation costs more than the products of a step.
    """
    center = (bound + cut) / 2
    radius = max(bound - center, np.finfo(np.float64).eps * bound)
    growth = np.arccosh(max((center - lowest) / radius, 1.0))
    degree = max(int(_GROWTH / max(growth, _GROWTH / _MAX_DEGREE)), 1)

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
        # It warns of every residual above tol; those that matter are warned of above.
        warnings.simplefilter("ignore", UserWarning)
        return lobpcg(
            S,
            start,
            Y=null,
            M=preconditioner,
            tol=tol * np.sqrt(bound),
            largest=False,
            maxiter=500,
        )[1]


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
