"""Distances to the training rows, compared with scikit-learn and on real data."""

import numpy as np
import pytest
from scipy import sparse
from scipy.spatial.distance import cdist
from sklearn.covariance import OAS
from sklearn.datasets import load_digits, make_circles
from sklearn.metrics import roc_auc_score

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from sknet_spectral._fit.spectral_map.training_distance import TrainingDistance
from tests.data import BRIEF, real_images

rng = np.random.default_rng(0)


@pytest.mark.parametrize("n_features", [1, 4, 30, 100])
def test_it_is_mahalanobis_s_distance_with_scikit_learn_s_shrinkage(n_features):
    rows = rng.normal(size=(40, n_features)) @ rng.normal(size=(n_features,) * 2)
    queries = 3 * rng.normal(size=(7, n_features))
    precision = OAS().fit(rows).precision_
    expected = cdist(queries, rows, "mahalanobis", VI=precision).min(axis=1)
    expected /= np.sqrt(n_features)
    np.testing.assert_allclose(TrainingDistance(rows)(queries), expected, rtol=1e-6)


def test_sparse_rows_are_as_far_as_dense_ones():
    rows = rng.normal(size=(30, 200)) * (rng.uniform(size=(30, 200)) < 0.1)
    queries = rng.normal(size=(5, 200))
    dense = TrainingDistance(rows)(queries)
    thin = TrainingDistance(sparse.csr_matrix(rows))(sparse.csr_matrix(queries))
    np.testing.assert_allclose(thin, dense, rtol=1e-9)


@pytest.mark.parametrize(
    "rows",
    [
        np.full((5, 3), 7.0),
        np.array([[1.0, 2.0]]),
        np.column_stack([np.arange(9.0), np.zeros(9)]),
        1e30 * rng.normal(size=(9, 4)),
        1e-30 * rng.normal(size=(9, 4)),
        rng.normal(size=(9, 4)).astype(np.float32),
    ],
    ids=["equal", "one", "constant column", "huge", "tiny", "float32"],
)
def test_training_rows_are_at_no_distance_and_others_at_a_finite_one(rows):
    distance = TrainingDistance(rows)
    np.testing.assert_allclose(distance(rows), 0.0, atol=1e-2)
    far = distance(rows + 1000 * (1 + np.abs(rows).max()))
    assert np.isfinite(far).all()
    assert (far > 1).all()


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("unit", [1e-300, 1e120, 1e300, 1e307])
def test_the_distance_does_not_depend_on_the_unit(unit, container):
    rows, others = rng.normal(size=(2, 30, 3))
    expected = TrainingDistance(container(rows))(container(others))
    found = TrainingDistance(container(unit * rows))(container(unit * others))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_rows_at_the_end_of_the_numbers_are_far(container):
    rows = rng.normal(size=(30, 3))
    far = TrainingDistance(container(rows))(container([[1e300, -1e300, 0.0]]))
    assert np.isfinite(far).all()
    assert (far > 1e50).all()


@pytest.mark.parametrize("Estimator", [SpectralNetClustering, SpectralNetEmbedding])
def test_a_row_in_a_gap_is_farther_than_one_like_the_training_rows(Estimator):
    X, _ = make_circles(400, noise=0.05, factor=0.5, random_state=0)
    model = Estimator(2, n_neighbors=20, **BRIEF).fit(X[:300])
    gap = model.score_samples([[0.0, 0.0]])
    far = model.score_samples([[9.0, 9.0]])
    like = model.score_samples(X[300:])
    assert far < gap < np.quantile(like, 0.02)
    assert model.score_samples(X[:300]).max() <= 0


def test_mirrored_digits_are_told_from_others():
    X, y = load_digits(return_X_y=True)
    known = y < 8
    model = SpectralNetEmbedding(4, **BRIEF).fit(X[known][:1000])
    scores = model.score_samples(np.vstack([X[known][1000:], X[known][1000:][:, ::-1]]))
    turned = np.repeat([0, 1], len(scores) // 2)
    assert roc_auc_score(turned, -scores) > 0.8


def test_graphs_have_no_distance_of_rows():
    W = np.ones((6, 6))
    model = SpectralNetEmbedding(2, affinity="precomputed").fit(W)
    with pytest.raises(ValueError, match="affinity='precomputed' takes graphs"):
        model.score_samples(W)


@pytest.mark.slow
def test_fashion_mnist_is_told_from_mnist():
    mnist, fashion_mnist = real_images("mnist"), real_images("fashion_mnist")
    model = SpectralNetClustering(10, **BRIEF).fit(mnist[:10_000])
    rows = np.vstack([mnist[60_000:], fashion_mnist[60_000:]])
    auc = roc_auc_score(np.repeat([0, 1], 10_000), -model.score_samples(rows))
    assert auc >= 0.99


@pytest.mark.parametrize("unit", [1e-170, 1e-30, 1e30, 1e160])
def test_the_unit_of_the_rows_does_not_count(unit):
    rows, queries = rng.normal(size=(40, 5)), 3 * rng.normal(size=(7, 5))
    expected = TrainingDistance(rows)(queries)
    found = TrainingDistance(unit * rows)(unit * queries)
    np.testing.assert_allclose(found, expected, rtol=1e-8)
    found = TrainingDistance(sparse.csr_matrix(unit * rows))(
        sparse.csr_matrix(unit * queries)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_where_the_origin_is_costs_no_digits():
    rows = rng.normal(size=(40, 5)).astype(np.float32)
    queries = 3 * rng.normal(size=(7, 5)).astype(np.float32)
    expected = TrainingDistance(rows)(queries)
    far = TrainingDistance(rows + np.float32(1e4))(queries + np.float32(1e4))
    np.testing.assert_allclose(far, expected, rtol=5e-3)
