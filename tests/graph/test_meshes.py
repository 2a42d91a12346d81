"""Which graphs are meshes."""

import numpy as np
import pytest

from sknet_spectral._graph.meshes import is_mesh

from .graphs_of_all_kinds import grid, moons, path, planted_partition, ring


@pytest.mark.parametrize("kind", [path, ring, grid])
def test_narrow_graphs_of_few_edges_are_meshes(kind):
    assert is_mesh(kind(900, np.random.default_rng(0)))


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
