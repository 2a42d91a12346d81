"""Metrics as pynndescent defines them, searched exactly, and where they end."""

import numpy as np
import pynndescent
import pytest
from scipy import sparse

from sknet_spectral._graph.affinities.parameter_free import reduce_graph
from sknet_spectral._graph.metrics.distances import METRICS
from sknet_spectral._graph.metrics.metric_spaces import metric_space
from sknet_spectral._graph.metrics.pairwise_measures import (
    SET_METRICS,
    blocks_of_distances,
    distances_between,
)
from sknet_spectral._graph.search.neighbors import nearest_neighbors

RNG = np.random.default_rng(0)
SETS = (RNG.random((30, 12)) < 0.3).astype(float)
SHARES = RNG.dirichlet(np.ones(6), size=30)
PLACES = RNG.uniform(-1.5, 1.5, size=(30, 2))
ROWS = {
    **dict.fromkeys(SET_METRICS, SETS[SETS.any(axis=1)]),
    **dict.fromkeys(["hellinger", "jensen_shannon", "symmetric_kl", "tsss"], SHARES),
    "haversine": PLACES,
    "spearmanr": SHARES,
    "canberra": SHARES,
    "braycurtis": SHARES,
}


def distances(X, metric):
    space = metric_space(X, metric)
    return space.finish(distances_between(space.rows, space.rows, space.metric))


@pytest.mark.parametrize("metric", sorted(ROWS))
def test_distances_equal_those_of_pynndescent(metric, monkeypatch):
    X = ROWS[metric]
    # Uncompiled, with what spearmanr calls, so that the test takes no seconds.
    measure = pynndescent.distances.named_distances[metric].py_func
    for called in ("rankdata", "correlation"):
        function = getattr(pynndescent.distances, called).py_func
        monkeypatch.setattr(pynndescent.distances, called, function)
    with np.errstate(invalid="ignore"):  # tsss of equal rows
        expected = [[float(measure(a, b)) for b in X] for a in X]
    found = distances(X, metric)
    np.fill_diagonal(found, 0.0)
    expected = np.where(np.eye(len(X)), 0, expected)
    if metric == "tsss":  # of which older versions give half
        found, expected = found / found.max(), expected / expected.max()
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("metric", sorted(ROWS.keys() - {"haversine", "spearmanr"}))
def test_sparse_rows_have_the_same_distances(metric):
    found = distances(sparse.csr_matrix(ROWS[metric]), metric)
    np.testing.assert_allclose(found, distances(ROWS[metric], metric), atol=1e-7)


def test_true_angles_grow_with_the_angle():
    X = np.array([[1.0, 0], [1, 1], [0, 1], [-1, 0]])
    np.testing.assert_allclose(distances(X, "true_angular")[0], [0, 0.25, 0.5, 1])


def test_blocks_are_parts_of_the_whole(monkeypatch):
    monkeypatch.setattr(
        "sknet_spectral._graph.metrics.pairwise_measures._BLOCK_ENTRIES", 60
    )
    whole = distances_between(SETS, SETS, "jaccard")
    blocks = list(blocks_of_distances(SETS, SETS, "jaccard"))
    assert len(blocks) == 15
    for rows, part in blocks:
        np.testing.assert_array_equal(part, whole[rows])


# Two groups, and two rows of their own.
APART = np.zeros((12, 9))
APART[:5, 0:3] = [[1, 2, 3], [3, 2, 1], [1, 1, 1], [2, 2, 3], [3, 1, 2]]
APART[5:10, 3:6] = APART[:5, 0:3]
APART[10, 7] = APART[11, 8] = 1.0


@pytest.mark.parametrize(
    "metric",
    [
        "cosine",
        "true_angular",
        "hellinger",
        "jensen_shannon",
        "braycurtis",
        "jaccard",
        "dice",
        "kulsinski",
        "sokalsneath",
        "russellrao",
        "yule",
    ],
)
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_rows_with_nothing_in_common_are_not_neighbors(metric, container):
    search = {"metric": metric, "random_state": np.random.RandomState(0)}
    _, lengths = nearest_neighbors(container(APART), 9, **search)
    related = np.isfinite(lengths).sum(axis=1)
    np.testing.assert_array_equal(related, [4] * 10 + [0] * 2)


@pytest.mark.parametrize("metric", ["cosine", "hellinger", "jaccard"])
def test_empty_rows_have_nothing_in_common(metric):
    X = np.concatenate([APART[:5], np.zeros((4, 9))])
    search = {"metric": metric, "random_state": np.random.RandomState(0)}
    _, lengths = nearest_neighbors(X, 6, **search)
    related = np.isfinite(lengths).sum(axis=1)
    np.testing.assert_array_equal(related, [4] * 5 + [0] * 4)


@pytest.mark.parametrize("metric", ["cosine", "jaccard"])
def test_the_parameter_free_graph_joins_none_of_them_strongly(metric):
    W = reduce_graph(APART, metric=metric).W.toarray()
    assert W[:5, 5:10].max() == 0
    assert W[10:].max() < 1e-6


def test_latitudes_and_longitudes_in_degrees_are_noticed():
    with pytest.warns(UserWarning, match=r"radians.* np\.radians\(X\)"):
        metric_space(np.degrees(PLACES), "haversine")
    with pytest.raises(ValueError, match="X has 6"):
        metric_space(SHARES, "haversine")


@pytest.mark.parametrize("metric", ["hellinger", "jensen_shannon", "symmetric_kl"])
def test_negative_shares_are_refused(metric):
    with pytest.raises(ValueError, match=f"{metric}.* negative entries"):
        metric_space(-SHARES, metric)


def test_all_metrics_have_a_space():
    for metric in METRICS:
        space = metric_space(np.abs(PLACES), metric)
        assert space.rows.shape[0] == 30
