"""SpectralNetEmbedding: Laplacian eigenmaps, the Fiedler vector, diffusion maps."""

import numpy as np
import pytest
from scipy.linalg import eigh
from sklearn.datasets import load_iris
from sklearn.manifold import SpectralEmbedding

from sknet_spectral import SpectralNetEmbedding
from sknet_spectral.metrics import subspace_distance
from tests.data import far_blobs, lies_apart, some_digits

WIDE = {"hidden_layer_sizes": (256, 256), "random_state": 0}


def exact(model):
    """Eigenpairs of the model's graph but the constant one, by dense algebra."""
    W = model.affinity_matrix_.toarray()
    degrees = W.sum(axis=1)
    normalized = model.laplacian == "normalized"
    mass = degrees if normalized else np.ones_like(degrees)
    values, vectors = eigh(np.diag(degrees) - W, np.diag(mass))
    return values[1:], vectors[:, 1:], mass


@lies_apart
@pytest.mark.parametrize("laplacian", ["normalized", "unnormalized"])
def test_embedding_is_orthonormal_and_centred(laplacian):
    X, _ = load_iris(return_X_y=True)
    model = SpectralNetEmbedding(3, laplacian=laplacian, random_state=0).fit(X)
    mass = exact(model)[2]
    Y = model.embedding_
    np.testing.assert_allclose(
        Y.T @ (mass[:, None] * Y) / mass.sum(), np.eye(3), atol=1e-8
    )
    np.testing.assert_allclose(mass @ Y / mass.sum(), 0, atol=1e-8)
    assert (np.diff(model.eigenvalues_) >= 0).all()


@pytest.mark.parametrize("laplacian", ["normalized", "unnormalized"])
def test_eigenvalues_bound_the_exact_ones_closely(laplacian):
    X, _ = some_digits()
    model = SpectralNetEmbedding(4, laplacian=laplacian, tol=0.0, **WIDE).fit(X)
    values, vectors, mass = exact(model)
    assert (model.eigenvalues_ >= values[:4] - 1e-10).all()
    np.testing.assert_allclose(model.eigenvalues_, values[:4], rtol=0.05)
    assert subspace_distance(model.embedding_, vectors[:, :4], mass) < 0.001


@pytest.mark.parametrize("laplacian", ["normalized", "unnormalized"])
def test_one_component_is_the_fiedler_vector(laplacian):
    X, _ = some_digits()
    model = SpectralNetEmbedding(1, laplacian=laplacian, **WIDE).fit(X)
    _, vectors, mass = exact(model)
    fiedler, found = vectors[:, 0], model.embedding_[:, 0]
    cosine = found @ (mass * fiedler) / np.sqrt(mass @ found**2 * (mass @ fiedler**2))
    assert abs(cosine) > 0.99


def test_the_graph_alone_gives_the_exact_eigenvectors():
    X, _ = some_digits(200)
    W = SpectralNetEmbedding(2, **WIDE, max_iter=1).fit(X).affinity_matrix_
    model = SpectralNetEmbedding(4, affinity="precomputed", **WIDE).fit(W)
    values, vectors, mass = exact(model)
    np.testing.assert_allclose(model.eigenvalues_, values[:4], atol=1e-10)
    assert subspace_distance(model.embedding_, vectors[:, :4], mass) < 1e-10


def test_the_span_equals_that_of_scikit_learn_s_embedding():
    X, _ = some_digits()
    model = SpectralNetEmbedding(3, **WIDE).fit(X)
    W = model.affinity_matrix_
    peer = SpectralEmbedding(3, affinity="precomputed", random_state=0)
    expected = peer.fit_transform(W)
    mass = np.asarray(W.sum(axis=1)).ravel()
    assert subspace_distance(model.embedding_, expected, mass) < 0.02


@lies_apart
def test_components_of_the_graph_are_components_of_the_embedding():
    X, y = far_blobs(3, 50)
    Y = SpectralNetEmbedding(2, **WIDE).fit_transform(X)
    means = np.array([Y[y == label].mean(axis=0) for label in range(3)])
    spread = max(Y[y == label].std(axis=0).max() for label in range(3))
    assert np.abs(means[[0, 0, 1]] - means[[1, 2, 2]]).max(axis=1).min() > 1
    assert spread < 0.2


def test_signs_are_fixed():
    X, _ = some_digits()
    Y = SpectralNetEmbedding(3, **WIDE).fit_transform(X)
    np.testing.assert_allclose(Y.max(axis=0), np.abs(Y).max(axis=0))


@pytest.mark.parametrize("time", [0, 1, 2.5])
def test_diffusion_time_scales_the_components(time):
    X, _ = some_digits(200)
    plain = SpectralNetEmbedding(3, **WIDE).fit(X)
    scaled = SpectralNetEmbedding(3, diffusion_time=time, **WIDE).fit(X)
    np.testing.assert_array_equal(plain.eigenvalues_, scaled.eigenvalues_)
    factor = (1 - plain.eigenvalues_) ** time
    np.testing.assert_allclose(scaled.embedding_, plain.embedding_ * factor)
    np.testing.assert_allclose(scaled.transform(X), scaled.embedding_, atol=1e-10)


def test_diffusion_time_scales_the_extension_of_a_graph():
    X, _ = some_digits(100)
    W = SpectralNetEmbedding(2, **WIDE, max_iter=1).fit(X).affinity_matrix_
    options = {"affinity": "precomputed", **WIDE}
    plain = SpectralNetEmbedding(3, **options).fit(W)
    scaled = SpectralNetEmbedding(3, diffusion_time=2, **options).fit(W)
    expected = plain.transform(W) * (1 - plain.eigenvalues_) ** 2
    np.testing.assert_allclose(scaled.transform(W), expected, atol=1e-8)


@lies_apart
def test_eigenvalues_above_one_have_diffused_away():
    # All eigenvalues of a complete graph of four nodes are 4 / 3.
    W = 1 - np.eye(4)
    W[0, 1] = W[1, 0] = 0.9
    model = SpectralNetEmbedding(
        2, affinity="precomputed", diffusion_time=1, random_state=0
    )
    with pytest.warns(UserWarning, match="are these distances"):
        model.fit(W)
    assert (model.eigenvalues_ > 1).all()
    assert not model.embedding_.any()


def test_diffusion_distances():
    X, _ = some_digits(100)
    W = SpectralNetEmbedding(2, **WIDE, max_iter=1).fit(X).affinity_matrix_
    model = SpectralNetEmbedding(
        99, affinity="precomputed", diffusion_time=6, random_state=0
    ).fit(W)
    # Distance of two rows of P^t, P = D^-1 W, weighted by the stationary mass.
    degrees = np.asarray(W.sum(axis=1)).ravel()
    P = np.linalg.matrix_power(W.toarray() / degrees[:, None], 6)
    rows = (P[3] - P[40]) ** 2 * (degrees.sum() / degrees)
    squared = np.square(model.embedding_[3] - model.embedding_[40]).sum()
    assert squared == pytest.approx(rows.sum(), rel=1e-3)


def test_what_a_function_returned_is_named():
    X, _ = some_digits(50)
    model = SpectralNetEmbedding(2, affinity=lambda X: X @ X.T - 1e4)
    with pytest.raises(ValueError, match=r"^affinity=<function .* negative entries"):
        model.fit(X)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.filterwarnings("ignore:.*of the edges have the smallest weight")
def test_many_small_groups_of_near_copies_take_no_component(seed):
    rng = np.random.default_rng(seed)
    X = rng.random((600, 2)) * [3, 1]
    noise = 1e-4 * rng.normal(size=(12, 10, 2))
    clumps = (X[:12, None] + noise).reshape(-1, 2)
    model = SpectralNetEmbedding(1, random_state=0)
    alone = model.fit(X).eigenvalues_
    beside = model.fit(np.r_[X, clumps])
    assert beside.n_connected_components_ == 1
    np.testing.assert_allclose(beside.eigenvalues_, alone, rtol=0.5)
    groups = beside.embedding_[600:].reshape(12, 10)
    np.testing.assert_allclose(groups.mean(axis=1), beside.embedding_[:12, 0], atol=0.1)
