"""Distances given as affinities, and affinities given as distances."""

import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.metrics import pairwise_distances
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import NearestNeighbors, kneighbors_graph

from sknet_spectral import SpectralNetClustering
from tests.data import BRIEF

X = np.random.default_rng(0).normal(size=(60, 3))
D = pairwise_distances(X)
W = rbf_kernel(X, gamma=0.5)
AFFINITIES = SpectralNetClustering(2, affinity="precomputed", **BRIEF)
DISTANCES = SpectralNetClustering(
    2, affinity="precomputed_nearest_neighbors", n_neighbors=15, **BRIEF
)


def with_copies():
    rows = X.copy()
    rows[:6] = rows[6:12]
    return pairwise_distances(rows)


def stored_neighbors():
    return NearestNeighbors(n_neighbors=15).fit(X).kneighbors_graph(X, mode="distance")


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("distances", [D, with_copies()], ids=["all", "with copies"])
def test_distances_given_as_affinities_cause_a_warning(distances, container):
    with pytest.warns(UserWarning, match="are these distances"):
        AFFINITIES.fit(container(distances))


@pytest.mark.filterwarnings("ignore:.* is not symmetric")
def test_stored_distances_given_as_affinities_cause_a_warning():
    with pytest.warns(UserWarning, match="are these distances"):
        AFFINITIES.fit(stored_neighbors())


@pytest.mark.filterwarnings("ignore:.* of the edges have the smallest weight")
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_affinities_given_as_distances_cause_a_warning(container):
    with pytest.warns(UserWarning, match="are these affinities"):
        DISTANCES.fit(container(W))


def lists_of_neighbors(n_neighbors=10):
    """Store the distances to neighbours, without zeros on the diagonal."""
    return kneighbors_graph(X, n_neighbors, mode="distance")


def in_both_directions(graph):
    return graph.maximum(graph.T)


def weighted(graph, weigh):
    graph = graph.copy()
    graph.data = weigh(graph.data)
    return graph


def similarities(graph):
    return weighted(graph, lambda distances: np.exp(-(distances**2)))


@pytest.mark.filterwarnings("ignore:.* is not symmetric")
@pytest.mark.parametrize("container", [sparse.csr_matrix.toarray, sparse.csr_matrix])
@pytest.mark.parametrize("join", [lambda graph: graph, in_both_directions])
@pytest.mark.parametrize("n_neighbors", [5, 10])
def test_lists_of_distances_given_as_affinities_cause_a_warning(
    n_neighbors, join, container
):
    with pytest.warns(UserWarning, match="the smallest .* are these distances"):
        AFFINITIES.fit(container(join(lists_of_neighbors(n_neighbors))))


@pytest.mark.parametrize("join", [lambda graph: graph, in_both_directions])
@pytest.mark.parametrize("n_neighbors", [6, 10])
def test_lists_of_similarities_given_as_distances_cause_a_warning(n_neighbors, join):
    model = clone(DISTANCES).set_params(n_neighbors=5)
    with pytest.warns(UserWarning, match="the largest .* are these affinities"):
        model.fit(join(similarities(lists_of_neighbors(n_neighbors))))


def test_the_order_of_nodes_and_a_few_far_ones_do_not_hide_lists():
    far = np.r_[X, 50 + np.random.default_rng(1).normal(size=(6, 3))]
    graph = in_both_directions(kneighbors_graph(far, 5, mode="distance"))
    order = np.random.default_rng(2).permutation(66)
    with (
        pytest.warns(UserWarning, match="Graph is not fully connected"),
        pytest.warns(UserWarning, match="are these distances"),
    ):
        AFFINITIES.fit(graph[order][:, order])


def degree_normalised(graph):
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    scale = sparse.diags(degrees**-0.5)
    return sparse.csr_matrix(scale @ graph @ scale)


def shared_neighbors(graph):
    ones = weighted(graph, np.ones_like)
    return sparse.csr_matrix((ones @ ones).multiply(ones))


def random_network(n_nodes=200, mean_degree=8):
    rng = np.random.default_rng(0)
    links = np.triu(rng.random((n_nodes, n_nodes)) < mean_degree / n_nodes, 1)
    network = sparse.csr_matrix(links * rng.random((n_nodes, n_nodes)))
    return network + network.T


GRAPH = in_both_directions(lists_of_neighbors())


@pytest.mark.parametrize(
    "graph",
    [
        weighted(GRAPH, np.ones_like),
        degree_normalised(weighted(GRAPH, np.ones_like)),
        degree_normalised(
            weighted(GRAPH, lambda lengths: np.exp(-((lengths / 10) ** 2)))
        ),
        similarities(GRAPH),
        shared_neighbors(GRAPH),
        random_network(),
        degree_normalised(random_network()),
    ],
    ids=[
        "connectivity",
        "normalised",
        "nearly normalised",
        "similarities",
        "shared",
        "network",
        "normalised network",
    ],
)
def test_sparse_affinities_are_not_suspected(graph):
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*are these")
        warnings.filterwarnings("ignore", message="Graph is not fully connected")
        AFFINITIES.fit(graph)


@pytest.mark.parametrize("metric", ["euclidean", "sqeuclidean", "cosine"])
@pytest.mark.parametrize("join", [lambda graph: graph, in_both_directions])
def test_sparse_distances_are_not_suspected(metric, join):
    graph = kneighbors_graph(X, 16, mode="distance", metric=metric)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        DISTANCES.fit(join(graph))


@pytest.mark.filterwarnings("ignore:Graph is not fully connected")
@pytest.mark.filterwarnings("ignore:.* of the edges have the smallest weight")
def test_dense_lists_of_neighbors_cause_a_warning():
    with pytest.warns(UserWarning, match="mostly zero.* keep the others in a sparse"):
        DISTANCES.fit(stored_neighbors().toarray())


def test_negative_distances_are_named_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="takes distances, got negative ones"):
            DISTANCES.fit(-lists_of_neighbors())


def test_correct_matrices_cause_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        AFFINITIES.fit(W)
        AFFINITIES.fit(sparse.csr_matrix(W))
        AFFINITIES.fit(sparse.csr_matrix(np.where(W > 0.3, W - np.eye(60), 0)))
        DISTANCES.fit(D)
        DISTANCES.fit(stored_neighbors())


def test_distances_to_oneself_may_be_rounding():
    similarities = X @ X.T / np.sqrt(np.outer(np.square(X).sum(1), np.square(X).sum(1)))
    distances = np.abs(1.0 - similarities)
    assert distances.diagonal().any()
    with pytest.warns(UserWarning, match="are these distances"):
        AFFINITIES.fit(distances)
