"""Labels by merging small parts of the embedding on the graph."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import kneighbors_graph

from sknet_spectral._fit.labels.merged_centers import (
    MergedCenters,
    centers_of_partition,
    merge_centers,
)


def crescents(n_rows=600, seed=0):
    """Two bent clusters, which k-means cuts through."""
    rng = np.random.RandomState(seed)
    angle = rng.uniform(0, np.pi, n_rows)
    y = np.arange(n_rows) % 2
    X = np.column_stack([np.cos(angle) - y, (1 - 2 * y) * np.sin(angle) + 0.3 * y])
    return X + rng.normal(scale=0.05, size=X.shape), y


def merged(X, n_clusters, n_neighbors=10, **options):
    W = kneighbors_graph(X, n_neighbors)
    options = {"min_rows": 1, "unit_length": False} | options
    rs = np.random.RandomState(0)
    return merge_centers(X, (W + W.T).tocsr(), n_clusters, random_state=rs, **options)


def test_clusters_of_any_shape_are_found():
    X, y = crescents()
    assert adjusted_rand_score(y, merged(X, 2).labels(X)) == 1.0


def test_a_row_belongs_to_the_cluster_of_the_nearest_center():
    centers = np.array([[0.0, 0.0], [4.0, 0.0], [1.0, 0.0]])
    rule = MergedCenters(centers, np.array([1, 0, 1]), unit_length=False)
    rows = np.array([[0.1, 0.0], [2.4, 0.0], [2.6, 0.0], [9.0, 1.0]])
    np.testing.assert_array_equal(rule.labels(rows), [1, 1, 0, 0])
    np.testing.assert_allclose(rule.scores(rows)[1], [-(1.6**2), -(1.4**2)])


def test_typical_rows_are_near_the_middle_of_all_centers():
    centers = np.array([[0.0, 0.0], [4.0, 0.0], [2.0, 0.0], [1.0, 8.0]])
    rule = MergedCenters(centers, np.array([0, 0, 0, 1]), unit_length=False)
    rows = np.array([[0.0, 0.0], [2.1, 0.0], [4.0, 0.0]])
    assert rule.typicality(rows)[:, 0].argmax() == 1


def test_rows_of_unit_length_have_no_lengths():
    centers = np.eye(2)
    rule = MergedCenters(centers, np.array([0, 1]), unit_length=True)
    np.testing.assert_array_equal(rule.labels(np.array([[9.0, 1], [0.1, 0.9]])), [0, 1])


def test_a_row_alone_has_the_label_it_has_among_others():
    X, _ = crescents(9000)
    rule = merged(X, 5)
    together = rule.labels(X)
    some = range(0, 9000, 300)
    alone = [rule.labels(X[[row]])[0] for row in some]
    np.testing.assert_array_equal(together[list(some)], alone)


def test_every_cluster_has_training_rows():
    X, _ = crescents(200)
    labels = merged(X, 7).labels(X)
    np.testing.assert_array_equal(np.unique(labels), np.arange(7))


def test_a_dense_graph_serves_too():
    X, y = crescents()
    W = np.exp(-50 * np.square(X[:, None] - X).sum(axis=2))
    options = {"min_rows": 1, "unit_length": False}
    rs = np.random.RandomState(0)
    rule = merge_centers(X, W, 2, random_state=rs, **options)
    assert adjusted_rand_score(y, rule.labels(X)) == 1.0


@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_the_unit_of_weights_does_not_matter(unit):
    X, y = crescents(200)
    W = unit * kneighbors_graph(X, 10)
    options = {"min_rows": 1, "unit_length": False}
    rs = np.random.RandomState(0)
    rule = merge_centers(X, sparse.csr_matrix(W + W.T), 2, random_state=rs, **options)
    assert adjusted_rand_score(y, rule.labels(X)) == 1.0


def test_fewer_distinct_rows_than_clusters_are_the_clusters():
    X = np.repeat(np.eye(3), 10, axis=0)
    labels = merged(X, 5, n_neighbors=3).labels(X)
    assert len(np.unique(labels)) == 3


def test_parts_have_the_cluster_of_most_of_their_rows():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 200)
    Y = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]])[labels]
    Y = Y + rng.normal(size=Y.shape) * 0.3
    wrong = labels.copy()
    wrong[::20] = 1
    rule = centers_of_partition(
        Y, wrong, unit_length=False, random_state=np.random.RandomState(0)
    )
    assert np.mean(rule.labels(Y) == labels) > 0.98
