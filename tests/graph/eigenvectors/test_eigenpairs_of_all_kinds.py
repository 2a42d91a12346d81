"""The eigenpairs of graphs of all kinds, against dense ones.

Each pair of the solvers is right, or a warning says that it is not.
"""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning

from sknet_spectral._graph.eigenvectors.laplacian import Laplacian

from .graphs_of_all_kinds import KINDS, from_edges, loose_groups, path

SOLVERS = ["arpack", "lobpcg", "amg"]
TOLERANCE = 1e-6


def exact_eigenpairs(laplacian):
    """Eigenvalues and orthonormal eigenvectors of M^-1/2 L M^-1/2, by LAPACK."""
    scale = laplacian.mass**-0.5
    S = -(scale[:, None] * laplacian.W.toarray() * scale)
    np.fill_diagonal(S, laplacian.degrees * scale**2)
    return np.linalg.eigh(S)


def check_against_dense(W, n_pairs, solver, seed, dense_nodes=0):
    for kind in ("normalized", "unnormalized"):
        laplacian = Laplacian(W, kind)
        if not laplacian.mass.all():
            continue  # a test of the Laplacian's own
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            values, Y = laplacian.eigenpairs(
                n_pairs,
                solver=solver,
                random_state=np.random.RandomState(seed),
                dense_nodes=dense_nodes,
            )
        if any(issubclass(w.category, ConvergenceWarning) for w in caught):
            continue
        exact, vectors = exact_eigenpairs(laplacian)
        bound = exact[-1]
        np.testing.assert_allclose(values, exact[:n_pairs], atol=TOLERANCE * bound)
        Y = Y * np.sqrt(laplacian.mass / laplacian.volume)[:, None]
        assert_same_space(Y, exact, vectors, TOLERANCE * bound)


def assert_same_space(Y, exact, vectors, equal):
    """Compare spaces, whole clusters of eigenvalues that are equal as one."""
    last = exact[Y.shape[1] - 1]
    below, up_to = exact < last - equal, exact <= last + equal
    inside = np.square(vectors[:, up_to].T @ Y).sum()
    assert inside >= Y.shape[1] * (1 - TOLERANCE)
    found = np.square(vectors[:, below].T @ Y).sum()
    assert found >= below.sum() * (1 - TOLERANCE)


def draw_and_check(kind, seed, solver, n_nodes, **options):
    rng = np.random.default_rng(seed)
    W = kind(int(rng.integers(*n_nodes)), rng)
    check_against_dense(W, int(rng.integers(2, 31)), solver, seed, **options)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("seed", [0, 1, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_eigenpairs_are_right_on_graphs_of_all_kinds(kind, seed, solver):
    draw_and_check(kind, seed, solver, (200, 300))


@pytest.mark.slow
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_eigenpairs_are_right_on_500_graphs(kind, solver):
    for seed in range(100, 132):
        draw_and_check(kind, seed, solver, (250, 700))
    for seed in range(132, 134):
        draw_and_check(kind, seed, solver, (1010, 1700), dense_nodes=1000)


@pytest.mark.slow
@given(
    kind=st.sampled_from(KINDS),
    seed=st.integers(0, 2**32 - 1),
    solver=st.sampled_from(SOLVERS),
)
def test_eigenpairs_are_right_on_any_graph(kind, seed, solver):
    draw_and_check(kind, seed, solver, (200, 300))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("n_nodes", [10_000, 30_000])
def test_small_eigenvalues_of_a_long_path_are_right(n_nodes, solver):
    if solver == "lobpcg" and n_nodes > 10_000:
        pytest.skip("five seconds of LOBPCG, which is then solved again")
    W = path(n_nodes, np.random.default_rng(0))
    values = Laplacian(W).eigenpairs(
        6, solver=solver, random_state=np.random.RandomState(0)
    )[0]
    expected = 1 - np.cos(np.pi * np.arange(6) / (n_nodes - 1))
    np.testing.assert_allclose(values[1:], expected[1:], rtol=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_no_group_that_hangs_by_weak_edges_is_missed(seed):
    W = loose_groups(1700, np.random.default_rng(seed))
    laplacian = Laplacian(W)
    values, _ = laplacian.eigenpairs(10, random_state=np.random.RandomState(seed))
    exact, _ = exact_eigenpairs(laplacian)
    np.testing.assert_allclose(values, exact[:10], atol=1e-9)


@pytest.mark.parametrize("solver", SOLVERS)
def test_both_members_of_double_eigenvalues_are_found(solver):
    nodes = np.arange(3000)
    W = from_edges(nodes, np.roll(nodes, 1), 3000)
    values = Laplacian(W).eigenpairs(
        7, solver=solver, random_state=np.random.RandomState(0)
    )[0]
    expected = 1 - np.cos(2 * np.pi * np.array([1, 1, 2, 2, 3, 3]) / 3000)
    np.testing.assert_allclose(values[1:], expected, rtol=1e-6)
