"""What the graph chooses: numbers of components, runs of k-means."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from sknet_spectral._fit.labels import k_means, modular_choice
from sknet_spectral._fit.labels.k_means import KMeansOptions
from sknet_spectral._fit.labels.modular_choice import (
    max_auto_components,
    most_modular_centers,
    most_modular_components,
)
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian


def chosen(Y, y, n_clusters):
    """The number for a graph that joins the rows of one cluster, and no others."""
    return most_modular_components(
        Y,
        (y[:, None] == y).astype(float),
        n_clusters,
        unit_length=True,
        random_state=np.random.RandomState(0),
    )


def test_all_runs_find_their_centres_among_the_same_rows(monkeypatch):
    monkeypatch.setattr(k_means, "_MAX_POINTS", 100)
    seen = []

    def recorded(rows, *args):
        seen.append(rows)
        return k_means.k_means(rows, *args)

    monkeypatch.setattr(modular_choice, "k_means", recorded)
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=600)
    Y = np.eye(3)[y] + 0.01 * rng.normal(size=(600, 3))
    rule = most_modular_centers(
        Y,
        (y[:, None] == y).astype(float),
        3,
        KMeansOptions(unit_length=True, n_init=10),
        np.random.RandomState(0),
    )
    assert adjusted_rand_score(y, rule.labels(Y)) == 1.0
    assert len(seen[0]) == 100
    assert all(rows is seen[0] for rows in seen)


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
        KMeansOptions(unit_length=False, n_init=1),
        np.random.RandomState(0),
    )
    # The longer side is the cheaper one to cut, by 6 % or 44 % of the inertia.
    expected = side if height < 1.1 else signs[:, 1]
    assert adjusted_rand_score(expected, rule.labels(signs * [1.0, height])) == 1.0


def test_candidates_reach_to_1_4_times_the_clusters():
    assert [max_auto_components(k) for k in (1, 2, 3, 10)] == [1, 2, 4, 14]


def test_components_are_taken_that_tell_the_clusters_apart():
    # The last of six clusters stands out in the seventh component alone.
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(6), 50)
    Y = np.column_stack([np.eye(6)[np.minimum(y, 4)][:, :5], rng.normal(size=300)])
    Y[:, 5] *= 0.3
    Y = np.column_stack([Y, 3.0 * (y == 5)])
    assert chosen(Y, y, 6) == 7


def test_the_smaller_of_two_numbers_that_are_as_good_is_taken():
    y = np.repeat(np.arange(5), 20)
    Y = np.column_stack([np.eye(5)[y], np.zeros((100, 2))])
    assert chosen(Y, y, 5) == 5
    assert chosen(Y[:, :5], y, 5) == 5


def test_the_number_of_components_hardly_depends_on_the_seed(digits):
    W = digits[2].affinity_matrix_
    Y = Laplacian(W).eigenpairs(14, random_state=np.random.RandomState(0))[1]
    for seed in range(5):
        random_state = np.random.RandomState(seed)
        n_components = most_modular_components(
            Y, W, 10, unit_length=True, random_state=random_state
        )
        # Ones in two styles take an eigenvector before the tenth digit does.
        assert n_components in {13, 14}
