"""Groups of nodes, and what lies between them."""

import numpy as np
from scipy import sparse

from sknet_spectral._graph.node_groups import (
    between,
    joined_by_strongest_edges,
    joined_nodes,
)


def path(*weights):
    """A graph whose nodes form a line."""
    n_nodes = len(weights) + 1
    upper = sparse.coo_matrix(
        (weights, (np.arange(n_nodes - 1), np.arange(1, n_nodes))), (n_nodes, n_nodes)
    )
    return sparse.csr_matrix(upper + upper.T)


def test_nodes_join_along_their_strongest_edges():
    group = joined_by_strongest_edges(path(3.0, 1.0, 2.0, 5.0))
    assert group.tolist() == [0, 0, 1, 1, 1]


def test_a_node_without_edges_stays_alone():
    group = joined_by_strongest_edges(sparse.csr_matrix((3, 3)))
    assert group.tolist() == [0, 1, 2]


def test_sums_between_groups():
    W = path(3.0, 1.0, 2.0, 5.0)
    group = np.array([0, 0, 1, 2, 2])
    expected = [[0.0, 1.0, 0.0], [1.0, 0.0, 2.0], [0.0, 2.0, 0.0]]
    np.testing.assert_array_equal(joined_nodes(W, group).toarray(), expected)
    expected[0][0], expected[2][2] = 6.0, 10.0  # both directions of each edge
    np.testing.assert_array_equal(between(W, group), expected)


def test_sums_of_many_groups_are_made_in_chunks():
    rng = np.random.default_rng(0)
    n_nodes, n_groups = 20_000, 9_000
    W = sparse.random(n_nodes, n_nodes, density=1e-4, random_state=rng, format="csr")
    group = rng.permutation(np.arange(n_nodes) % n_groups)
    members = sparse.csr_matrix((np.ones(n_nodes), (np.arange(n_nodes), group)))
    sums = members.T @ W @ members
    found = joined_nodes(W, group)
    assert abs(found - (sums - sparse.diags(sums.diagonal()))).max() < 1e-12
    assert not found.diagonal().any()
    assert (found.data != 0).all()
