"""Data that break programs: huge, tiny, equal, few, many, uneven and far apart."""

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse import csgraph
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import eigsh

from sknet_spectral import (
    AutoencoderTransformer,
    SiameseTransformer,
    SpectralNetClustering,
    SpectralNetEmbedding,
)
from sknet_spectral.metrics import clustering_accuracy
from tests.data import far_blobs, few_rows, lies_apart

pytestmark = [
    few_rows,
    lies_apart,
    pytest.mark.filterwarnings("ignore:The spectral loss fell"),
]
TINY = {"hidden_layer_sizes": (8,), "max_iter": 3, "random_state": 0}
NORMAL = np.random.default_rng(0).normal(size=(60, 4))


SMALL = {"hidden_layer_sizes": (64,), "max_iter": 10, "random_state": 0}


def with_an_outlier(value):
    X = NORMAL.copy()
    X[0] = value
    return X


def on_a_grid(n_clusters, rows_each):
    """Draw clusters of unit deviation on a square grid, 100 from each other."""
    side = int(np.ceil(np.sqrt(n_clusters)))
    centers = 100.0 * np.indices((side, side)).reshape(2, -1).T[:n_clusters]
    y = np.repeat(np.arange(n_clusters), rows_each)
    return centers[y] + np.random.default_rng(0).normal(size=(len(y), 2)), y


def uneven(n_large, n_small):
    """Draw two clusters, 40 deviations apart."""
    y = np.repeat([0, 1], [n_large, n_small])
    rows = np.random.default_rng(0).normal(size=(len(y), 2))
    return rows + 40.0 * y[:, None], y


# Rows, and the number of clusters.
HARD = {
    "all rows equal": (np.full((30, 3), 0.1), 3),
    "all rows zero": (np.zeros((30, 3)), 3),
    "10 rows repeated": (np.repeat(NORMAL[:10], 20, axis=0), 10),
    "10 rows repeated, 20 clusters": (np.repeat(NORMAL[:10], 20, axis=0), 20),
    "an outlier": (with_an_outlier(1e12), 3),
    "an outlier whose square overflows": (with_an_outlier(1e200), 3),
    "1e30": (1e30 * NORMAL, 3),
    "1e30, float32": ((1e30 * NORMAL).astype(np.float32), 3),
    "1e-30": (1e-30 * NORMAL, 3),
    "1e-30, float32": ((1e-30 * NORMAL).astype(np.float32), 3),
    "1e30 beside 1e-30": (np.concatenate([1e30 * NORMAL, 1e-30 * NORMAL]), 3),
    "1e30 from the origin": (1e30 + NORMAL, 3),
    "float16": (NORMAL.astype(np.float16), 3),
    "integers": ((8 * NORMAL).astype(np.int8), 3),
    "booleans": (NORMAL > 0, 3),
    "columns of different scales": (NORMAL * [1e-30, 1.0, 1e9, 1e30], 3),
    "one column": (NORMAL[:, :1], 3),
    "one constant column": (np.ones((20, 1)), 3),
    "5,000 columns": (np.random.default_rng(0).normal(size=(40, 5000)), 3),
    "as many clusters as rows": (NORMAL[:12], 12),
    "two rows": (NORMAL[:2], 2),
    "200 components": (on_a_grid(200, 4)[0], 3),
    "isolated points": (np.concatenate([NORMAL, 1e4 * np.eye(4)]), 3),
    "1 row beside 1,000": (uneven(1000, 1)[0], 2),
}
ROWS = {name: X for name, (X, _) in HARD.items()}


def check_embedding(model, X):
    assert np.isfinite(model.embedding_).all()
    assert np.isfinite(model.loss_curve_).all()
    assert np.isfinite(model.score(X))
    np.testing.assert_allclose(model.transform(X), model.embedding_, atol=1e-6)


@pytest.mark.parametrize("eigen_solver", [None, "stochastic"])
@pytest.mark.parametrize(("X", "n_clusters"), HARD.values(), ids=HARD)
def test_predicted_clusters_equal_the_labels(X, n_clusters, eigen_solver):
    model = SpectralNetClustering(n_clusters, eigen_solver=eigen_solver, **TINY).fit(X)
    check_embedding(model, X)
    assert set(model.labels_) == set(range(model.labels_.max() + 1))
    assert model.labels_.max() < n_clusters
    np.testing.assert_array_equal(model.predict(X), model.labels_)


@pytest.mark.parametrize("laplacian", ["normalized", "unnormalized"])
@pytest.mark.parametrize("affinity", ["nearest_neighbors", "parameter_free"])
@pytest.mark.parametrize("X", ROWS.values(), ids=ROWS)
def test_embeddings_are_finite(X, affinity, laplacian):
    model = SpectralNetEmbedding(1, affinity=affinity, laplacian=laplacian, **TINY)
    check_embedding(model.fit(X), X)


@pytest.mark.parametrize("X", ROWS.values(), ids=ROWS)
def test_learned_spaces_are_finite(X):
    for loss in ("cross_entropy", "contrastive"):
        model = SiameseTransformer(2, loss=loss, batch_size=32, **TINY)
        assert np.isfinite(model.fit_transform(X)).all()
        assert np.isfinite(model.loss_curve_).all()


@pytest.mark.parametrize("X", ROWS.values(), ids=ROWS)
def test_codes_are_finite_and_rebuild_finite_rows(X):
    model = AutoencoderTransformer(1, **TINY)
    codes = model.fit_transform(X)
    assert np.isfinite(codes).all()
    assert np.isfinite(model.inverse_transform(codes)).all()
    assert np.isfinite(model.loss_curve_).all()


@pytest.mark.parametrize("copies", [100, 500])
def test_repeated_rows_are_clusters(copies):
    y = np.repeat(np.arange(10), copies)
    model = SpectralNetClustering(10, **SMALL).fit(NORMAL[y])
    assert model.n_connected_components_ == 1
    assert clustering_accuracy(y, model.labels_) == 1.0


def test_eigenvectors_of_rows_along_a_line_are_exact():
    # Lanczos on the Laplacian itself stalls here: eigenvalues are down to 2e-7.
    X = np.random.default_rng(0).normal(size=(10_000, 1))
    model = SpectralNetClustering(4, max_iter=1, random_state=0).fit(X)
    L = csgraph.laplacian(model.affinity_matrix_, normed=True)
    shifted = sparse.csc_matrix(L + 1e-12 * sparse.identity(len(X)))
    values = eigsh(shifted, k=4, sigma=0, return_eigenvectors=False)
    np.testing.assert_allclose(model.spectrum_, np.sort(values), rtol=1e-3, atol=1e-10)


def test_a_hundred_small_clusters_are_found():
    X, y = on_a_grid(100, 20)
    model = SpectralNetClustering(100, **SMALL).fit(X)
    assert model.n_connected_components_ == 100
    assert clustering_accuracy(y, model.labels_) == 1.0


def test_two_hundred_components_are_joined_to_three():
    X, _ = on_a_grid(200, 4)
    model = SpectralNetClustering(3, n_neighbors=3, **TINY)
    with pytest.warns(UserWarning, match="200 components: .* joined them to 3"):
        model.fit(X)
    assert connected_components(model.affinity_matrix_)[0] == 3


@pytest.mark.parametrize(
    ("n_large", "n_small", "n_neighbors"),
    [(5000, 5, 4), pytest.param(20_000, 20, 15, marks=pytest.mark.slow)],
)
def test_a_cluster_a_thousand_times_smaller_is_found(n_large, n_small, n_neighbors):
    X, y = uneven(n_large, n_small)
    model = SpectralNetClustering(2, n_neighbors=n_neighbors, **SMALL).fit(X)
    np.testing.assert_array_equal(model.labels_ == model.labels_[-1], y)


def test_a_few_far_rows_do_not_take_the_clusters_of_the_others():
    X, y = far_blobs(2, rows_each=1000)
    outliers = 1e4 * np.eye(2)[[0, 1, 1, 0]] * [[1], [1], [-1], [-1]]
    outliers = np.repeat(outliers, 11, axis=0)
    outliers += np.random.default_rng(0).normal(scale=0.1, size=outliers.shape)
    X = np.concatenate([X, outliers])
    with pytest.warns(UserWarning, match="the 44 rows of 4 small .* too many.$"):
        model = SpectralNetClustering(2, n_neighbors=10, **SMALL).fit(X)
    assert clustering_accuracy(y, model.labels_[: len(y)]) == 1


@pytest.mark.parametrize("n_groups", [40, 300])
def test_many_small_groups_do_not_take_the_clusters_of_the_others(n_groups):
    X, y = far_blobs(3, rows_each=1000)
    rng = np.random.default_rng(0)
    places = rng.uniform(-1e4, 1e4, size=(n_groups, X.shape[1]))
    groups = np.repeat(places, 11, axis=0)
    groups += rng.normal(scale=0.01, size=groups.shape)
    with pytest.warns(UserWarning, match=f"{11 * n_groups} rows of {n_groups} small"):
        model = SpectralNetClustering(3, n_neighbors=10, **SMALL).fit(
            np.concatenate([X, groups])
        )
    assert clustering_accuracy(y, model.labels_[: len(y)]) == 1


def test_fewer_rows_than_neighbors_are_all_neighbors():
    model = SpectralNetEmbedding(2, n_neighbors=100, **TINY)
    with pytest.warns(UserWarning, match="n_neighbors=100 is more .* all 8 of them"):
        model.fit(NORMAL[:9])
    assert model.n_neighbors_ == 8
    assert model.affinity_matrix_.nnz == 72


@pytest.mark.parametrize("estimator", [SpectralNetClustering, SpectralNetEmbedding])
def test_fewer_rows_than_a_batch_are_one_batch(estimator):
    model = estimator(2, batch_size=60, **TINY)
    expected = model.fit_transform(NORMAL)
    model.set_params(batch_size=10**6)
    np.testing.assert_array_equal(model.fit_transform(NORMAL), expected)


def test_rows_that_a_kernel_isolates_have_finite_embeddings():
    X = np.concatenate([NORMAL, 1e4 * np.eye(4)])
    model = SpectralNetEmbedding(5, affinity="rbf", gamma=1.0, **TINY).fit(X)
    assert model.n_connected_components_ == 5
    check_embedding(model, X)
