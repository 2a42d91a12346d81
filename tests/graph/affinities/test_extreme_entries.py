"""Lists of the extreme entries of each row, told from other graphs."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.neighbors import kneighbors_graph

from sknet_spectral._graph.affinities.extreme_entries import are_largest, are_smallest

X = np.random.default_rng(0).normal(size=(3000, 3))


def test_lists_are_told_by_some_of_their_rows():
    graph = kneighbors_graph(X, 8, mode="distance")
    assert are_smallest(graph)
    assert not are_largest(graph)
    graph.data = np.exp(-graph.data)
    assert are_largest(graph)
    assert not are_smallest(graph)


def test_equal_rows_and_nodes_without_edges_do_not_hide_lists():
    graph = kneighbors_graph(np.r_[X[:200], X[:20]], 8, mode="distance")
    assert (graph.data == 0).sum() == 40
    with_alone = sparse.block_diag([graph, sparse.csr_matrix((5, 5))], format="csr")
    assert are_smallest(with_alone)


@pytest.mark.parametrize(
    "graph",
    [
        sparse.csr_matrix((5, 5)),
        sparse.identity(5, format="csr"),
        sparse.csr_matrix(np.ones((5, 5))),
        sparse.csr_matrix(np.random.default_rng(0).random((50, 50))),
    ],
    ids=["no edges", "diagonal", "ones", "all edges"],
)
def test_other_graphs_are_not_lists(graph):
    assert not are_smallest(graph)
    assert not are_largest(graph)
