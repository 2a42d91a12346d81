"""Eigenvectors without the directions of small groups."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from sknet_spectral._fit.labels.assignment import unit_rows
from sknet_spectral._graph.clusters.small_groups import without_small_groups
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from tests.graph.clusters.test_collapse import neighbor_graph


def blocks_and_cliques(n_cliques, thread=0.1):
    """Draw three blocks of 200 rows, and cliques of four that hang on the first."""
    n_rows = 600 + 4 * n_cliques
    group = np.repeat(range(3 + n_cliques), [200] * 3 + [4] * n_cliques)
    W = np.where(group[:, None] == group, 1.0, 0.0)
    W[:600, :600] += 0.02
    first = np.arange(600, n_rows, 4)
    W[first, np.arange(n_cliques)] = W[np.arange(n_cliques), first] = thread
    np.fill_diagonal(W, 0.0)
    return sparse.csr_matrix(W), group


def reduced(W, n_pairs, n_wanted, min_rows):
    graph = Laplacian(W)
    pairs = graph.eigenpairs(n_pairs, random_state=np.random.RandomState(0))
    return graph, pairs, without_small_groups(*pairs, graph, n_wanted, min_rows)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("n_cliques", [1, 2, 12])
def test_small_groups_take_no_dimension_even_if_they_share_some(n_cliques, container):
    W, group = blocks_and_cliques(n_cliques)
    graph, _, found = reduced(container(W.toarray()), 3 + n_cliques, 3, 20)
    assert found.Y.shape == (len(group), 3)
    labels = KMeans(3, n_init=10, random_state=0).fit_predict(unit_rows(found.Y))
    assert adjusted_rand_score(group[:600], labels[:600]) == 1.0
    assert (labels[600:] == labels[0]).all()
    moment = found.Y.T @ (graph.mass[:, None] * found.Y) / graph.volume
    np.testing.assert_allclose(moment, np.eye(3), atol=0.1)
    np.testing.assert_allclose(found.Y[:, 0], 1.0)
    assert (np.diff(found.eigenvalues) >= 0).all()


def test_without_small_groups_nothing_changes():
    W, _ = blocks_and_cliques(0)
    _, (eigenvalues, Y), found = reduced(W, 3, 3, 20)
    assert found.eigenvalues is eigenvalues
    assert found.Y is Y
    assert not found.is_doubtful


@pytest.mark.parametrize("n_pairs", [3, 6, 30])
@pytest.mark.parametrize("min_rows", [1, 5, 15])
def test_rows_are_not_small_groups_only_because_vectors_are_many(n_pairs, min_rows):
    rng = np.random.default_rng(0)
    group = np.repeat(range(3), 10)
    likely = np.where(group[:, None] == group, 0.9, 0.1)
    W = np.triu(rng.random((30, 30)) < likely, 1).astype(float)
    _, (_, Y), found = reduced(sparse.csr_matrix(W + W.T), n_pairs, 3, min_rows)
    assert found.Y is Y


def test_groups_of_which_a_part_is_in_the_span_are_doubtful():
    W, _ = blocks_and_cliques(12)
    _, (_, Y), found = reduced(W, 3, 3, 20)
    assert found.Y is Y
    assert found.is_doubtful


def test_as_many_vectors_stay_as_are_wanted():
    W, _ = blocks_and_cliques(12)
    _, _, found = reduced(W, 6, 5, 20)
    assert found.Y.shape[1] == 5


def test_groups_of_enough_rows_keep_their_dimensions():
    W, _ = blocks_and_cliques(2)
    _, (_, Y), found = reduced(W, 5, 3, 3)
    assert found.Y is Y


@pytest.mark.parametrize("seed", range(3))
def test_rare_blobs_are_found_in_exact_eigenvectors(seed):
    centers = [[0, 0], [7, 0], [0, 7]]
    X, y = make_blobs([1000, 100, 30], centers=centers, random_state=seed)
    W = neighbor_graph(X)
    _, _, found = reduced(W, 6, 3, 20)
    points = unit_rows(found.Y[:, :3])
    labels = KMeans(3, n_init=10, random_state=0).fit_predict(points)
    assert adjusted_rand_score(y, labels) > 0.95


def test_a_piece_apart_keeps_its_dimension():
    W, _ = blocks_and_cliques(1, thread=0.0)
    _, (_, Y), found = reduced(W, 4, 3, 20)
    assert found.Y is Y


def test_copies_of_a_row_are_not_a_small_group():
    W, _ = blocks_and_cliques(0)
    count = np.where(np.arange(600) % 10 == 0, 50.0, 1.0)
    W = sparse.csr_matrix(sparse.diags(count) @ W @ sparse.diags(count))
    _, (_, Y), found = reduced(W, 3, 3, 60)
    assert found.Y is Y
