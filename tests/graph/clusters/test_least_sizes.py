"""How few rows are too few for a cluster."""

import numpy as np

from sknet_spectral._graph.clusters.least_sizes import (
    at_least,
    min_group_rows,
    min_piece_rows,
)


def test_a_given_size_is_a_number_of_rows_or_a_share():
    sizes = np.array([900, 90, 10])
    assert min_piece_rows(20, sizes, 3, can_follow=True) == 20
    assert min_piece_rows(0.05, sizes, 3, can_follow=True) == 50
    assert min_group_rows(20, 1000, 3) == 20
    assert min_group_rows(0.05, 1000, 3) == 50


def test_by_default_pieces_are_small_if_they_would_take_most_clusters():
    few, many = [800, 60, 40], [800] + [15] * 6
    assert min_piece_rows(None, np.array(few), 10, can_follow=True) == 5
    assert min_piece_rows(None, np.array(many), 10, can_follow=True) == 18
    assert min_piece_rows(None, np.array(few), 3, can_follow=True) == 1
    assert min_piece_rows(None, np.array(few), 10, can_follow=False) == 1
    assert min_group_rows(None, 3000, 10) == 10


def test_if_no_piece_has_enough_rows_all_are_large():
    np.testing.assert_array_equal(at_least(np.array([5, 9]), 7), [False, True])
    assert at_least(np.array([5, 6]), 7).all()
