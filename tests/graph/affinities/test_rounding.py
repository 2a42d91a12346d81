"""Entries that rounding has put below zero."""

import numpy as np
import pytest
from scipy import sparse

from sknet_spectral._graph.affinities.rounding import rounded_to_zero

CONTAINERS = pytest.mark.parametrize("container", [np.array, sparse.csr_matrix])


@CONTAINERS
@pytest.mark.parametrize("unit", [1.0, 1e-9, 1e9])
def test_entries_below_zero_by_rounding_become_zero(container, unit):
    given = container([[-2e-16, 0.5], [0.5, -1e-6]]) * unit
    before = given.copy()
    found = rounded_to_zero(given)
    assert abs(found - container([[0.0, 0.5], [0.5, 0.0]]) * unit).max() == 0
    assert abs(given - before).max() == 0
    # What is stored as zero is a distance, what is not stored is none.
    assert not sparse.issparse(found) or found.nnz == 4


@CONTAINERS
@pytest.mark.parametrize(
    "entries", [[[0.0, 0.5], [0.5, 0.0]], [[-1e-3, 0.5], [0.5, 0.0]], [[-1.0, -2.0]]]
)
def test_other_matrices_are_left_as_they_are(container, entries):
    given = container(entries)
    assert rounded_to_zero(given) is given
