"""The largest gap."""

import numpy as np
import pytest

from sknet_spectral._graph.clusters.eigengap import eigengap


@pytest.mark.parametrize(
    ("eigenvalues", "expected"),
    [([0, 0.01, 0.02, 0.5, 0.6], 3), ([0, 0.4, 0.5], 1), ([0, 0.1], 1)],
)
def test_the_largest_gap_is_found(eigenvalues, expected):
    assert eigengap(np.array(eigenvalues)) == expected


def test_a_gap_after_the_first_21_eigenvalues_does_not_count():
    small, large = np.linspace(0, 0.01, 3), np.linspace(0.5, 0.6, 18)
    assert eigengap(np.concatenate([small, large, [1.9]])) == 3
