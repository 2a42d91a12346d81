"""A partition of the nodes of a graph."""

import numpy as np
import pytest
from scipy import sparse

from sknet_spectral import _chunks
from sknet_spectral._partition import Partition, symmetric

# Two triangles that an edge joins.
EDGES = [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (2, 3)]


@pytest.fixture(params=["dense", "sparse"])
def triangles(request):
    W = np.zeros((6, 6))
    for a, b in EDGES:
        W[a, b] = W[b, a] = 1.0
    W = W if request.param == "dense" else sparse.csr_matrix(W)
    return Partition(W, np.array([0, 0, 0, 1, 1, 1]))


def test_measures_count_the_edge_between_two_triangles(triangles):
    assert triangles.n_clusters == 2
    # Each triangle has six ends of edges inside, and one of the edge that is cut.
    assert triangles.normalized_cut == pytest.approx(2 / 7)
    assert triangles.modularity == pytest.approx(12 / 14 - 2 * (7 / 14) ** 2)


def test_another_partition_has_the_same_graph(triangles):
    one = triangles.of_same_graph(np.zeros(6, dtype=int))
    assert (one.n_clusters, one.normalized_cut, one.modularity) == (1, 0.0, 0.0)


def test_the_diagonal_is_ignored():
    W = np.array([[5.0, 1.0], [1.0, 7.0]])
    assert Partition(W, np.array([0, 1])).normalized_cut == 2.0


def test_a_cluster_without_nodes_changes_nothing(triangles):
    apart = triangles.of_same_graph(2 * triangles.labels)
    assert apart.n_clusters == 3
    assert apart.modularity == pytest.approx(triangles.modularity)
    assert apart.normalized_cut == pytest.approx(triangles.normalized_cut)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("unit", [1e-300, 1.0, 1e308])
def test_one_entry_that_differs_is_found_in_any_chunk(container, unit, monkeypatch):
    monkeypatch.setattr(_chunks, "_CHUNK_ROWS", 2)
    for row, column in [(0, 4), (4, 0), (2, 3)]:
        W = np.ones((5, 5))
        W[row, column] = 0.5
        expected = np.ones((5, 5))
        expected[[row, column], [column, row]] = 0.75
        with pytest.warns(UserWarning, match="^A is not symmetric"):
            found = symmetric(container(unit * W), "A")
        np.testing.assert_allclose(sparse.csr_matrix(found).toarray(), unit * expected)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rounding_is_kept(container, dtype):
    W = np.ones((5, 5), dtype=dtype)
    W[1, 2] = np.nextafter(dtype(1), dtype(2))
    given = container(W)
    assert symmetric(given, "A") is given
