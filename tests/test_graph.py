"""The graph: neighbours, affinities and the Laplacian against exact answers."""

import numpy as np
import pytest
from scipy.linalg import eigh
from sklearn.datasets import make_blobs
from sklearn.neighbors import NearestNeighbors

from sknet_spectral._graph import neighbors
from sknet_spectral._graph.affinity import WEIGHTS, neighbor_affinity
from sknet_spectral._graph.components import (
    connected_components,
    shortest_missing_edges,
)
from sknet_spectral._graph.laplacian import Laplacian
from sknet_spectral.metrics import subspace_distance


def graph(n_blobs=1, n_samples=400, weights="local_scaling", n_neighbors=10):
    X, _ = make_blobs(
        n_samples, 3, centers=n_blobs, center_box=(-500, 500), random_state=0
    )
    found = neighbors.nearest_neighbors(
        X, n_neighbors, metric="euclidean", random_state=np.random.RandomState(0)
    )
    return X, neighbor_affinity(found, weights=weights, gamma=1.0)


def test_neighbors_agree_with_scikit_learn_far_from_the_origin():
    X = np.random.default_rng(0).normal(size=(200, 20))
    indices, distances = neighbors.nearest_neighbors(
        1000 * X + 7, 5, metric="euclidean", random_state=np.random.RandomState(0)
    )
    expected, expected_indices = (
        NearestNeighbors(n_neighbors=5, algorithm="brute").fit(X).kneighbors()
    )
    np.testing.assert_array_equal(indices, expected_indices)
    np.testing.assert_allclose(distances, 1000 * expected, rtol=1e-9)


def test_duplicates_never_list_the_row_itself():
    X = np.repeat(np.arange(4.0)[:, None], 6, axis=0)
    indices, _ = neighbors.nearest_neighbors(
        X, 5, metric="euclidean", random_state=np.random.RandomState(0)
    )
    assert not (indices == np.arange(24)[:, None]).any()


def test_without_self_drops_one_entry_a_row():
    lists = np.array([[0, 1, 2], [2, 0, 1], [0, 1, 3]])
    kept, _ = neighbors._without_self(lists, lists.astype(float))
    np.testing.assert_array_equal(kept, [[1, 2], [2, 0], [0, 1]])


def test_approximate_neighbors_find_nearly_all():
    X = np.random.default_rng(0).normal(size=(1500, 10))
    exact, _ = neighbors._exact(X, 10, "euclidean", None)
    found, _ = neighbors._approximate(
        X, 10, "euclidean", np.random.RandomState(0), None
    )
    recall = np.mean([len(set(a) & set(b)) for a, b in zip(exact, found, strict=True)])
    assert recall / 10 > 0.95


@pytest.mark.parametrize("weights", sorted(WEIGHTS))
def test_affinities_are_symmetric_and_positive(weights):
    _, W = graph(weights=weights)
    assert abs(W - W.T).max() < 1e-15
    assert (W.data > 0).all()
    assert not W.diagonal().any()


def test_uniform_weights_equal_scikit_learn_less_the_diagonal():
    X, W = graph(weights="uniform")
    directed = NearestNeighbors(n_neighbors=10).fit(X).kneighbors_graph()
    assert abs(W - 0.5 * (directed + directed.T)).max() == 0


@pytest.mark.parametrize("n_blobs", [1, 2, 12, 40])
@pytest.mark.parametrize("kind", ["normalized", "unnormalized"])
@pytest.mark.parametrize("solver", ["arpack", "lobpcg", "amg"])
def test_eigenpairs_agree_with_dense(n_blobs, kind, solver):
    _, W = graph(n_blobs, n_samples=1200)
    laplacian = Laplacian(W, kind)
    n_pairs = n_blobs + 3
    values, Y = laplacian.eigenpairs(
        n_pairs, solver=solver, random_state=np.random.RandomState(0)
    )
    L = np.diag(laplacian.degrees) - W.toarray()
    exact, vectors = eigh(L, np.diag(laplacian.mass))
    np.testing.assert_allclose(values, exact[:n_pairs], atol=1e-5)
    assert subspace_distance(Y, vectors[:, :n_pairs], laplacian.mass) < 1e-4
    moment = Y.T @ (laplacian.mass[:, None] * Y) / laplacian.volume
    np.testing.assert_allclose(moment, np.eye(n_pairs), atol=1e-6)
    np.testing.assert_allclose(Y[:, 0], Y[0, 0])


def test_ritz_recovers_a_rotated_eigenspace_and_bounds_any_other():
    _, W = graph()
    laplacian = Laplacian(W)
    values, Y = laplacian.eigenpairs(6, random_state=np.random.RandomState(0))
    rng = np.random.default_rng(0)
    found, _ = laplacian.ritz(Y @ rng.normal(size=(6, 6)))
    np.testing.assert_allclose(found, values, atol=1e-10)
    other, _ = laplacian.ritz(rng.normal(size=(400, 6)))
    assert (other >= values - 1e-10).all()
    assert (np.diff(other) >= 0).all()
    assert other.max() <= 2


def test_ritz_turns_null_directions_into_zeros():
    _, W = graph()
    F = np.random.default_rng(0).normal(size=(400, 2)) @ np.ones((2, 4))
    _, rotation = Laplacian(W).ritz(F)
    assert np.isfinite(rotation).all()
    assert not rotation[:, 1:].any()


def test_shortest_missing_edges_join_the_nearest_components():
    X = np.array([[0.0], [1], [10], [11], [100], [101]])
    labels = np.array([0, 0, 1, 1, 2, 2])
    rows, columns, distances = shortest_missing_edges(X, labels, 2, "euclidean")
    assert {int(rows[0]), int(columns[0])} == {1, 2}
    np.testing.assert_allclose(distances, [9.0])


def test_bridges_reduce_the_components():
    X, W = graph(12, n_samples=1200)
    count, labels = connected_components(W)
    assert count == 12
    rows, columns, _ = shortest_missing_edges(X, labels, 3, "euclidean")
    assert len(rows) == len(columns) == 9
