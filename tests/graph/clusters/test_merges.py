"""Ward's merges: those of scipy, and clusters that merge after their parts."""

import numpy as np
import pytest
from scipy.cluster import hierarchy

from sknet_spectral._graph.clusters.merges import leaf_groups, merge_clusters_last


@pytest.mark.parametrize("seed", range(5))
def test_without_clusters_the_tree_is_that_of_scipy(seed):
    points = np.random.default_rng(seed).normal(size=(40, 3))
    merges = merge_clusters_last(points, np.ones(40), np.zeros(40, dtype=int))
    expected = hierarchy.ward(points)
    np.testing.assert_array_equal(merges.children, expected[:, :2])
    np.testing.assert_allclose(merges.distances, expected[:, 2])


def test_a_group_counts_as_its_rows():
    """Ten rows in four places: the tree of all rows, from the merges of places on."""
    places = np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 1.0], [2.0, 7.0]])
    sizes = np.array([1, 4, 3, 2])
    merges = merge_clusters_last(places, sizes, np.zeros(4, dtype=int))
    of_rows = hierarchy.ward(np.repeat(places, sizes, axis=0))
    np.testing.assert_allclose(merges.distances, of_rows[-3:, 2])


def test_clusters_merge_after_their_parts_whatever_it_costs():
    """Two clusters lie side by side, and each is longer than they are apart."""
    centers = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 1.0], [9.0, 1.0]])
    clusters = np.array([0, 0, 1, 1])
    merges = merge_clusters_last(centers, np.ones(4), clusters)
    assert sorted(map(tuple, merges.children[:2])) == [(0, 1), (2, 3)]
    assert (np.diff(merges.distances) > 0).all()
    # The height between clusters is their own: two pairs of rows at a distance of one.
    np.testing.assert_allclose(merges.distances, np.sqrt(2.0))


def test_groups_in_one_place_still_have_an_order():
    merges = merge_clusters_last(np.zeros((5, 2)), np.ones(5), np.arange(5) // 3)
    assert (np.diff(merges.distances) > 0).all()
    for k in range(1, 6):
        assert leaf_groups(merges.children, k).max() == k - 1


def test_a_single_group_has_no_merges():
    merges = merge_clusters_last(np.zeros((1, 2)), np.ones(1), np.zeros(1, dtype=int))
    assert merges.children.shape == (0, 2)
    assert merges.distances.shape == (0,)
    assert leaf_groups(merges.children, 1).tolist() == [0]


def test_groups_are_numbered_by_their_first_leaves():
    children = np.array([[1, 3], [0, 2], [4, 6], [5, 7]])
    assert leaf_groups(children, 5).tolist() == [0, 1, 2, 3, 4]
    assert leaf_groups(children, 4).tolist() == [0, 1, 2, 1, 3]
    assert leaf_groups(children, 3).tolist() == [0, 1, 0, 1, 2]
    assert leaf_groups(children, 2).tolist() == [0, 1, 0, 1, 0]
    assert leaf_groups(children, 1).tolist() == [0] * 5
