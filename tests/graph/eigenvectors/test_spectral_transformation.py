"""Which product Lanczos's method works on, and that it finds the exact eigenpairs."""

import numpy as np
import pytest

from sknet_spectral._graph.eigenvectors import coarse_graphs, spectral_transformation
from sknet_spectral._graph.eigenvectors.eigenproblem import Eigenproblem
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian

from .graphs_of_all_kinds import digits, grid, moons, path, ring

N_NODES = 1600


def transformation_of(W, report=lambda n_products: None):
    laplacian = Laplacian(W)
    S, order = laplacian.symmetric_form
    null = np.sqrt(laplacian.shares)[order, None]
    problem = Eigenproblem(S, null, report)
    rng = np.random.RandomState(0)
    found = spectral_transformation.spectral_transformation(problem, 4, rng)
    return problem, found


@pytest.fixture
def coarsen_small_graphs_too(monkeypatch):
    """Let graphs be coarsened whose exact eigenvalues take no time."""
    monkeypatch.setattr(coarse_graphs, "_MAX_NODES", 500)
    monkeypatch.setattr(spectral_transformation, "_COARSENED_NODES", 1000)


@pytest.mark.parametrize("kind", [path, ring, grid])
def test_it_is_the_inverse_of_a_mesh(kind):
    problem, (product, scale) = transformation_of(kind(900, np.random.default_rng(0)))
    x = np.random.default_rng(0).normal(size=problem.S.shape[0])
    np.testing.assert_array_equal(product(x), problem.inverse(x))
    assert scale == 1.0


@pytest.mark.parametrize("kind", [moons, digits])
def test_it_is_a_filter_that_lifts_the_lowest_eigenvectors(kind):
    problem, (product, _) = transformation_of(kind(900, np.random.default_rng(0)))
    assert problem.inverse is None
    vectors = np.linalg.eigh(problem.matrix.toarray())[1]
    lifted = np.einsum("ij,ij->j", vectors, product(vectors))
    np.testing.assert_array_equal(np.argsort(-np.abs(lifted))[:5], np.arange(5))


def test_a_large_graph_is_bounded_without_a_sweep_of_lanczos(
    coarsen_small_graphs_too, monkeypatch
):
    taken = []
    W = moons(N_NODES, np.random.default_rng(0))
    transformation_of(W, taken.append)
    assert not taken
    monkeypatch.setattr(spectral_transformation, "_COARSENED_NODES", N_NODES)
    transformation_of(W, taken.append)
    assert taken


@pytest.mark.parametrize("kind", [moons, grid])
def test_eigenpairs_of_a_large_graph_are_exact(kind, coarsen_small_graphs_too):
    laplacian = Laplacian(kind(N_NODES, np.random.default_rng(0)))
    exact, _ = laplacian.eigenpairs(10, dense_nodes=len(laplacian.mass))
    values, Y = laplacian.eigenpairs(10, random_state=np.random.RandomState(0))
    np.testing.assert_allclose(values, exact, atol=1e-9)
    np.testing.assert_allclose(
        Y.T @ (laplacian.mass[:, None] * Y), laplacian.volume * np.eye(10), atol=1e-6
    )


def test_there_is_none_if_nothing_bounds_the_eigenvalues(monkeypatch):
    monkeypatch.setattr(spectral_transformation, "coarse_values", lambda *_: None)
    assert transformation_of(moons(900, np.random.default_rng(0)))[1] is None
