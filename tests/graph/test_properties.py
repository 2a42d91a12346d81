"""The graph: what holds for all rows, all affinities and all maps."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import minimum_spanning_tree
from sklearn.metrics import pairwise_distances

from sknet_spectral._graph.affinities.affinity import neighbor_affinity
from sknet_spectral._graph.affinities.parameter_free import reduce_graph
from sknet_spectral._graph.affinities.shortest_edges import shortest_missing_edges
from sknet_spectral._graph.affinities.weights import WEIGHTS
from sknet_spectral._graph.components import connected_components
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral._graph.metrics.distances import EXACT_METRICS
from sknet_spectral._graph.search.neighbors import nearest_neighbors
from tests.strategies import generic_rows, graphs, maps, powers_of_two, rows, seeds

KINDS = ["normalized", "unnormalized"]
# The correlation with a constant row is not defined.
METRICS = sorted(EXACT_METRICS - {"correlation"})
SCALE_FREE = ["local_scaling", "uniform", "fuzzy"]


def affinity(X, n_neighbors, weights, gamma=0.5, metric="euclidean"):
    n_neighbors = min(n_neighbors, len(X) - 1)
    neighbors = nearest_neighbors(X, n_neighbors, metric=metric, random_state=None)
    return neighbor_affinity(neighbors, weights=weights, gamma=gamma)


def is_affinity(W):
    """Whether W is symmetric and of finite positive entries, the diagonal empty."""
    symmetric = abs(W - W.T).max() <= 1e-15
    positive = np.isfinite(W.data).all() and (W.data > 0).all()
    return symmetric and positive and not W.diagonal().any()


def symmetric_laplacian(graph):
    """Dense M^-1/2 L M^-1/2 of the nodes that have mass."""
    nodes = graph.mass > 0
    root = np.sqrt(graph.mass[nodes])
    L = np.diag(graph.degrees) - graph.W
    return L[np.ix_(nodes, nodes)] / np.outer(root, root)


@pytest.mark.parametrize("weights", sorted(WEIGHTS))
@given(
    X=rows(),
    scale=powers_of_two,
    n_neighbors=st.integers(1, 15),
    metric=st.sampled_from(METRICS),
)
def test_affinities_are_symmetric_and_positive(weights, X, scale, n_neighbors, metric):
    assert is_affinity(affinity(X * scale, n_neighbors, weights, metric=metric))


@given(X=rows(), scale=powers_of_two)
def test_parameter_free_affinities_are_symmetric_and_reach_every_row(X, scale):
    W = reduce_graph(X * scale, metric="euclidean").W
    assert is_affinity(W)
    assert (W.getnnz(axis=1) > 0).all()


@pytest.mark.parametrize("weights", sorted(WEIGHTS))
@given(X=generic_rows(), n_neighbors=st.integers(1, 15), seed=seeds)
def test_affinities_follow_a_permutation(weights, X, n_neighbors, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    W = affinity(X, n_neighbors, weights)
    permuted = affinity(X[order], n_neighbors, weights)
    assert abs(W[order][:, order] - permuted).max() < 1e-9


@given(X=generic_rows(), seed=seeds)
def test_parameter_free_affinities_follow_a_permutation(X, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    W = reduce_graph(X, metric="euclidean").W
    permuted = reduce_graph(X[order], metric="euclidean").W
    assert abs(W[order][:, order] - permuted).max() < 1e-9


@pytest.mark.parametrize("weights", SCALE_FREE)
@given(X=rows(), scale=powers_of_two, n_neighbors=st.integers(1, 15))
def test_affinities_are_the_same_in_any_unit(weights, X, scale, n_neighbors):
    W = affinity(X, n_neighbors, weights)
    assert abs(W - affinity(X * scale, n_neighbors, weights)).max() == 0


@given(X=rows(), scale=powers_of_two, n_neighbors=st.integers(1, 15))
def test_heat_goes_by_the_product_of_gamma_and_the_squared_unit(X, scale, n_neighbors):
    W = affinity(X, n_neighbors, "heat")
    scaled = affinity(X * scale, n_neighbors, "heat", gamma=0.5 / scale**2)
    assert abs(W - scaled).max() < 1e-12


@given(X=rows(), scale=powers_of_two)
def test_parameter_free_affinities_are_the_same_in_any_unit(X, scale):
    W = reduce_graph(X, metric="euclidean").W
    assert abs(W - reduce_graph(X * scale, metric="euclidean").W).max() == 0


@given(W=graphs())
def test_components_are_the_nodes_that_reach_each_other(W):
    reach = np.linalg.matrix_power((W + np.eye(len(W)) > 0).astype(float), len(W)) > 0
    for container in (np.asarray, sparse.csr_matrix):
        count, labels = connected_components(container(W))
        assert count == len(np.unique(reach, axis=0))
        np.testing.assert_array_equal(labels[:, None] == labels, reach)


@given(X=rows(), data=st.data())
def test_missing_edges_join_as_many_components_as_asked_for(X, data):
    labels = data.draw(st.lists(st.integers(0, 5), min_size=len(X), max_size=len(X)))
    labels = np.unique(labels, return_inverse=True)[1]
    count = labels.max() + 1
    assume(count > 1)
    n_components = data.draw(st.integers(1, int(count) - 1))
    begin, end, lengths = shortest_missing_edges(X, labels, n_components, "euclidean")
    assert len(begin) == count - n_components
    joined = sparse.csr_matrix(
        (np.ones(len(begin)), (labels[begin], labels[end])), shape=(count, count)
    )
    assert connected_components(joined)[0] == n_components
    np.testing.assert_allclose(
        lengths, np.linalg.norm(X[begin] - X[end], axis=1), atol=1e-7
    )


@given(X=generic_rows(), seed=seeds)
def test_edges_that_join_all_components_are_the_shortest_tree(X, seed):
    labels = np.random.default_rng(seed).integers(6, size=len(X))
    labels = np.unique(labels, return_inverse=True)[1]
    assume(labels.max() > 0)
    _, _, lengths = shortest_missing_edges(X, labels, 1, "euclidean")
    distances = pairwise_distances(X)
    groups = range(labels.max() + 1)
    gaps = [
        [distances[labels == a][:, labels == b].min() for a in groups] for b in groups
    ]
    assert lengths.sum() == pytest.approx(minimum_spanning_tree(np.array(gaps)).sum())


@pytest.mark.parametrize("kind", KINDS)
@given(W=graphs(), data=st.data())
def test_ritz_values_are_ordered_and_never_below_the_exact_ones(kind, W, data):
    graph = Laplacian(W, kind)
    F = data.draw(maps(len(W))) * data.draw(powers_of_two)
    exact = np.linalg.eigvalsh(symmetric_laplacian(graph))
    largest = 2.0 if kind == "normalized" else 2.0 * graph.degrees.max()
    for centre, expected in ((0.0, exact), (graph.centre(F), exact[1:])):
        values, _ = graph.ritz(F - centre)
        assert (np.diff(values) >= 0).all()
        assert (values >= 0).all()
        assert (values <= largest).all()
        bounded = values[: len(expected)]
        assert (bounded >= expected[: len(bounded)] - 1e-10).all()


@pytest.mark.parametrize("kind", KINDS)
@given(W=graphs(), data=st.data())
def test_ritz_vectors_are_orthonormal_or_zero(kind, W, data):
    graph = Laplacian(W, kind)
    F = data.draw(maps(len(W))) * data.draw(powers_of_two)
    _, rotation = graph.ritz(F)
    Y = F @ rotation
    found = Y.T @ (graph.mass[:, None] * Y) / graph.volume
    kept = rotation.any(axis=0).astype(float)
    assert (np.diff(kept) <= 0).all()
    np.testing.assert_allclose(found, np.diag(kept), atol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
@given(W=graphs(), data=st.data())
def test_eigenpairs_equal_those_of_the_dense_matrix(kind, W, data):
    graph = Laplacian(W, kind)
    exact = np.linalg.eigvalsh(symmetric_laplacian(graph))
    n_pairs = data.draw(st.integers(1, len(W)))
    # A node without mass has no place in the inner product, and comes last.
    n_massless = len(W) - len(exact)
    exact = np.pad(exact, (0, n_massless), constant_values=2.0)[:n_pairs]
    expected = np.pad(np.ones(len(W) - n_massless), (0, n_massless))
    for container in (np.asarray, sparse.csr_matrix):
        values, Y = Laplacian(container(W), kind).eigenpairs(n_pairs)
        np.testing.assert_allclose(values, exact, atol=1e-10)
        found = Y.T @ (graph.mass[:, None] * Y) / graph.volume
        np.testing.assert_allclose(found, np.diag(expected[:n_pairs]), atol=1e-10)
