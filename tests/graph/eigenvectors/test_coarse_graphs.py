"""Bounds of eigenvalues from coarser graphs, against exact eigenvalues."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import make_moons
from sklearn.neighbors import kneighbors_graph

from sknet_spectral._graph.eigenvectors import coarse_graphs
from sknet_spectral._graph.eigenvectors.coarse_graphs import coarse_bounds
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral._graph.eigenvectors.symmetric_form import SymmetricForm

from .graphs_of_all_kinds import from_edges


@pytest.fixture(autouse=True)
def coarsen_small_graphs_too(monkeypatch):
    """Let graphs be coarsened whose exact eigenvalues take no time."""
    monkeypatch.setattr(coarse_graphs, "_MAX_NODES", 500)


def neighbor_graph(n_rows=1500, noise=0.1):
    X, _ = make_moons(n_rows, noise=noise, random_state=0)
    return sparse.csr_matrix(kneighbors_graph(X, 10).maximum(kneighbors_graph(X, 10).T))


def grid(n_columns=40):
    nodes = np.arange(n_columns**2).reshape(n_columns, n_columns)
    begin = np.r_[nodes[:-1].ravel(), nodes[:, :-1].ravel()]
    end = np.r_[nodes[1:].ravel(), nodes[:, 1:].ravel()]
    return from_edges(begin, end, n_columns**2)


def exact_values(W, kind, n_values):
    pairs = Laplacian(W, kind).eigenpairs(
        n_values, dense_nodes=W.shape[0], random_state=np.random.RandomState(0)
    )
    return pairs[0]


@pytest.mark.parametrize("kind", ["normalized", "unnormalized"])
@pytest.mark.parametrize("graph", [neighbor_graph, grid])
def test_they_are_above_the_eigenvalues_within_a_factor(graph, kind):
    W = graph()
    exact = exact_values(W, kind, 12)
    bounds = coarse_bounds(Laplacian(W, kind).symmetric_form[0], 12)
    assert bounds.shape == (12,)
    assert (bounds >= exact - 1e-12).all()
    assert (bounds[1:] <= 4 * exact[1:]).all()
    assert (np.diff(bounds) >= 0).all()


def test_each_connected_component_has_a_zero():
    W = sparse.csr_matrix(sparse.block_diag([grid(40), grid(50)]))
    bounds = coarse_bounds(Laplacian(W).symmetric_form[0], 4)
    np.testing.assert_allclose(bounds[:2], 0.0, atol=1e-12)
    assert bounds[2] > 1e-4


def test_nodes_without_mass_take_no_part():
    W = grid()
    S, _ = Laplacian(W).symmetric_form
    lone = sparse.csr_matrix(sparse.block_diag([S.W, sparse.csr_matrix((9, 9))]))
    inverse_root = np.r_[S.inverse_root, np.zeros(9)]
    degrees = np.asarray(lone.sum(axis=1)).ravel()
    with_lone = SymmetricForm(lone, degrees, inverse_root, 2.0)
    np.testing.assert_allclose(
        coarse_bounds(with_lone, 5), coarse_bounds(S, 5), rtol=1e-6, atol=1e-12
    )


def test_there_are_none_where_coarser_graphs_do_not_shrink():
    n_nodes, rng = 10_000, np.random.default_rng(0)
    begin, end = rng.integers(n_nodes, size=(2, 10 * n_nodes))
    expander = from_edges(begin, end, n_nodes, rng.random(10 * n_nodes))
    edgeless = sparse.csr_matrix((n_nodes, n_nodes))
    for W in (expander, edgeless):
        S = SymmetricForm(W, np.ones(n_nodes), np.ones(n_nodes), 2.0)
        assert coarse_bounds(S, 5) is None
