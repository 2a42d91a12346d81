"""From rows, distances or affinities to a graph."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import NearestNeighbors

from sknet_spectral._graph.affinities.affinity import WeightOptions
from sknet_spectral._graph.affinities.construction import (
    build_affinity,
    effective_neighbors,
    given_affinity,
)
from sknet_spectral._graph.search.neighbors import NeighborOptions

X = np.random.default_rng(0).normal(size=(40, 3))
STORED = "precomputed_nearest_neighbors"


def build(
    rows, affinity, n_neighbors=None, weights="local_scaling", gamma=1.0, **options
):
    return build_affinity(
        rows,
        affinity,
        neighbor_options=NeighborOptions(
            n_neighbors, metric="euclidean", random_state=np.random.RandomState(0)
        ),
        weight_options=WeightOptions(weights, gamma),
        kernel_options={"gamma": gamma, **options},
    )


@pytest.mark.parametrize(
    ("n_neighbors", "n_samples", "expected"),
    [(None, 1000, 15), (None, 11, 5), (None, 2, 1), (20, 1000, 20), (20, 11, 10)],
)
def test_neighbors_are_clamped_to_the_data(n_neighbors, n_samples, expected):
    assert effective_neighbors(n_neighbors, n_samples) == expected


def test_the_neighbor_graph_counts_other_rows():
    affinity = build(X, "nearest_neighbors", n_neighbors=4)
    assert affinity.n_neighbors == 4
    assert affinity.extend is None
    assert (np.diff(affinity.W.indptr) >= 4).all()


@pytest.mark.parametrize("scale", [100.0, 1e100])
def test_heat_that_leaves_no_edge_its_weight_says_which_gamma_would(scale):
    distances = scale * NearestNeighbors(n_neighbors=6).fit(X).kneighbors()[0]
    gamma = f"{np.median(distances) ** -2.0:.3g}"
    with pytest.warns(UserWarning, match=f"weights='heat' with gamma=1 .* {gamma},"):
        W = build(scale * X, "nearest_neighbors", 6, weights="heat").W
    assert W.data.max() < 1e-6
    W = build(X, "nearest_neighbors", 6, weights="heat").W
    assert W.data.max() > 0.1


def test_stored_distances_give_the_graph_of_the_rows():
    search = NearestNeighbors(n_neighbors=6).fit(X)
    stored = build(search.kneighbors_graph(mode="distance"), STORED, n_neighbors=6)
    W = build(X, "nearest_neighbors", n_neighbors=6).W
    np.testing.assert_allclose(stored.W.toarray(), W.toarray())
    repeated = stored.extend(search.kneighbors_graph(X[:5], mode="distance"))
    np.testing.assert_allclose(repeated.toarray()[range(5), range(5)], 1.0)


def test_affinities_are_taken_and_extended_as_they_are():
    W = rbf_kernel(X)
    affinity = build(W, "precomputed")
    assert affinity.W is W
    np.testing.assert_array_equal(affinity.extend(W[:3]), W[:3])
    assert affinity.n_neighbors is None


def test_a_kernel_is_read_by_a_network():
    affinity = build(X, "rbf", gamma=0.3)
    np.testing.assert_array_equal(affinity.W, rbf_kernel(X, gamma=0.3))
    assert affinity.extend is None


def test_the_parameter_free_graph_has_no_number_of_neighbours():
    rows = np.concatenate([X, X + 50, X - 50])
    affinity = build(rows, "parameter_free")
    assert affinity.n_neighbors is None
    assert abs(affinity.W - affinity.W.T).max() == 0


def test_errors_name_the_affinity():
    with pytest.raises(ValueError, match="affinity='linear' has negative entries"):
        build(X, "linear")
    with pytest.raises(ValueError, match=r"precomputed_nearest_neighbors.*\(39, 40\)"):
        build(sparse.csr_matrix(rbf_kernel(X))[:39], STORED)
    with pytest.raises(ValueError, match="The precomputed affinity matrix X must"):
        build(rbf_kernel(X)[:39], "precomputed")
    with pytest.raises(ValueError, match=r"^affinity_matrix must have shape"):
        given_affinity(np.eye(3), 4, "affinity_matrix")


def test_joining_adds_edges_to_any_graph():
    ends = np.array([0]), np.array([39]), np.array([5.0])
    graph = build(X, "nearest_neighbors", n_neighbors=1)
    assert graph.W[0, 39] == 0
    assert graph.join(ends)[0, 39] > 0
    kernel = given_affinity(np.eye(40), 40, "affinity_matrix")
    assert kernel.join(ends)[0, 39] > 0
