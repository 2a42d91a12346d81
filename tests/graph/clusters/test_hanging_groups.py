"""Small groups in large graphs, found before eigenvectors are."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import make_moons
from sklearn.neighbors import kneighbors_graph

from sknet_spectral import SpectralNetClustering
from sknet_spectral._graph.clusters import hanging_groups
from sknet_spectral._graph.clusters.hanging_groups import hanging_rows
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from tests.data import BRIEF
from tests.graph.eigenvectors.test_coarse_graphs import grid

N_ROWS, N_GROUPS, N_IN_GROUP = 3000, 20, 8
ROWS = make_moons(N_ROWS, noise=0.08, random_state=0)[0]


def moons():
    W = kneighbors_graph(ROWS, 10)
    return sparse.csr_matrix(W.maximum(W.T))


def with_groups(thread=0.002):
    """Hang cliques of eight on rows of two moons, each by a thread."""
    cliques = [np.ones((N_IN_GROUP, N_IN_GROUP))] * N_GROUPS
    W = sparse.block_diag([moons(), *cliques], format="lil")
    first = N_ROWS + N_IN_GROUP * np.arange(N_GROUPS)
    hosts = 100 * np.arange(N_GROUPS)
    W[first, hosts] = W[hosts, first] = thread
    W.setdiag(0.0)
    return sparse.csr_matrix(W)


@pytest.fixture
def few_are_many(monkeypatch):
    monkeypatch.setattr(hanging_groups, "_MIN_NODES", 1000)


def found(W, min_rows=150, n_pairs=3):
    random_state = np.random.RandomState(0)
    return hanging_rows(Laplacian(W), n_pairs, min_rows, random_state)


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("thread", [0.002, 1e-6])
def test_the_rows_of_all_groups_are_found(thread):
    expected = np.arange(N_ROWS + N_IN_GROUP * N_GROUPS) >= N_ROWS
    np.testing.assert_array_equal(found(with_groups(thread)), expected)


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("graph", [moons, grid])
def test_there_are_none_in_a_graph_without_groups(graph):
    assert not found(graph()).any()


@pytest.mark.usefixtures("few_are_many")
def test_pieces_apart_and_groups_of_enough_rows_stay():
    assert not found(with_groups(thread=0.0)).any()
    assert not found(with_groups(), min_rows=1).any()
    assert not found(with_groups(), min_rows=4).any()


@pytest.mark.usefixtures("few_are_many")
def test_rows_that_reach_the_others_through_a_group_go_with_it():
    W = with_groups().tolil()
    n_rows = W.shape[0]
    tail = sparse.block_diag([W, sparse.csr_matrix((1, 1))], format="lil")
    tail[n_rows, n_rows - 1] = tail[n_rows - 1, n_rows] = 1e-3
    assert found(sparse.csr_matrix(tail))[n_rows]


def test_few_nodes_and_dense_graphs_have_none():
    assert not found(with_groups()).any()
    assert not found(with_groups().toarray()).any()


@pytest.mark.usefixtures("few_are_many")
def test_each_group_follows_the_row_that_it_hangs_on():
    W = with_groups()
    X = np.r_[ROWS, np.repeat(ROWS[100 * np.arange(N_GROUPS)], N_IN_GROUP, axis=0)]
    model = SpectralNetClustering(2, assign_labels="kmeans", **BRIEF)
    model.fit(X, affinity_matrix=W)
    assert model.spectrum_.shape == (2,)
    plain = Laplacian(moons()).eigenpairs(2)[0]
    np.testing.assert_allclose(model.spectrum_, plain, rtol=0.05, atol=1e-9)
    labels = model.labels_
    hosts = np.repeat(100 * np.arange(N_GROUPS), N_IN_GROUP)
    np.testing.assert_array_equal(labels[N_ROWS:], labels[hosts])
