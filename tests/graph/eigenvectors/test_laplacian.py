"""The Laplacian's lowest eigenpairs against dense ones, and the Ritz step."""

import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import eigh
from sklearn.datasets import make_blobs
from sklearn.neighbors import NearestNeighbors

from sknet_spectral._graph.affinities.affinity import neighbor_affinity
from sknet_spectral._graph.arrays import Neighbors
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral.metrics import subspace_distance


def graph(n_blobs=1, n_samples=300):
    X, _ = make_blobs(
        n_samples, 3, centers=n_blobs, center_box=(-500, 500), random_state=0
    )
    distances, indices = NearestNeighbors(n_neighbors=10).fit(X).kneighbors()
    neighbors = Neighbors(indices, distances)
    return neighbor_affinity(neighbors, weights="local_scaling", gamma=None)


@pytest.fixture(scope="module", params=[1, 2, 12, 40])
def components(request):
    """A graph of known components, and its dense eigenpairs of both kinds."""
    W = graph(request.param, 1040)
    exact = {}
    for kind in ("normalized", "unnormalized"):
        laplacian = Laplacian(W, kind)
        L = np.diag(laplacian.degrees) - W.toarray()
        exact[kind] = eigh(
            L, np.diag(laplacian.mass), subset_by_index=[0, request.param + 2]
        )
    return W, request.param + 3, exact


@pytest.mark.parametrize("kind", ["normalized", "unnormalized"])
@pytest.mark.parametrize("solver", ["arpack", "lobpcg", "amg"])
def test_eigenpairs_agree_with_dense(components, kind, solver):
    W, n_pairs, exact = components
    laplacian = Laplacian(W, kind)
    values, Y = laplacian.eigenpairs(
        n_pairs, solver=solver, random_state=np.random.RandomState(0)
    )
    np.testing.assert_allclose(values, exact[kind][0], atol=1e-5)
    assert subspace_distance(Y, exact[kind][1], laplacian.mass) < 1e-4
    moment = Y.T @ (laplacian.mass[:, None] * Y) / laplacian.volume
    np.testing.assert_allclose(moment, np.eye(n_pairs), atol=1e-6)
    np.testing.assert_allclose(Y[:, 0], Y[0, 0])


@pytest.mark.parametrize("kind", ["normalized", "unnormalized"])
def test_dense_and_sparse_affinities_have_the_same_eigenpairs(kind):
    W = graph(2)
    found, expected = (
        Laplacian(A, kind).eigenpairs(5, random_state=np.random.RandomState(0))
        for A in (W.toarray(), W)
    )
    np.testing.assert_allclose(found[0], expected[0], atol=1e-10)
    np.testing.assert_allclose(found[1], expected[1], atol=1e-6)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_the_diagonal_is_ignored_and_kept(container):
    W = graph().toarray()
    loops = container(W + 3 * np.eye(len(W)))
    laplacian = Laplacian(loops)
    np.testing.assert_allclose(laplacian.degrees, W.sum(axis=1))
    assert loops.diagonal().min() == 3


def test_a_stored_zero_is_not_an_edge():
    pairs = np.kron(np.eye(2), [[0.0, 0.5], [0.5, 0.0]])
    rows, columns = np.nonzero(pairs + np.fliplr(np.eye(4)))
    with_zeros = sparse.csr_matrix((pairs[rows, columns], (rows, columns)))
    assert with_zeros.nnz == 8
    assert Laplacian(with_zeros).W.nnz == 4
    np.testing.assert_allclose(Laplacian(with_zeros).eigenpairs(3)[0], [0, 0, 2])


def test_fewer_pairs_than_components_take_the_largest():
    W = sparse.block_diag([np.ones((m, m)) - np.eye(m) for m in (3, 9, 6)])
    values, Y = Laplacian(W).eigenpairs(2, random_state=np.random.RandomState(0))
    assert not values.any()
    # The rows of the smallest component are zero, the others lie apart.
    assert not Y[:3].any()
    assert len(np.unique(Y[3:].round(9), axis=0)) == 2


def test_an_isolated_node_is_a_component_with_a_zero_row():
    W = np.zeros((5, 5))
    W[:4, :4] = 1 - np.eye(4)
    values, Y = Laplacian(W).eigenpairs(3, random_state=np.random.RandomState(0))
    assert np.isfinite(Y).all()
    np.testing.assert_allclose(Y[4], 0, atol=1e-10)
    np.testing.assert_allclose(values, [0, 4 / 3, 4 / 3], atol=1e-10)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("n_isolated", [5, 900])
@pytest.mark.parametrize("solver", ["arpack", "lobpcg", "amg"])
def test_nodes_without_mass_displace_no_eigenvector(n_isolated, solver, container):
    W = graph().toarray()
    options = {"solver": solver, "random_state": np.random.RandomState(0)}
    expected, whole = Laplacian(W).eigenpairs(4, **options)
    W = container(np.pad(W, (0, n_isolated)))
    values, Y = Laplacian(W).eigenpairs(4, **options)
    np.testing.assert_allclose(values, expected, atol=1e-6)
    np.testing.assert_allclose(Y[len(whole) :], 0, atol=1e-12)
    assert subspace_distance(whole, Y[: len(whole)]) < 1e-6


def test_pairs_beyond_the_nodes_with_mass_are_zero_columns():
    W = np.pad(np.ones((2, 2)), (0, 3))
    values, Y = Laplacian(W).eigenpairs(5, random_state=np.random.RandomState(0))
    np.testing.assert_allclose(values, [0, 2, 2, 2, 2])
    np.testing.assert_allclose(Y[:, 2:], 0)


def test_a_degree_that_rounding_loses_is_none():
    W = np.array([[0.0, 1, 1e-112], [1, 0, 0], [1e-112, 0, 0]])
    laplacian = Laplacian(W)
    values, Y = laplacian.eigenpairs(3, random_state=np.random.RandomState(0))
    assert laplacian.mass[2] == 0
    np.testing.assert_allclose(values, [0, 2, 2], atol=1e-10)
    np.testing.assert_allclose(Y[2], 0)


@pytest.mark.parametrize("kind", ["normalized", "unnormalized"])
def test_without_edges_all_nodes_have_the_same_mass(kind):
    laplacian = Laplacian(np.eye(4), kind)
    values, Y = laplacian.eigenpairs(4, random_state=np.random.RandomState(0))
    assert not values.any()
    np.testing.assert_allclose(Y.T @ Y, 4 * np.eye(4), atol=1e-12)
    assert not laplacian.ritz(np.arange(8.0).reshape(4, 2))[0].any()


def test_ritz_recovers_a_rotated_eigenspace_and_bounds_any_other():
    laplacian = Laplacian(graph())
    values, Y = laplacian.eigenpairs(6, random_state=np.random.RandomState(0))
    rng = np.random.default_rng(0)
    found, _ = laplacian.ritz(Y @ rng.normal(size=(6, 6)))
    np.testing.assert_allclose(found, values, atol=1e-10)
    other, _ = laplacian.ritz(rng.normal(size=(300, 6)))
    assert (other >= values - 1e-10).all()
    assert (np.diff(other) >= 0).all()
    assert other.max() <= 2


def test_ritz_is_exact_on_a_nearly_deficient_map():
    laplacian = Laplacian(graph())
    F = np.random.default_rng(0).normal(size=(300, 3))
    expected, _ = laplacian.ritz(F)
    F[:, 2] = F[:, 0] + 4e-6 * F[:, 2]
    values, rotation = laplacian.ritz(F)
    np.testing.assert_allclose(values, expected, atol=1e-9)
    assert rotation.any(axis=0).all()


@pytest.mark.parametrize("kind", ["normalized", "unnormalized"])
def test_ritz_vectors_are_orthonormal_with_fixed_signs(kind):
    laplacian = Laplacian(graph(), kind)
    F = np.random.default_rng(0).normal(size=(300, 3))
    Y = F @ laplacian.ritz(F)[1]
    moment = Y.T @ (laplacian.mass[:, None] * Y) / laplacian.volume
    np.testing.assert_allclose(moment, np.eye(3), atol=1e-10)
    assert (Y.max(axis=0) == np.abs(Y).max(axis=0)).all()


def test_ritz_turns_null_directions_into_zeros():
    F = np.random.default_rng(0).normal(size=(300, 2)) @ np.ones((2, 4))
    values, rotation = Laplacian(graph()).ritz(F)
    assert np.isfinite(rotation).all()
    assert not rotation[:, 1:].any()
    assert (values[1:] == 2).all()


def test_ritz_of_a_constant_map_is_all_zeros():
    values, rotation = Laplacian(graph()).ritz(np.zeros((300, 2)))
    assert not rotation.any()
    assert (values == 2).all()
