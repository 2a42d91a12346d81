"""New rows of other lengths, where the metric does not see the length."""

import numpy as np
import pytest
from scipy import sparse

from sknet_spectral import SpectralNetClustering
from sknet_spectral.metrics import clustering_accuracy
from tests.data import BRIEF, SMALL, lies_apart

pytestmark = lies_apart
RNG = np.random.default_rng(0)
TOPICS = RNG.normal(size=(3, 24))


def embeddings(n_samples):
    topic = RNG.integers(3, size=n_samples)
    return 10 * TOPICS[topic] + 6 * RNG.normal(size=(n_samples, 24)), topic


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("metric", ["cosine", "correlation", "true_angular"])
@pytest.mark.parametrize("eigen_solver", [None, "stochastic"])
def test_rows_of_any_length_have_the_same_labels(metric, container, eigen_solver):
    X, topic = embeddings(240)
    options = {"metric": metric, "eigen_solver": eigen_solver, "max_iter": 10, **SMALL}
    model = SpectralNetClustering(3, **options).fit(container(X))
    assert clustering_accuracy(topic, model.labels_) > 0.98
    for factor in (1e-3, 1 / np.linalg.norm(X, axis=1, keepdims=True), 1e200):
        found = model.predict(container(factor * X))
        np.testing.assert_array_equal(found, model.labels_)
    np.testing.assert_array_equal(model.predict(container(X[:7])), model.labels_[:7])


def test_a_constant_added_to_a_row_changes_nothing_under_correlation():
    X, _ = embeddings(120)
    model = SpectralNetClustering(3, metric="correlation", **BRIEF).fit(X)
    shifted = X + RNG.normal(size=(120, 1))
    np.testing.assert_array_equal(model.predict(shifted), model.labels_)


def test_the_length_counts_where_the_metric_sees_it():
    X, _ = embeddings(120)
    W = np.ones((120, 120))
    for model in (
        SpectralNetClustering(3, **BRIEF).fit(X),
        SpectralNetClustering(3, affinity="rbf", metric="cosine", **BRIEF).fit(X / 100),
        SpectralNetClustering(3, metric="cosine", **BRIEF).fit(X, affinity_matrix=W),
    ):
        assert model.network_.form == "as_given"


def test_a_saved_map_does_not_see_lengths_either(tmp_path):
    X, _ = embeddings(120)
    model = SpectralNetClustering(3, metric="cosine", **BRIEF).fit(X)
    model.save(tmp_path / "model")
    loaded = SpectralNetClustering.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.predict(9 * X), model.predict(X))


def test_rows_of_zeros_have_a_label():
    X, _ = embeddings(120)
    for metric in ("cosine", "correlation"):
        model = SpectralNetClustering(3, metric=metric, **BRIEF).fit(X)
        assert np.isfinite(model.transform(np.zeros((2, 24)))).all()
