"""Clusters of large modularity among the nodes of a small graph."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from sknet_spectral._graph.clusters.modular_merging import large_modular_clusters
from sknet_spectral.metrics import modularity


def planted(sizes, inside=0.7, outside=0.05, seed=0):
    """A graph of groups: more weight inside than between them."""
    rng = np.random.RandomState(seed)
    groups = np.repeat(np.arange(len(sizes)), sizes)
    share = np.where(groups[:, None] == groups, inside, outside)
    W = np.triu(rng.uniform(size=share.shape) < share, 1).astype(float)
    return W + W.T, groups


def source(seed=0):
    return np.random.RandomState(seed)


def clusters(W, n_clusters):
    """Clusters of any size."""
    rows = np.ones(len(W), dtype=int)
    return large_modular_clusters(W, rows, n_clusters, 1, source())


@pytest.mark.parametrize("sizes", [(20, 20), (12, 20, 30), (15,) * 6])
def test_planted_groups_are_found(sizes):
    W, groups = planted(sizes)
    found = clusters(W, len(sizes))
    assert adjusted_rand_score(groups, found) == 1.0


@pytest.mark.parametrize("n_clusters", range(1, 13))
def test_any_number_of_clusters_is_found(n_clusters):
    W, _ = planted((6, 6, 6))
    found = clusters(W, n_clusters)
    np.testing.assert_array_equal(np.unique(found), np.arange(n_clusters))


def test_a_few_more_clusters_are_merged_where_modularity_loses_least():
    """A lower resolution would join the two large clusters first."""
    A = np.diag([75.0, 75.0, 20.0, 20.0, 20.0])
    A[0, 1] = A[1, 0] = 25.0
    A[2, 3] = A[3, 2] = 1.0
    found = clusters(A, 4)
    assert found[2] == found[3]
    assert len({*found[[0, 1, 2, 4]]}) == 4


def test_as_many_clusters_as_nodes_are_the_nodes():
    W, _ = planted((4, 4))
    assert len(set(clusters(W, 8))) == 8


def test_no_single_move_gains_modularity():
    W, _ = planted((10, 14, 8), inside=0.5, outside=0.1)
    found = clusters(W, 3)
    best = modularity(W, found)
    for node in range(len(W)):
        for cluster in range(3):
            moved = found.copy()
            moved[node] = cluster
            assert modularity(W, moved) <= best + 1e-9


def test_the_unit_of_weights_does_not_matter():
    W, _ = planted((10, 14, 8), inside=0.5, outside=0.1)
    expected = clusters(W, 3)
    np.testing.assert_array_equal(clusters(1024 * W, 3), expected)


def test_a_graph_without_edges_has_clusters_too():
    found = clusters(np.zeros((5, 5)), 2)
    assert set(found) == {0, 1}


def test_pieces_that_are_apart_stay_apart():
    W, groups = planted((9, 9, 9), outside=0.0)
    assert adjusted_rand_score(groups, clusters(W, 3)) == 1.0


def test_a_small_group_takes_no_cluster():
    W, groups = planted((20, 20, 3), inside=0.8, outside=0.02)
    rows = np.ones(len(W), dtype=int)
    found = large_modular_clusters(W, rows, 2, 5, source())
    assert adjusted_rand_score(groups[:40], found[:40]) == 1.0
    every = large_modular_clusters(W, rows, 3, 2, source())
    assert adjusted_rand_score(groups, every) == 1.0


def test_rows_that_a_node_stands_for_count():
    W, groups = planted((20, 20, 3), inside=0.8, outside=0.02)
    rows = np.where(groups == 2, 100, 1)
    found = large_modular_clusters(W, rows, 3, 15, source())
    assert adjusted_rand_score(groups, found) == 1.0


def test_fewer_clusters_are_found_if_no_more_are_large():
    W, _ = planted((10, 10))
    found = large_modular_clusters(W, np.ones(20, dtype=int), 4, 9, source())
    assert found.max() == 1
