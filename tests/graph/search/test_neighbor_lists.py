"""Lists of nearest rows: pairs may come in any order and more than once."""

import numpy as np

from sknet_spectral._graph.search.neighbor_lists import NeighborLists


def some_pairs(n_pairs, n_rows=40):
    rng = np.random.default_rng(0)
    rows, others = rng.integers(n_rows, size=(2, n_pairs)).astype(np.int32)
    distances = (np.abs(rows - others) * 0.5).astype(np.float32)
    return rows, others, distances


def begun_lists(n_rows=40, length=5):
    lists = NeighborLists(n_rows, length)
    others = np.arange(n_rows)
    far = np.broadcast_to(100 + others.astype(np.float32), (n_rows, n_rows))
    lists.fill(slice(0, n_rows), others, far)
    return lists


def test_a_list_has_the_nearest_rows_once():
    lists = begun_lists()
    rows, others, distances = some_pairs(20_000)
    lists.merge(rows, others, distances)
    found = lists.rows_of(slice(None))
    assert all(len(set(row)) == 5 for row in found)
    expected = np.abs(np.arange(40)[:, None] - np.arange(40)) * 0.5
    nearest = np.argsort(expected, axis=1, kind="stable")[:, :5]
    np.testing.assert_array_equal(found, nearest)
    np.testing.assert_array_equal(lists.limits, np.sort(expected)[:, 4])


def test_the_order_of_pairs_and_merges_does_not_matter():
    rows, others, distances = some_pairs(3_000)
    once, twice = begun_lists(), begun_lists()
    once.merge(rows, others, distances)
    for part in (slice(2_000, None), slice(0, 2_500)):
        twice.merge(*(column[part][::-1] for column in (rows, others, distances)))
    for lists in (once, twice):
        assert lists.length == 5
    np.testing.assert_array_equal(once.rows_of(slice(None)), twice.rows_of(slice(None)))


def test_distances_below_zero_are_rounding():
    lists = NeighborLists(1, 2)
    lists.fill(slice(0, 1), np.array([3, 1, 2]), np.array([[-1e-9, 4, 1]], np.float32))
    np.testing.assert_array_equal(lists.rows_of(slice(None)), [[3, 2]])
    np.testing.assert_array_equal(lists.limits, [1])
