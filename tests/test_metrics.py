"""The scores against values worked out by hand."""

import numpy as np
import pytest

from sknet_spectral.metrics import (
    clustering_accuracy,
    normalized_cut,
    subspace_distance,
)


def test_clustering_accuracy_matches_labels_one_to_one():
    assert clustering_accuracy([0, 0, 1, 1, 2], [5, 5, 3, 5, 4]) == 0.8
    assert clustering_accuracy([0, 0, 0, 0], [0, 1, 2, 3]) == 0.25


def test_normalized_cut_of_a_path():
    # 0 - 1 - 2 - 3 with a weak middle edge of 0.5: 0.5 / 2.5 on each side.
    W = np.diag([1, 0.5, 1], 1)
    assert normalized_cut(W + W.T + 9 * np.eye(4), [0, 0, 1, 1]) == pytest.approx(0.4)


def test_subspace_distance_of_planes():
    A = np.eye(3)[:, :2]
    assert subspace_distance(A, A @ [[1, 2], [3, 4]]) == 0
    assert subspace_distance(A, np.eye(3)[:, 1:]) == pytest.approx(0.5)
    assert subspace_distance([[1], [0]], [[1], [1]], [3, 1]) == pytest.approx(0.25)
