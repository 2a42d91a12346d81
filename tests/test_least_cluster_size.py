"""Clusters have a least size: satellites and near-copies take none, rare groups do."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, make_blobs
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.model_selection import train_test_split
from sklearn.neighbors import NearestNeighbors

from sknet_spectral import SpectralNetClustering
from tests.data import BRIEF, lies_apart


@lies_apart
@pytest.mark.parametrize(
    ("sizes", "seed"),
    [([2000, 20], 0), ([2000, 20], 1), ([3000, 100, 30], 0), ([3000, 100, 30], 3)],
)
def test_rare_blobs_that_the_number_of_clusters_counts_are_clusters(sizes, seed):
    centers = [[0, 0], [8, 0], [0, 8]][: len(sizes)]
    X, y = make_blobs(sizes, centers=centers, random_state=seed)
    model = SpectralNetClustering(len(sizes), random_state=0).fit(X)
    assert model.n_connected_components_ < len(sizes)
    assert adjusted_rand_score(y, model.labels_) > 0.95
    np.testing.assert_array_equal(model.predict(X), model.labels_)


@lies_apart
@pytest.mark.parametrize("n_clusters", [3, 4])
def test_a_small_piece_is_a_cluster_if_the_others_are_fewer(n_clusters):
    centers = [[0, 0], [0, 5], [-5, 0], [40, 0]]
    X, y = make_blobs([1000, 1000, 1000, 25], centers=centers, random_state=0)
    expected = np.where(y < n_clusters, y, 0)
    model = SpectralNetClustering(n_clusters, random_state=0).fit(X)
    assert model.n_connected_components_ == 2
    assert adjusted_rand_score(expected, model.labels_) > 0.95


@lies_apart
@pytest.mark.parametrize("distance", [7, 10])
@pytest.mark.parametrize("seed", range(3))
def test_rare_blobs_of_the_least_size_are_clusters(distance, seed):
    centers = [[0, 0], [distance, 0], [0, distance]]
    X, y = make_blobs([1000, 100, 30], centers=centers, random_state=seed)
    model = SpectralNetClustering(3, min_cluster_size=20, random_state=0).fit(X)
    assert adjusted_rand_score(y, model.labels_) > 0.95
    np.testing.assert_array_equal(model.predict(X), model.labels_)


@pytest.mark.parametrize("size", [40, 0.04])
def test_a_piece_below_the_least_size_follows_the_nearest_larger_one(size):
    X, y = make_blobs(
        [500, 450, 30], centers=[[0, 0], [30, 0], [60, 0]], random_state=0
    )
    model = SpectralNetClustering(3, min_cluster_size=size, **BRIEF)
    with pytest.warns(UserWarning, match="the 30 rows of 1 small .* the other 2 stay"):
        model.fit(X)
    assert set(model.labels_[y == 2]) <= set(model.labels_[y == 1])
    assert len(set(model.labels_)) == 3


def with_satellites():
    """Draw four blobs that touch, and eight groups of 20 rows far from them."""
    centers = [[0, 0], [0, 5], [5, 0], [5, 5]]
    X, _ = make_blobs(2400, centers=centers, random_state=0)
    rng = np.random.default_rng(0)
    places = 100 * rng.normal(size=(8, 2))
    far = np.repeat(places, 20, axis=0) + rng.normal(size=(160, 2))
    return np.concatenate([X, far])


def test_satellites_do_not_take_most_of_the_clusters():
    X = with_satellites()
    with pytest.warns(UserWarning, match="160 rows of 8 small ones follow"):
        model = SpectralNetClustering(12, **BRIEF).fit(X)
    assert len(set(model.labels_[:2400])) == 12


def test_clumps_of_near_copies_do_not_take_the_clusters_of_the_others():
    X, y = load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    rows = X[rng.choice(len(X), 12, replace=False)]
    lengths, _ = NearestNeighbors(n_neighbors=16).fit(X).kneighbors(rows)
    noise = rng.normal(size=(12, 40, 64))
    noise *= 0.01 * lengths[:, 1:].mean() / np.linalg.norm(noise, axis=2, keepdims=True)
    clumps = (rows[:, None] + noise).reshape(-1, 64)

    def mean_score(rows, rule):
        # Two partitions of the digits have nearly equal cuts: some seeds find each.
        model = SpectralNetClustering(
            10, assign_labels=rule, hidden_layer_sizes=(64,), max_iter=4
        )
        found = [
            clone(model).set_params(random_state=seed).fit_predict(rows)[: len(X)]
            for seed in range(4)
        ]
        return np.mean([normalized_mutual_info_score(y, labels) for labels in found])

    beside = np.r_[X, clumps]
    assert mean_score(beside, "kmeans") > mean_score(X, "kmeans") - 0.02
    assert mean_score(beside, "auto") > 0.87


def test_cliques_that_hang_by_a_thread_take_no_cluster():
    y = np.r_[np.repeat(range(3), 200), np.repeat(range(3), 4)]
    group = np.r_[np.repeat(range(3), 200), np.repeat([3, 4, 5], 4)]
    W = np.where(group[:, None] == group, 1.0, 0.0)
    W[:600, :600] += 0.02
    for clique, block in enumerate((0, 200, 400)):
        W[600 + 4 * clique, block] = W[block, 600 + 4 * clique] = 0.1
    model = SpectralNetClustering(3, affinity="precomputed", random_state=0)
    assert adjusted_rand_score(y, model.fit(W).labels_) > 0.95
    model.set_params(n_components="auto")
    assert adjusted_rand_score(y, model.fit(W).labels_) > 0.95
    model.set_params(n_components=None, min_cluster_size=3)
    assert adjusted_rand_score(y, model.fit(W).labels_) < 0.5


@pytest.mark.parametrize("min_cluster_size", [None, 20, 0.15])
def test_clusters_of_more_than_the_least_size_stay_as_they_are(min_cluster_size):
    rng = np.random.default_rng(0)
    y = np.repeat(range(5), 40)
    W = np.triu(rng.random((200, 200)) < np.where(y[:, None] == y, 0.3, 0.03), 1)
    model = SpectralNetClustering(
        5, affinity="precomputed", min_cluster_size=min_cluster_size, random_state=0
    )
    model.fit(W + W.T)
    assert adjusted_rand_score(y, model.labels_) == 1.0


@pytest.mark.parametrize("n_clusters", [2, 4, 5, 7])
def test_nearly_as_many_clusters_as_nodes_use_eigenvectors(n_clusters):
    # The corners of a cube, each joined to three: 2/3 and 4/3 are triple.
    bits = (np.arange(8)[:, None] >> np.arange(3)) & 1
    W = (np.abs(bits[:, None] - bits).sum(axis=2) == 1).astype(float)
    model = SpectralNetClustering(n_clusters, affinity="precomputed", random_state=0)
    model.fit(W)
    exact = np.repeat([0.0, 2 / 3, 4 / 3, 2.0], [1, 3, 3, 1])[:n_clusters]
    np.testing.assert_allclose(model.eigenvalues_, exact, atol=1e-8)


@pytest.mark.parametrize("rule", ["discretize", "cluster_qr"])
def test_rules_that_rotate_eigenvectors_use_the_lowest(rule):
    W = np.kron(np.eye(3), np.ones((200, 200))) + 0.02
    W[-4:], W[:, -4:] = 0.0, 0.0
    W[-4:, -4:] = 1.0
    W[-1, 0] = W[0, -1] = 0.1
    model = SpectralNetClustering(
        2, affinity="precomputed", assign_labels=rule, random_state=0
    ).fit(W)
    assert np.bincount(model.labels_).min() == 4
    model.set_params(min_cluster_size=50).fit(W)
    assert np.bincount(model.labels_).min() > 50


def test_a_way_of_writing_one_digit_is_no_cluster():
    X, _ = load_digits(return_X_y=True)
    X, _ = train_test_split(X, test_size=0.2, random_state=8)
    sizes = np.bincount(SpectralNetClustering(10, random_state=8).fit_predict(X))
    assert sizes.min() >= len(X) / 60


def test_more_rows_than_there_are_are_refused():
    with pytest.raises(ValueError, match="min_cluster_size=31 must not exceed"):
        SpectralNetClustering(2, min_cluster_size=31).fit(np.eye(30))
