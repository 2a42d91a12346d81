"""Clusters that are few or say little come with a warning; rare groups do not."""

import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import make_blobs
from sklearn.exceptions import ConvergenceWarning

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from sknet_spectral._estimators import siamese
from tests.data import BRIEF, SMALL, lies_apart, some_digits

# Merged clusters of these rows are of like sizes.
KMEANS = {"assign_labels": "kmeans", **BRIEF}


def touching_blobs():
    """Draw 900 rows, and 60 and 40 that touch them."""
    centers = np.zeros((3, 5))
    centers[[1, 2], [0, 1]] = 4.0
    return make_blobs([900, 60, 40], centers=centers, random_state=0)[0]


def test_a_collapse_is_named_with_its_sizes_and_what_to_try():
    with pytest.warns(UserWarning, match="The clusters have .* rows") as caught:
        model = SpectralNetClustering(3, **KMEANS).fit(touching_blobs())
    sizes = -np.sort(-np.bincount(model.labels_))
    message = str(caught[0].message)
    assert ", ".join(map(str, sizes)) in message
    assert f"{sizes[0] / 1000:.0%}" in message
    assert "n_neighbors (now 15), n_components (now 3), metric (now 'eucl" in message
    assert "min_cluster_size (now None)" in message
    assert caught[0].filename == __file__


def test_what_to_try_goes_with_the_graph():
    X = touching_blobs()
    W = SpectralNetClustering(4, **BRIEF).fit(X[:, ::-1]).affinity_matrix_
    model = SpectralNetClustering(3, affinity="precomputed", **BRIEF)
    with pytest.warns(UserWarning, match=r"values of n_components \(now 3\), min_clu"):
        model.fit(W)


def test_a_siamese_network_is_tuned_by_the_metric_of_its_pairs(monkeypatch):
    monkeypatch.setattr(siamese, "pair_epochs", lambda n_samples, batch_size: 1)
    X = touching_blobs()
    model = SpectralNetClustering(3, affinity="siamese", metric="manhattan", **SMALL)
    with pytest.warns(UserWarning, match=r"values of .* metric \(now 'manhattan'\)"):
        model.fit(X)


@lies_apart
@pytest.mark.parametrize("seed", range(3))
def test_rare_groups_that_lie_apart_come_without_a_warning(seed):
    centers = [[0, 0], [10, 0], [0, 10]]
    X, _ = make_blobs([1000, 100, 30], centers=centers, random_state=seed)
    labels = SpectralNetClustering(3, random_state=0).fit_predict(X)
    assert sorted(np.bincount(labels)) == [30, 100, 1000]


@pytest.mark.parametrize("n_clusters", [1, 2, 4])
def test_balanced_clusters_come_without_a_warning(n_clusters):
    X = np.random.default_rng(0).normal(size=(500, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SpectralNetClustering(n_clusters, **BRIEF).fit(X)


def test_rows_of_the_graph_are_what_is_looked_at():
    X = np.concatenate([touching_blobs()] * 2)
    X += 1e-2 * np.random.default_rng(0).normal(size=X.shape)
    model = SpectralNetClustering(3, max_samples=1000, **KMEANS)
    with pytest.warns(UserWarning, match="The clusters have") as caught:
        model.fit(X)
    labels = model.labels_[model.sample_indices_]
    sizes = ", ".join(map(str, -np.sort(-np.bincount(labels))))
    assert sizes in str(caught[0].message)


@pytest.mark.parametrize("eigen_solver", [None, "stochastic"])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_fewer_distinct_rows_than_clusters_are_counted(container, eigen_solver):
    X = container(np.repeat(some_digits(3)[0], 20, axis=0))
    model = SpectralNetClustering(5, eigen_solver=eigen_solver, max_iter=1, **SMALL)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X)
    # The network is not to blame, and says nothing.
    (warning,) = caught
    assert "n_clusters=5 needs 5 distinct rows, and there are 3 among the 60" in str(
        warning.message
    )
    assert issubclass(warning.category, ConvergenceWarning)
    assert warning.filename == __file__
    assert model.n_clusters_ == 3


def test_fewer_distinct_rows_than_components_are_counted():
    X = np.repeat(some_digits(6)[0], 20, axis=0)
    with pytest.warns(ConvergenceWarning, match=r"n_components=6 needs 7 .* are 6 am"):
        SpectralNetEmbedding(6, **BRIEF).fit(X)


def test_a_weight_makes_no_row_distinct():
    X, weights = some_digits(6)[0], [9, 9, 9, 1, 0, 0]
    with pytest.warns(ConvergenceWarning, match="there are 4 among the 28"):
        SpectralNetClustering(5, **BRIEF).fit(X, sample_weight=weights)


@pytest.mark.parametrize("unit", [1.0, 1e-300, 1e300])
def test_enough_distinct_rows_come_without_a_warning(unit):
    X = unit * np.repeat(some_digits(5)[0], 20, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        assert SpectralNetClustering(5, **BRIEF).fit(X).n_clusters_ == 5
