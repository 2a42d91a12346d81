"""Graphs that the user brings: affinities, stored neighbours, and kernels."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.pairwise import (
    cosine_similarity,
    euclidean_distances,
    pairwise_kernels,
    rbf_kernel,
)
from sklearn.neighbors import NearestNeighbors, kneighbors_graph

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from tests.data import BRIEF, SMALL, far_blobs, lies_apart, some_digits

STORED = "precomputed_nearest_neighbors"
X, Y_TRUE = some_digits(200)


def neighbor_graph():
    W = kneighbors_graph(X, 15)
    return sparse.csr_matrix(0.5 * (W + W.T))


def index_type(matrix, dtype):
    matrix.indices = matrix.indices.astype(dtype)
    matrix.indptr = matrix.indptr.astype(dtype)
    return matrix


CONTAINERS = {
    "dense": lambda W: W.toarray(),
    "csr, int32": lambda W: index_type(W.copy(), np.int32),
    "csr, int64": lambda W: index_type(W.copy(), np.int64),
    "csr array": sparse.csr_array,
    "csc": sparse.csc_matrix,
    "coo": sparse.coo_matrix,
    "coo array": sparse.coo_array,
}


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_every_container_of_affinities_gives_the_same(container):
    W = neighbor_graph()
    model = SpectralNetEmbedding(3, affinity="precomputed", **BRIEF)
    expected = model.fit_transform(W)
    found = model.fit(container(W))
    np.testing.assert_allclose(found.embedding_, expected, atol=1e-6)
    assert abs(found.affinity_matrix_ - W).max() == 0
    assert found.n_iter_ == 1
    assert found.loss_curve_ == []
    assert not hasattr(found, "network_")


@pytest.mark.parametrize("laplacian", ["normalized", "unnormalized"])
@pytest.mark.parametrize("rule", ["kmeans", "discretize", "cluster_qr"])
def test_the_rows_of_the_graph_keep_their_labels(laplacian, rule):
    W = neighbor_graph()
    model = SpectralNetClustering(
        5, affinity="precomputed", laplacian=laplacian, assign_labels=rule, **BRIEF
    ).fit(W)
    assert not W.diagonal().any()
    np.testing.assert_array_equal(model.predict(W), model.labels_)
    np.testing.assert_array_equal(model.predict(W.toarray()), model.labels_)
    np.testing.assert_allclose(model.transform(W), model.embedding_, atol=1e-8)


@pytest.mark.parametrize("unit", [1e-200, 1e200])
@pytest.mark.parametrize("laplacian", ["normalized", "unnormalized"])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_the_unit_of_affinities_does_not_change_labels(container, laplacian, unit):
    W = neighbor_graph().toarray()
    model = SpectralNetClustering(
        5, affinity="precomputed", laplacian=laplacian, **BRIEF
    )
    expected = model.fit(container(W)).transform(container(W))
    given = container(W * unit)
    found = model.fit(given)
    np.testing.assert_allclose(found.transform(given), expected, atol=1e-8)
    np.testing.assert_allclose(found.embedding_, expected, atol=1e-8)
    np.testing.assert_array_equal(found.predict(given), found.labels_)


def test_new_rows_follow_their_neighbors():
    labels = Y_TRUE < 5
    model = SpectralNetClustering(2, affinity="precomputed", **BRIEF)
    W = rbf_kernel(X, gamma=2e-3) * (labels[:, None] == labels)
    with pytest.warns(UserWarning, match="2 components: each stays apart"):
        model.fit(W)
    new = np.zeros((2, 200))
    new[0, np.flatnonzero(labels)[:3]] = 1.0
    new[1, np.flatnonzero(~labels)[:3]] = 1.0
    expected = [model.labels_[labels][0], model.labels_[~labels][0]]
    np.testing.assert_array_equal(model.predict(new), expected)
    np.testing.assert_array_equal(model.predict(sparse.coo_matrix(new)), expected)


def test_a_row_without_affinities_has_a_zero_embedding():
    model = SpectralNetEmbedding(3, affinity="precomputed", **BRIEF)
    model.fit(neighbor_graph())
    assert not model.transform(np.zeros((1, 200))).any()


def test_stored_distances_give_the_graph_of_the_rows():
    search = NearestNeighbors(n_neighbors=15).fit(X)
    stored = SpectralNetClustering(4, affinity=STORED, **BRIEF)
    stored.fit(search.kneighbors_graph(mode="distance"))
    built = SpectralNetClustering(4, n_neighbors=15, **BRIEF).fit(X)
    difference = abs(stored.affinity_matrix_ - built.affinity_matrix_)
    assert difference.max() < 1e-12
    assert stored.n_neighbors_ == 15


def test_a_stored_zero_is_a_neighbor_at_distance_zero():
    rows = np.repeat(X[:50], 2, axis=0)
    graph = NearestNeighbors(n_neighbors=10).fit(rows).kneighbors_graph(mode="distance")
    assert (graph.data == 0).any()
    model = SpectralNetEmbedding(2, affinity=STORED, **BRIEF).fit(graph)
    pairs = model.affinity_matrix_[range(0, 100, 2), range(1, 100, 2)]
    np.testing.assert_allclose(pairs, 1.0)
    # A new row that repeats a training row, stored as a zero, has its embedding.
    new = sparse.csr_matrix(([0.0, 0.0], ([0, 0], [4, 5])), shape=(1, 100))
    assert new.nnz == 2
    np.testing.assert_allclose(
        model.transform(new)[0],
        model.embedding_[4:6].mean(axis=0) / (1 - model.eigenvalues_),
        rtol=1e-6,
    )


def test_as_many_new_rows_as_training_rows_keep_all_their_distances():
    search = NearestNeighbors(n_neighbors=15).fit(X[:100])
    model = SpectralNetEmbedding(3, affinity=STORED, **BRIEF)
    model.fit(search.kneighbors_graph(mode="distance"))
    new = search.kneighbors_graph(X[100:200], mode="distance")
    for distances in (new, euclidean_distances(X[100:200], X[:100])):
        one_by_one = [model.transform(distances[[row]])[0] for row in range(100)]
        np.testing.assert_allclose(model.transform(distances), one_by_one, atol=1e-12)


def test_features_with_a_graph_train_a_network():
    W = neighbor_graph()
    built = SpectralNetClustering(4, weights="uniform", n_neighbors=15, **BRIEF)
    for rows, given in (
        (X, W),
        (X, W.toarray()),
        (X, sparse.coo_matrix(W)),
        (sparse.csr_matrix(X), W),
        (sparse.csr_matrix(X), W.toarray()),
    ):
        model = SpectralNetClustering(4, **BRIEF).fit(rows, affinity_matrix=given)
        same = built.fit(rows).labels_
        assert adjusted_rand_score(same, model.labels_) > 0.99
        np.testing.assert_array_equal(model.predict(rows), model.labels_)
        assert model.network_ is not None
        assert model.n_neighbors_ is None
        assert model.loss_curve_


def test_a_graph_of_another_shape_explains_cross_validation():
    W = neighbor_graph()
    for given in (W[:150], W.toarray()[:150], W[:150][:, :150]):
        with pytest.raises(
            ValueError,
            match=r"^affinity_matrix must have shape \(200, 200\).* Cross-validation",
        ):
            SpectralNetClustering(4, **BRIEF).fit(X, affinity_matrix=given)


def test_bad_affinities_are_named():
    model = SpectralNetClustering(4, affinity="precomputed", **BRIEF)
    W = rbf_kernel(X)
    with pytest.raises(ValueError, match=r"matrix X must have shape \(150, 150\)"):
        model.fit(W[:150])
    with pytest.raises(ValueError, match="matrix X has negative entries"):
        model.fit(-W)
    with pytest.raises(ValueError, match="contains NaN"):
        model.fit(np.where(W < 0.5, np.nan, W))
    with pytest.raises(ValueError, match="X has negative entries"):
        model.fit(W).predict(-W)
    with pytest.raises(ValueError, match="200 features"):
        model.fit(W).predict(W[:, :150])
    with pytest.raises(ValueError, match="affinity_matrix contains NaN"):
        model.fit(X, affinity_matrix=np.where(W < 0.5, np.nan, W))
    with pytest.raises(ValueError, match=r"eigen_solver='stochastic' .* features"):
        model.set_params(eigen_solver="stochastic").fit(W)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_cosine_distances_below_zero_by_rounding_are_zero(dtype, container):
    rows = np.concatenate([X, X[:20]]).astype(dtype)
    D = 1 - cosine_similarity(rows)
    assert D.min() < 0
    model = SpectralNetClustering(4, affinity=STORED, n_neighbors=15, random_state=0)
    expected = model.fit(np.maximum(D, 0)).labels_
    given = container(D)
    np.testing.assert_array_equal(model.fit(given).labels_, expected)
    np.testing.assert_array_equal(model.predict(given), expected)
    assert given.min() < 0


def test_affinities_below_zero_by_rounding_are_zero():
    W = rbf_kernel(X, gamma=2e-3)
    W[W < 0.05] = 0.0
    model = SpectralNetClustering(4, affinity="precomputed", random_state=0)
    expected = model.fit(W).labels_
    given = np.where(W == 0, -1e-16, W)
    np.testing.assert_array_equal(model.fit(given).labels_, expected)
    np.testing.assert_array_equal(model.predict(given), model.predict(W))


def test_suspicious_affinities_are_warned_of():
    model = SpectralNetClustering(4, affinity="precomputed", **BRIEF)
    W = rbf_kernel(X, gamma=1e-3)
    with pytest.warns(UserWarning, match="not symmetric: averaged"):
        model.fit(np.triu(W) + 0.5 * np.tril(W, -1))
    np.testing.assert_allclose(model.affinity_matrix_, 0.75 * W + 0.25 * np.eye(200))
    with pytest.warns(UserWarning, match="are these distances"):
        model.fit(W - np.eye(200))


def test_an_isolated_node_has_a_zero_embedding_and_a_label():
    W = neighbor_graph().tolil()
    W[7], W[:, 7] = 0, 0
    model = SpectralNetClustering(2, affinity="precomputed", **BRIEF)
    with pytest.warns(UserWarning, match="apart, but a row without affinities gets"):
        model.fit(W.tocsr())
    np.testing.assert_allclose(model.embedding_[7], 0, atol=1e-8)
    assert np.isfinite(model.embedding_).all()
    assert model.n_connected_components_ == 2
    others = np.arange(len(X)) != 7
    alone = SpectralNetClustering(2, affinity="precomputed", **BRIEF)
    alone.fit(W.tocsr()[others][:, others])
    assert adjusted_rand_score(model.labels_[others], alone.labels_) == 1


@pytest.mark.parametrize("estimator", [SpectralNetClustering, SpectralNetEmbedding])
@pytest.mark.parametrize("laplacian", ["normalized", "unnormalized"])
@pytest.mark.parametrize("affinity", ["precomputed", STORED])
def test_a_graph_without_edges_is_an_error(affinity, laplacian, estimator):
    model = estimator(2, affinity=affinity, laplacian=laplacian, random_state=0)
    empty = sparse.csr_matrix((20, 20))
    with (
        pytest.warns(UserWarning, match="not fully connected"),
        pytest.raises(ValueError, match=r"graph has no edge .* give X entries outside"),
    ):
        model.fit(empty)
    for given in (np.zeros((20, 20)), sparse.eye(20).tocsr()):
        model.set_params(affinity="precomputed")
        with (
            pytest.warns(UserWarning, match="not fully connected"),
            pytest.raises(ValueError, match="graph has no edge"),
        ):
            model.fit(given)


@pytest.mark.parametrize("laplacian", ["normalized", "unnormalized"])
@pytest.mark.parametrize("n_clusters", [2, 3, 5])
def test_many_rows_without_edges_keep_their_labels(n_clusters, laplacian):
    rows, y = far_blobs(3, 10)
    n_alone = 30
    W = np.pad(rbf_kernel(rows) * (y[:, None] == y), (0, n_alone))
    np.fill_diagonal(W, 0.0)
    model = SpectralNetClustering(
        n_clusters, affinity="precomputed", laplacian=laplacian, random_state=0
    )
    with pytest.warns(UserWarning, match="not fully connected, it has 33 components"):
        model.fit(W)
    assert not model.embedding_[-n_alone:].any()
    assert np.isfinite(model.embedding_).all()
    np.testing.assert_array_equal(model.predict(W), model.labels_)
    assert len(np.unique(model.labels_[-n_alone:])) == 1


def test_more_components_than_clusters_leave_the_small_ones_at_zero():
    rows, y = far_blobs(4, 20)
    W = rbf_kernel(rows) * (y[:, None] == y)
    model = SpectralNetClustering(2, affinity="precomputed", **BRIEF)
    with pytest.warns(UserWarning, match="outside the largest 2 get a zero embedding"):
        model.fit(W)
    assert len(np.unique(model.embedding_.round(8), axis=0)) == 3


@lies_apart
@pytest.mark.parametrize("estimator", [SpectralNetClustering, SpectralNetEmbedding])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "kernel", ["rbf", "laplacian", "poly", "polynomial", "linear", "cosine", "chi2"]
)
def test_kernels_are_scikit_learn_s(estimator, kernel, dtype):
    rows = X[:60].astype(dtype)
    options = {"gamma": 1e-3, "degree": 2, "coef0": 0.5}
    model = estimator(2, affinity=kernel, max_iter=2, **options, **SMALL).fit(rows)
    expected = pairwise_kernels(rows, metric=kernel, filter_params=True, **options)
    np.testing.assert_allclose(model.affinity_matrix_, expected, rtol=1e-6)
    assert model.affinity_matrix_.dtype == expected.dtype
    assert model.embedding_.dtype == dtype
    assert model.affinity_matrix_.diagonal().all()


@pytest.mark.parametrize("kernel", ["linear", "additive_chi2", "sigmoid"])
def test_negative_kernels_are_named(kernel):
    rows = np.abs(X[:60]) if kernel == "additive_chi2" else X[:60] - X[:60].mean(axis=0)
    model = SpectralNetClustering(2, affinity=kernel, coef0=-1, **BRIEF)
    with pytest.raises(ValueError, match=f"affinity='{kernel}' has negative entries"):
        model.fit(rows)


def overlap(x, y, power=1.0):
    return np.minimum(x, y).sum() ** power


def test_the_clusterer_takes_a_function_of_two_rows():
    model = SpectralNetClustering(
        2, affinity=overlap, kernel_params={"power": 2.0}, **BRIEF
    ).fit(X[:40])
    expected = np.minimum(X[:40, None], X[:40]).sum(axis=-1) ** 2.0
    np.testing.assert_allclose(model.affinity_matrix_, expected)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_the_embedding_takes_a_function_of_all_rows(container):
    rows = container(X[:60])
    model = SpectralNetEmbedding(2, affinity=rbf_kernel, **BRIEF).fit(rows)
    np.testing.assert_array_equal(model.affinity_matrix_, rbf_kernel(rows))
    model = SpectralNetEmbedding(2, affinity=lambda A: neighbor_graph(), **BRIEF)
    assert sparse.issparse(model.fit(X).affinity_matrix_)


@pytest.mark.parametrize(
    ("estimator", "function", "says"),
    [
        (SpectralNetClustering, rbf_kernel, "called with two rows of X"),
        (SpectralNetEmbedding, overlap, "called with all rows of X"),
    ],
)
def test_a_function_of_other_rows_is_told_what_it_gets(estimator, function, says):
    model = estimator(2, affinity=function, **BRIEF)
    with pytest.raises((ValueError, TypeError)) as caught:
        model.fit(X[:40])
    (note,) = caught.value.__notes__
    assert note.startswith(f"affinity={function!r} was {says}")
