"""The list of edges."""

import numpy as np
import pytest
from scipy import sparse

from sknet_spectral._graph.edges import edges_of


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_every_edge_is_listed_once(container):
    W = np.array([[5.0, 1, 0], [1, 0, 2], [0, 2, 0]])
    ends, weights = edges_of(container(W))
    np.testing.assert_array_equal(ends, [[0, 1], [1, 2]])
    np.testing.assert_array_equal(weights, [1, 2])
