"""Whether the number of clusters counts small groups, by the eigenvalues."""

import numpy as np
import pytest
from scipy import sparse

from sknet_spectral._graph.clusters.rare_groups import (
    are_counted,
    min_rare_rows,
    with_counted_pieces,
    without_uncounted_groups,
)
from sknet_spectral._graph.clusters.small_groups import Reduced
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian


@pytest.mark.parametrize(
    ("spectrum", "n_small", "n_clusters"),
    [
        ([0, 0.1, 0.9, 1, 1], 1, 2),
        ([0, 0, 0.2, 0.3, 0.9, 1, 1], 2, 4),
        ([0, 0, 0.01, 0.9, 1, 1], 2, 3),
    ],
)
def test_a_gap_that_small_groups_make_counts_them(spectrum, n_small, n_clusters):
    others = np.array([0, *spectrum[n_small + 1 :]])
    assert are_counted(np.array(spectrum), others, n_clusters)


@pytest.mark.parametrize(
    ("spectrum", "n_small", "n_clusters"),
    [
        pytest.param([0, 0.6, 0.9, 1, 1], 1, 2, id="a small gap"),
        pytest.param([0, 0.1, 0.3, 0.9, 1], 1, 2, id="a gap without them"),
        pytest.param([0, 0.1, 0.9, 1, 1], 0, 2, id="no small groups"),
        pytest.param([0, 0, 0.1, 0.9, 1, 1], 2, 2, id="most clusters"),
        pytest.param([0, 0, 0, 0, 0.1, 0.2, 0.9, 1, 1, 1], 3, 6, id="many groups"),
        pytest.param([0, 0.1, 0.9], 1, 2, id="too few eigenvalues"),
        pytest.param([0, 0, 0, 0, 1], 1, 2, id="more pieces than clusters"),
    ],
)
def test_other_eigenvalues_count_none(spectrum, n_small, n_clusters):
    others = np.array([0, *spectrum[n_small + 1 :]])
    assert not are_counted(np.array(spectrum), others, n_clusters)


def blocks(sizes, n_joined, thread):
    """Draw full blocks, the first of which are joined by weak edges."""
    group = np.repeat(range(len(sizes)), sizes)
    W = np.where(group[:, None] == group, 1.0, 0.0)
    joined = group < n_joined
    W[np.ix_(joined, joined)] += thread
    np.fill_diagonal(W, 0.0)
    return W, np.maximum(group - n_joined + 1, 0)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize(("n_clusters", "is_counted"), [(3, True), (2, False)])
def test_small_pieces_count_if_the_others_have_fewer_clusters(
    n_clusters, is_counted, container
):
    W, pieces = blocks([200, 200, 12, 5], 2, 0.05)
    counted = with_counted_pieces(
        container(W), pieces, np.array([True, False, False]), n_clusters
    )
    # A piece of five rows is none in any case.
    assert counted.tolist() == [True, is_counted, False]


def test_near_copies_that_weak_edges_join_are_not_counted():
    W, pieces = blocks([200, 200, 12], 2, 0.05)
    W[0, -1] = W[-1, 0] = 1e-6
    counted = with_counted_pieces(W, pieces, np.array([True, False]), 3)
    assert counted.tolist() == [True, False]


def test_large_pieces_stay_as_they_are():
    W, pieces = blocks([200, 200, 12], 2, 0.05)
    assert with_counted_pieces(W, pieces, np.array([True, True]), 3).all()


def test_a_group_has_ten_rows_or_a_share_of_the_mean_cluster():
    assert min_rare_rows(2020, 2) == 10
    assert min_rare_rows(1_000_000, 10) == 200


def pairs_with_waves(graph):
    """Return the lowest four eigenpairs, and one inside each of three full blocks."""
    values, Y = graph.eigenpairs(4, random_state=np.random.RandomState(0))
    wave = np.cos((np.arange(200) + 0.5) * np.pi / 200)
    waves = np.zeros((len(Y), 3))
    for block in range(3):
        waves[200 * block : 200 * (block + 1), block] = wave
    waves *= np.sqrt(graph.volume / (graph.mass @ np.square(waves)))
    inside = np.diag(graph.energy(waves)) / graph.volume
    return np.r_[values, inside], np.hstack([Y, waves])


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize(("n_clusters", "is_counted"), [(3, False), (4, True)])
def test_a_group_that_makes_the_gap_smaller_is_left_out(
    n_clusters, is_counted, container
):
    graph = Laplacian(container(blocks([200, 200, 200, 25], 4, 0.01)[0]))
    kept = Reduced(*pairs_with_waves(graph), min_rows=7, is_doubtful=False)
    found = without_uncounted_groups(kept, graph, n_clusters, n_clusters)
    assert (found is kept) == is_counted
    assert found.min_rows == (7 if is_counted else 625 / 18)
    # The group of the last 25 rows has the third eigenvalue above zero.
    spread = np.abs(found.Y[600:, 3]).min()
    assert (spread > 1) == is_counted


def test_too_few_eigenvalues_are_doubtful():
    graph = Laplacian(blocks([200, 200, 200, 25], 4, 0.01)[0])
    pairs = graph.eigenpairs(4, random_state=np.random.RandomState(0))
    kept = Reduced(*pairs, min_rows=7, is_doubtful=False)
    found = without_uncounted_groups(kept, graph, 3, 3)
    assert found.Y is kept.Y
    assert found.is_doubtful


def test_no_group_leaves_eigenpairs_as_they_are():
    graph = Laplacian(blocks([200, 200, 200], 3, 0.01)[0])
    pairs = graph.eigenpairs(3, random_state=np.random.RandomState(0))
    kept = Reduced(*pairs, min_rows=7, is_doubtful=False)
    assert without_uncounted_groups(kept, graph, 3, 3) is kept
