"""Which graphs are meshes, and which are chains."""

import numpy as np
import pytest
from sklearn.neighbors import kneighbors_graph

from sknet_spectral._graph.eigenvectors.meshes import has_sparse_factors, is_mesh

from .graphs_of_all_kinds import grid, moons, path, planted_partition, ring


@pytest.mark.parametrize("kind", [path, ring, grid])
def test_narrow_graphs_of_few_edges_are_meshes(kind):
    W = kind(900, np.random.default_rng(0))
    assert is_mesh(W)
    assert has_sparse_factors(W)


@pytest.mark.parametrize("kind", [moons, planted_partition])
def test_graphs_of_many_edges_are_none(kind):
    assert not is_mesh(kind(900, np.random.default_rng(0)))


def test_a_dense_graph_is_none():
    assert not is_mesh(path(900, np.random.default_rng(0)).toarray())


def test_a_graph_of_long_edges_is_none():
    W = ring(900, np.random.default_rng(0)).tolil()
    nodes = np.arange(900)
    far = np.random.default_rng(0).permutation(900)
    W[nodes, far] = W[far, nodes] = 1.0
    assert not is_mesh(W.tocsr())
    assert not has_sparse_factors(W.tocsr())


def along_a_curve(n_rows, n_neighbors=15):
    t = np.random.default_rng(0).uniform(0, 20, n_rows)
    W = kneighbors_graph(np.c_[np.cos(t), np.sin(t), t], n_neighbors)
    return 0.5 * (W + W.T)


@pytest.mark.parametrize("n_rows", [1500, 20_000])
def test_neighbors_along_a_curve_are_a_chain(n_rows):
    W = along_a_curve(n_rows)
    assert has_sparse_factors(W)
    assert not is_mesh(W)


def test_graphs_as_wide_as_they_are_long_are_none():
    rng = np.random.default_rng(0)
    plane = kneighbors_graph(rng.random((3000, 2)), 15)
    for W in (plane + plane.T, planted_partition(3000, rng)):
        assert not has_sparse_factors(W)


def test_a_chain_with_one_long_edge_between_its_ends_is_one_folded():
    W = along_a_curve(3000).tolil()
    W[0, 1500] = W[1500, 0] = 1.0
    assert has_sparse_factors(W.tocsr())


def test_a_dense_chain_is_none():
    assert not has_sparse_factors(along_a_curve(1200).toarray())
