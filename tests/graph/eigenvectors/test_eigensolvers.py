"""The solvers against dense eigenpairs, and their failures."""

import sys

import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import eigh
from scipy.sparse.linalg import ArpackNoConvergence
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics.pairwise import rbf_kernel
from threadpoolctl import ThreadpoolController, threadpool_limits

from sknet_spectral._graph.eigenvectors import eigensolvers, lanczos
from sknet_spectral._graph.eigenvectors.eigensolvers import (
    check_solver,
    lowest_eigenpairs,
)
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral._graph.eigenvectors.symmetric_form import SymmetricForm


def path_laplacian(n_nodes, container=sparse.csr_matrix):
    edges = sparse.diags([np.ones(n_nodes - 1)] * 2, [-1, 1])
    degrees = sparse.diags(np.asarray(edges.sum(axis=1)).ravel())
    null = np.full((n_nodes, 1), n_nodes**-0.5)
    return container((degrees - edges).toarray()), null


def path_eigenvalues(n_nodes):
    return 2 - 2 * np.cos(np.pi * np.arange(n_nodes) / n_nodes)


@pytest.fixture(scope="module")
def grid():
    """A grid's Laplacian, its null space and its eigenvalues."""
    S = sparse.kronsum(path_laplacian(30)[0], path_laplacian(40)[0])
    values = np.add.outer(path_eigenvalues(30), path_eigenvalues(40))
    return sparse.csr_matrix(S), np.full((1200, 1), 1200**-0.5), np.sort(values.ravel())


def form_of(S, bound):
    """The operator of a matrix that is stored."""
    own = S.diagonal()
    W = sparse.diags(own) - S if sparse.issparse(S) else np.diag(own) - S
    return SymmetricForm(W, own, np.ones(len(own)), bound)


def solve(S, null, n_pairs, solver="arpack", tol="auto", bound=8.0):
    return lowest_eigenpairs(
        S if isinstance(S, SymmetricForm) else form_of(S, bound),
        null,
        n_pairs,
        solver=solver,
        tol=tol,
        random_state=np.random.RandomState(0),
    )


@pytest.mark.parametrize("container", [sparse.csr_matrix, np.asarray])
def test_small_problems_are_solved_densely(container):
    S, null = path_laplacian(50, container)
    values, vectors = solve(S, null, 4, bound=4.0)
    np.testing.assert_allclose(values, path_eigenvalues(50)[1:5], atol=1e-12)
    np.testing.assert_allclose(null.T @ vectors, 0, atol=1e-8)


@pytest.mark.parametrize(
    ("container", "n_threads"), [(sparse.csr_matrix, 1), (np.asarray, 2)]
)
def test_blas_uses_threads_for_dense_products(container, n_threads, monkeypatch):
    blas = ThreadpoolController().select(user_api="blas")
    seen, product = set(), SymmetricForm._matvec

    def look(form, x):
        seen.update(info["num_threads"] for info in blas.info())
        return product(form, x)

    monkeypatch.setattr(SymmetricForm, "_matvec", look)
    # Few products suffice, since all eigenvalues but the lowest are near one.
    edges = np.random.default_rng(0).random((1200, 1200))
    edges += edges.T
    np.fill_diagonal(edges, 0)
    degrees = edges.sum(axis=1)
    null = np.sqrt(degrees / degrees.sum())[:, None]
    form = SymmetricForm(container(edges), degrees, degrees**-0.5, 2.0)
    with threadpool_limits(2, user_api="blas"):
        solve(form, null, 2, tol=0.1, bound=2.0)
        assert {info["num_threads"] for info in blas.info()} == {2}
    assert seen == {n_threads}


@pytest.mark.parametrize("solver", ["arpack", "lobpcg", "amg"])
def test_large_problems_find_the_known_eigenvalues(grid, solver):
    S, null, expected = grid
    values, vectors = solve(S, null, 6, solver)
    np.testing.assert_allclose(values, expected[1:7], atol=1e-5)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(6), atol=1e-6)
    assert np.abs(S @ vectors - vectors * values).max() < 1e-4


@pytest.fixture(scope="module")
def ring():
    """The Laplacian of 2,000 nodes on a ring, its null space and its eigenvalues."""
    steps = np.arange(1, 8)
    columns = np.add.outer(np.arange(2000), np.r_[steps, -steps]) % 2000
    parts = np.ones(columns.size), columns.ravel(), np.arange(2001) * 14
    angles = 2 * np.pi * np.arange(2000) / 2000
    values = np.sort(14 - 2 * np.cos(np.outer(angles, steps)).sum(axis=1))
    S = sparse.csr_matrix(14 * sparse.identity(2000) - sparse.csr_matrix(parts))
    return S, np.full((2000, 1), 2000**-0.5), values


@pytest.mark.parametrize("n_pairs", [2, 4, 5])
def test_lanczos_misses_no_vector_of_a_ring(ring, n_pairs):
    S, null, expected = ring
    values, vectors = solve(S, null, n_pairs, bound=28.0)
    np.testing.assert_allclose(values, expected[1 : n_pairs + 1], rtol=1e-3)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(n_pairs), atol=1e-6)


@pytest.mark.parametrize("tol", [0.01, 0.1, 1.0])
def test_lanczos_ends_with_a_loose_tolerance(ring, tol):
    S, null, expected = ring
    values, vectors = solve(S, null, 4, tol=tol, bound=28.0)
    assert (values > expected[1:5] * (1 - 1e-6)).all()
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(4), atol=1e-6)


def test_lanczos_finds_a_single_pair(grid):
    S, null, expected = grid
    values, vectors = solve(S, null, 1)
    np.testing.assert_allclose(values, expected[1:2], atol=1e-6)
    assert np.abs(S @ vectors - vectors * values).max() < 1e-4


def test_as_many_pairs_as_nodes():
    S, null = path_laplacian(12)
    assert len(solve(S, null, 11, bound=4.0)[0]) == 11


@pytest.fixture
def n_products(monkeypatch):
    """Count the products with a vector that a solver takes."""
    taken = []
    multiply = SymmetricForm._matvec
    monkeypatch.setattr(
        SymmetricForm, "_matvec", lambda S, x: taken.append(1) or multiply(S, x)
    )
    return lambda: len(taken)


@pytest.mark.parametrize("n_rows", [1100, 1500])
def test_a_nearly_disconnected_kernel_takes_few_products(n_rows, n_products):
    X = np.random.RandomState(0).normal(0, 3, (n_rows, 5))
    W = rbf_kernel(X, gamma=1.0) - np.eye(n_rows)
    connected = W.sum(axis=1) > 1e-9
    graph = Laplacian(W[np.ix_(connected, connected)], "normalized")
    values, _ = graph.eigenpairs(8, random_state=np.random.RandomState(0))
    assert n_products() < 700
    root = np.sqrt(graph.mass)
    S = np.eye(len(root)) - graph.W / np.outer(root, root)
    exact = eigh(S, eigvals_only=True, subset_by_index=[0, 7])
    np.testing.assert_allclose(values, exact, rtol=1e-6, atol=1e-9)


def test_the_largest_eigenvalue_of_a_bipartite_graph_is_apart_from_the_null_space():
    S, null = path_laplacian(2)
    values, vectors = solve(S, null, 1, bound=2.0)
    np.testing.assert_allclose(values, [2.0])
    np.testing.assert_allclose(null.T @ vectors, 0, atol=1e-12)


def test_the_tolerance_is_used(grid):
    S, null, _ = grid
    loose = solve(S, null, 6, "lobpcg", tol=1e-2)[1]
    fine = solve(S, null, 6, "lobpcg", tol=1e-8)[1]
    assert np.abs(loose).sum() != np.abs(fine).sum()


@pytest.fixture
def no_lanczos(monkeypatch):
    """Let Lanczos's method fail."""

    def fail(*args, **options):
        raise ArpackNoConvergence("no convergence", np.empty(0), np.empty((0, 0)))

    monkeypatch.setattr(lanczos, "eigsh", fail)


def test_lobpcg_takes_over_if_arpack_fails(grid, no_lanczos):
    S, null, expected = grid
    with pytest.warns(ConvergenceWarning, match="may lack one of the lowest"):
        values = solve(S, null, 3)[0]
    np.testing.assert_allclose(values, expected[1:4], atol=1e-5)


@pytest.mark.parametrize("tol", [0, 1e-9, "auto"])
@pytest.mark.parametrize("solver", ["arpack", "lobpcg"])
def test_a_tolerance_below_rounding_causes_no_warning(grid, solver, tol):
    S, null, expected = grid
    values, _ = solve(S, null, 4, solver, tol=tol)
    np.testing.assert_allclose(values, expected[1:5], rtol=1e-7)


def test_a_large_residual_is_warned_of(grid, monkeypatch):
    def nothing_to_do(problem, pairs, tol, random_state):
        return pairs._replace(residual=0.16, is_complete=True)

    monkeypatch.setattr(eigensolvers, "_solve_again", nothing_to_do)
    monkeypatch.setattr(eigensolvers, "lobpcg", guess)
    S, null, _ = grid
    with pytest.warns(ConvergenceWarning, match="residual of 2.0e-02, but at most"):
        solve(S, null, 3, "lobpcg")


def guess(S, start, **options):
    return np.ones(start.shape[1]), np.linalg.qr(start)[0]


@pytest.mark.parametrize("solver", ["lobpcg", "amg"])
def test_vectors_of_another_solver_that_are_wrong_are_solved_again(
    grid, solver, monkeypatch
):
    monkeypatch.setattr(eigensolvers, "lobpcg", guess)
    S, null, expected = grid
    np.testing.assert_allclose(solve(S, null, 3, solver)[0], expected[1:4], atol=1e-9)


def test_amg_without_pyamg_raises_scikit_learn_s_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyamg", None)
    with pytest.raises(ValueError, match="set to 'amg', but pyamg is not available"):
        check_solver("amg")
    check_solver("arpack")
