"""Small parts of an embedding."""

import numpy as np
import pytest

from sknet_spectral._graph.clusters.parts import group_centers, part_centers


def points(n_rows, seed=0):
    return np.random.RandomState(seed).normal(size=(n_rows, 3))


@pytest.mark.parametrize(
    ("n_rows", "n_groups", "n_parts"),
    [(1000, 4, 60), (100, 4, 20), (20, 4, 8), (4000, 50, 600), (4, 4, 4)],
)
def test_parts_go_with_rows_and_groups(n_rows, n_groups, n_parts):
    centers = part_centers(points(n_rows), n_groups, np.random.RandomState(0))
    assert centers.shape == (n_parts, 3)


def test_few_distinct_points_are_the_centers():
    few = np.repeat(points(3), 50, axis=0)
    centers = group_centers(few, 10, np.random.RandomState(0), n_init=1)
    np.testing.assert_allclose(np.sort(centers, axis=0), np.sort(points(3), axis=0))


def test_heavy_points_draw_centers():
    line = np.array([[0.0], [1.0], [10.0], [11.0]])
    weights = np.array([1, 3, 1, 1])
    options = {"n_init": 5, "sample_weight": weights}
    centers = group_centers(line, 2, np.random.RandomState(0), **options)
    np.testing.assert_allclose(sorted(centers.ravel()), [0.75, 10.5])
