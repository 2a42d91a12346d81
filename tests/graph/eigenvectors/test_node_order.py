"""Nodes in an order in which neighbours are near."""

import numpy as np
from scipy import sparse

from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral._graph.eigenvectors.node_order import in_local_order


def ring(n_nodes, order):
    ends = np.column_stack([order, np.roll(order, 1)])
    W = sparse.coo_matrix((np.ones(n_nodes), ends.T), shape=(n_nodes, n_nodes))
    return sparse.csr_matrix(W + W.T)


def test_neighbors_have_near_numbers():
    shuffled = np.random.default_rng(0).permutation(200)
    W, order = in_local_order(ring(200, shuffled))
    ends = W.tocoo()
    assert np.abs(ends.row - ends.col).max() <= 2
    assert (ring(200, shuffled)[order][:, order] != W).nnz == 0


def test_a_dense_graph_stays_as_it_is():
    dense = ring(20, np.arange(20)).toarray()
    W, order = in_local_order(dense)
    assert W is dense
    np.testing.assert_array_equal(order, np.arange(20))


def test_eigenvectors_come_back_in_the_order_of_the_rows():
    shuffled = np.random.default_rng(0).permutation(1500)
    W = ring(1500, shuffled)
    graph = Laplacian(W)
    values, Y = graph.eigenpairs(4)
    np.testing.assert_allclose(
        graph.energy(Y), np.diag(values) * graph.volume, atol=1e-6
    )
    exact = 1 - np.cos(2 * np.pi * np.array([0, 1, 1, 2]) / 1500)
    np.testing.assert_allclose(values, exact, atol=1e-9)
