"""Neighbours in a matrix of distances."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.neighbors import NearestNeighbors

from sknet_spectral._graph.search.stored_neighbors import drop_self, stored_neighbors


def test_stored_zeros_are_neighbors_and_what_is_not_stored_is_none():
    rows, columns = [0, 0, 1, 2, 2, 2], [1, 2, 0, 0, 1, 2]
    lengths = [0.0, 5.0, 0.0, 5.0, 4.0, 0.0]
    graph = sparse.csr_matrix((lengths, (rows, columns)), shape=(3, 3))
    found = stored_neighbors(graph)
    np.testing.assert_array_equal(
        found.distances, [[0, 5, np.inf], [0, np.inf, np.inf], [0, 4, 5]]
    )
    indices, distances = drop_self(found)
    np.testing.assert_array_equal(distances, [[0, 5], [0, np.inf], [4, 5]])
    np.testing.assert_array_equal(indices[:, 0], [1, 0, 1])


def test_the_nearest_stored_neighbors_are_kept():
    X = np.random.default_rng(0).normal(size=(60, 3))
    wide = NearestNeighbors(n_neighbors=20).fit(X).kneighbors_graph(mode="distance")
    indices, distances = stored_neighbors(wide, 6)
    expected, expected_indices = NearestNeighbors(n_neighbors=6).fit(X).kneighbors()
    np.testing.assert_array_equal(indices, expected_indices)
    np.testing.assert_array_equal(distances, expected)


def test_a_stored_diagonal_counts_as_in_scikit_learn():
    X = np.random.default_rng(0).normal(size=(30, 3))
    graph = NearestNeighbors(n_neighbors=8).fit(X).kneighbors_graph(X, mode="distance")
    indices, _ = drop_self(stored_neighbors(graph, 8))
    assert indices.shape == (30, 7)
    assert not (indices == np.arange(30)[:, None]).any()


def test_zeros_of_a_dense_matrix_are_distances():
    X = np.array([[0.0], [0.0], [1.0], [3.0]])
    found = stored_neighbors(abs(X - X.T), 3)
    np.testing.assert_array_equal(found.distances[:, 0], np.zeros(4))
    indices, distances = drop_self(found)
    np.testing.assert_array_equal(distances, [[0, 1], [0, 1], [1, 1], [2, 3]])
    np.testing.assert_array_equal(indices[:2, 0], [1, 0])


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_negative_distances_are_named(container):
    with pytest.raises(ValueError, match=r"takes distances, got .* \(smallest -2\)"):
        stored_neighbors(container([[0.0, -2.0], [-2.0, 0.0]]))
