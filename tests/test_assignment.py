"""From an embedding to labels, against scikit-learn's rules."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.cluster._spectral import cluster_qr, discretize
from sklearn.datasets import load_digits
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import kneighbors_graph

from sknet_spectral import SpectralNetClustering
from sknet_spectral._assignment import (
    Discretization,
    NearestCenter,
    PivotedRotation,
    assignment_rule,
    most_auto_components,
    most_modular_centers,
    most_modular_components,
    unit_rows,
)
from sknet_spectral._graph.laplacian import Laplacian
from tests.data import some_digits


def rule_of(name, Y, n_clusters=None):
    if name == "discretize":
        return Discretization(Y, random_state=np.random.RandomState(0))
    if name == "cluster_qr":
        return PivotedRotation(Y)
    return NearestCenter(
        Y,
        n_clusters or Y.shape[1],
        unit_length=True,
        n_init=10,
        random_state=np.random.RandomState(0),
        verbose=False,
    )


def kmeans(Y):
    model = KMeans(Y.shape[1], n_init=10, random_state=0)
    return model.fit_predict(unit_rows(Y))


PEERS = {
    "kmeans": kmeans,
    "discretize": lambda Y: discretize(Y, random_state=0),
    "cluster_qr": cluster_qr,
}


@pytest.fixture(scope="module", params=[2, 5, 10])
def embedding(request):
    """Exact eigenvectors of a graph of digits."""
    X, _ = some_digits(500)
    W = kneighbors_graph(X, 15)
    laplacian = Laplacian(0.5 * (W + W.T))
    return laplacian.eigenpairs(request.param, random_state=np.random.RandomState(0))[1]


@pytest.mark.parametrize("name", sorted(PEERS))
def test_labels_are_those_of_scikit_learn(name, embedding):
    labels = rule_of(name, embedding).labels(embedding)
    expected = PEERS[name](embedding)
    agreement = 1.0 if name == "cluster_qr" else 0.98
    assert adjusted_rand_score(expected, labels) >= agreement


@pytest.mark.parametrize("name", sorted(PEERS))
def test_rows_are_labelled_one_by_one(name, embedding):
    rule = rule_of(name, embedding)
    together = rule.labels(embedding)
    one_by_one = [rule.labels(row[None])[0] for row in embedding]
    np.testing.assert_array_equal(together, one_by_one)
    assert together.dtype == np.int32


@pytest.mark.parametrize("name", sorted(PEERS))
def test_labels_are_consecutive_where_clusters_stay_empty(name):
    # Three distinct rows, four columns: at most three clusters.
    Y = np.repeat(np.array([[1, 1, 0, 0], [1, -1, 0, 0], [1, 0, 1, 0]]), 4, axis=0)
    labels = rule_of(name, Y.astype(float)).labels(Y.astype(float))
    assert set(labels) == set(range(len(set(labels))))
    assert len(set(labels)) > 1


@pytest.mark.parametrize("name", sorted(PEERS))
def test_zero_rows_are_no_error(name, embedding):
    Y = embedding.copy()
    Y[:3] = 0
    rule = rule_of(name, Y)
    assert len(set(rule.labels(Y)[:3])) == 1


def test_fewer_distinct_rows_than_clusters_are_centres_of_their_own():
    Y = np.repeat(np.eye(3), 5, axis=0)
    rule = rule_of("kmeans", Y, 8)
    assert len(rule.centers) == 3
    assert len(set(rule.labels(Y))) == 3


def test_rows_go_to_unit_length_and_zeros_stay():
    Y = np.array([[3.0, 4.0], [0.0, 0.0]])
    np.testing.assert_array_equal(unit_rows(Y), [[0.6, 0.8], [0, 0]])


def test_a_single_component_is_not_scaled():
    Y = np.array([[1.0], [1.1], [5.0], [5.1]])
    labels = rule_of("kmeans", Y, 2).labels(Y)
    np.testing.assert_array_equal(labels == labels[0], [True, True, False, False])


def chosen(Y, y, n_clusters, on_many=None):
    """The columns for a graph that joins the rows of one cluster, and no others."""
    if on_many is None:
        on_many = np.ones(Y.shape[1], dtype=bool)
    columns = most_modular_components(
        Y,
        (y[:, None] == y).astype(float),
        on_many,
        n_clusters,
        unit_length=True,
        random_state=np.random.RandomState(0),
    )
    return columns.tolist()


def test_centres_of_many_rows_come_from_some_of_them(monkeypatch):
    monkeypatch.setattr("sknet_spectral._assignment._MOST_POINTS", 100)
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=2000)
    Y = np.eye(3)[y] + 0.01 * rng.normal(size=(2000, 3))
    options = {"n_init": 10, "unit_length": True, "verbose": False}
    seen = []
    monkeypatch.setattr(
        "sknet_spectral._assignment.NearestCenter",
        lambda Y, *args, **kwargs: (
            seen.append(len(Y)) or NearestCenter(Y, *args, **kwargs)
        ),
    )
    random_state = np.random.RandomState(0)
    rule = assignment_rule(Y, 3, "kmeans", random_state=random_state, **options)
    W = (y[:, None] == y).astype(float)
    other = most_modular_centers(Y, W, 3, random_state=random_state, **options)
    for found in (rule, other):
        assert adjusted_rand_score(y, found.labels(Y)) == 1.0
        assert len(found.centers) == 3
    assert set(seen) == {100}


@pytest.mark.parametrize("joined", [0, 1], ids=["by x", "by y"])
@pytest.mark.parametrize("height", [1.03, 1.2], ids=["near", "far"])
def test_the_graph_chooses_among_runs_of_like_inertia(joined, height):
    corners = np.array([[x, y] for x in (-1, 1) for y in (-1, 1)])
    signs = np.repeat(corners, 20, axis=0)
    noise = 0.01 * np.random.default_rng(0).normal(size=signs.shape)
    side = signs[:, joined]
    rule = most_modular_centers(
        signs * [1.0, height] + noise,
        (side[:, None] == side).astype(float),
        2,
        n_init=20,
        unit_length=False,
        random_state=np.random.RandomState(0),
        verbose=False,
    )
    # The longer side is the cheaper one to cut, by 6 % or 44 % of the inertia.
    expected = side if height < 1.1 else signs[:, 1]
    assert adjusted_rand_score(expected, rule.labels(signs * [1.0, height])) == 1.0


def test_candidates_reach_to_1_4_times_the_clusters():
    assert [most_auto_components(k) for k in (1, 2, 3, 10)] == [1, 2, 4, 14]


def test_components_are_taken_that_tell_the_clusters_apart():
    # The last of six clusters stands out in the seventh component alone.
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(6), 50)
    Y = np.column_stack([np.eye(6)[np.minimum(y, 4)][:, :5], rng.normal(size=300)])
    Y[:, 5] *= 0.3
    Y = np.column_stack([Y, 3.0 * (y == 5)])
    assert chosen(Y, y, 6) == [0, 1, 2, 3, 4, 5, 6]


def test_the_smaller_of_two_numbers_that_are_as_good_is_taken():
    y = np.repeat(np.arange(5), 20)
    Y = np.column_stack([np.eye(5)[y], np.zeros((100, 2))])
    assert chosen(Y, y, 5) == [0, 1, 2, 3, 4]
    assert chosen(Y[:, :5], y, 5) == [0, 1, 2, 3, 4]


def test_columns_that_live_on_few_rows_are_passed_over_where_that_is_better():
    y = np.repeat(np.arange(4), 20)
    few = np.zeros((80, 3))
    few[[3, 33, 66], [0, 1, 2]] = 9.0
    Y = np.column_stack([np.ones(80), few, np.eye(4)[y][:, 1:]])
    on_many = np.array([True, False, False, False, True, True, True])
    assert chosen(Y, y, 4, on_many) == [0, 4, 5, 6]
    assert chosen(Y, y, 4) == [0, 1, 2, 3, 4]
    # Here they are all that tells the clusters apart.
    few = np.repeat(np.arange(4), [77, 1, 1, 1])
    Y = np.column_stack([np.ones(80), np.eye(4)[few][:, 1:], np.ones((80, 3))])
    assert chosen(Y, few, 4, on_many) == [0, 1, 2, 3]


def test_the_number_of_components_hardly_hangs_on_the_seed():
    X, _ = load_digits(return_X_y=True)
    W = SpectralNetClustering(10, max_iter=1, random_state=0).fit(X).affinity_matrix_
    Y = Laplacian(W).eigenpairs(14, random_state=np.random.RandomState(0))[1]
    on_many = np.ones(14, dtype=bool)
    for seed in range(5):
        random_state = np.random.RandomState(seed)
        columns = most_modular_components(
            Y, W, on_many, 10, unit_length=True, random_state=random_state
        )
        # Ones in two styles take an eigenvector before the tenth digit does.
        assert len(columns) in {13, 14}
