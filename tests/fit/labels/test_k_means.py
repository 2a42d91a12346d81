"""K-means on the rows of an embedding."""

import numpy as np
from scipy import sparse
from sklearn.cluster import kmeans_plusplus
from sklearn.metrics import adjusted_rand_score

from sknet_spectral._fit.labels.k_means import KMeansOptions, k_means, k_means_rule
from sknet_spectral._fit.labels.label_choice import LabelOptions, learn_labels


def rule_of(Y, n_clusters):
    options = KMeansOptions(unit_length=True, n_init=10)
    return k_means_rule(Y, n_clusters, options, np.random.RandomState(0))


def test_the_inertia_is_the_sum_of_squared_distances_to_the_centres():
    points = np.array([[0.0, 0.0], [0.0, 2.0], [9.0, 0.0], [9.0, 4.0]])
    options = KMeansOptions(unit_length=False, n_init=5)
    found = k_means(points, 2, options, np.random.RandomState(0))
    assert sorted(found.centers.tolist()) == [[0.0, 1.0], [9.0, 2.0]]
    assert found.inertia == 10.0


def test_fewer_distinct_rows_than_clusters_are_centres_of_their_own():
    Y = np.repeat(np.eye(3), 5, axis=0)
    rule = rule_of(Y, 8)
    assert len(rule.centers) == 3
    assert len(set(rule.labels(Y))) == 3


def test_initial_centres_are_drawn_from_some_of_many_rows(monkeypatch):
    seen = []

    def recorded(points, n_clusters, **options):
        seen.append(len(points))
        return kmeans_plusplus(points, n_clusters, **options)

    monkeypatch.setattr("sknet_spectral._fit.labels.k_means.kmeans_plusplus", recorded)
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=5000)
    Y = np.eye(3)[y] + 0.01 * rng.normal(size=(5000, 3))
    assert adjusted_rand_score(y, rule_of(Y, 3).labels(Y)) == 1.0
    rule_of(rng.normal(size=(4000, 3)), 150)
    assert set(seen) == {2000, 3000}


def test_centres_of_many_rows_come_from_some_of_them(monkeypatch):
    monkeypatch.setattr("sknet_spectral._fit.labels.k_means._MAX_POINTS", 100)
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=2000)
    Y = np.eye(3)[y] + 0.01 * rng.normal(size=(2000, 3))
    options = LabelOptions(
        assign_labels="kmeans",
        compares_partitions=False,
        unit_length=True,
        n_init=10,
        min_cluster_size=None,
        of_given_graph=False,
    )
    W = sparse.csr_matrix((2000, 2000))
    rule = learn_labels(Y, W, W, 3, options, np.random.RandomState(0))
    assert adjusted_rand_score(y, rule.labels(Y)) == 1.0
    assert len(rule.centers) == 3
    all_rows = rule_of(Y, 3)
    assert not np.array_equal(rule.centers, all_rows.centers)
