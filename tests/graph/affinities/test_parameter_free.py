"""The parameter-free graph: its rules by hand, its symmetries, awkward data."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_iris, make_blobs, make_circles, make_moons

from sknet_spectral._graph.affinities import parameter_free
from sknet_spectral._graph.affinities.parameter_free import reduce_graph
from sknet_spectral._graph.clusters.eigenvalue_count import number_of_clusters
from sknet_spectral._graph.components import connected_components
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral._graph.search.neighbors import nearest_neighbors


def affinity(X):
    return reduce_graph(X, metric="euclidean").W


def blobs(n_samples=120, n_features=3):
    return make_blobs(n_samples, n_features, centers=3, random_state=0)[0]


def edges_by_rule(values):
    """Edges of the histogram that the paper's code makes of all values."""
    lower, upper = np.percentile(values, [25, 75])
    spread = values.max() - values.min()
    width = 2 * max(upper - lower, spread / 10) / values.size ** (1 / 3)
    count = int(np.ceil(spread / width))
    return values.min() + width * np.arange(count + 1)


def affinity_by_rule(X):
    """The seven steps, row by row."""
    n_samples = len(X)
    n_neighbors = n_samples - 2
    lengths = np.linalg.norm(X[:, None] - X, axis=2)
    indices = np.argsort(lengths, axis=1)[:, 1 : n_neighbors + 1]
    distances = np.take_along_axis(lengths, indices, axis=1)
    edges = edges_by_rule(distances)
    sigma = np.empty(n_samples)
    for p in range(n_samples):
        counts, _ = np.histogram(distances[p], edges)
        P = [
            np.prod([counts[j] / (j + 1) for j in (i, i - 1, i - 2)])
            for i in range(2, len(counts))
        ]
        above = [i for i, value in enumerate(P) if value > np.mean(P)]
        tau = edges[(above[0] if above else 0) + 3]
        near = distances[p][distances[p] <= tau]
        sigma[p] = near.mean() if len(near) else distances[p, 0]
    weights = np.exp(-(distances**2) / (sigma[:, None] * sigma[indices]))
    first = edges_by_rule(weights)[1]
    directed = np.zeros((n_samples, n_samples))
    for p in range(n_samples):
        left = weights[p][weights[p] >= first]
        if not len(left):
            continue
        mean, deviation = left.mean(), left.std(ddof=1) if len(left) > 1 else 0.0
        outstanding = left.max() > mean + deviation
        least = mean + deviation if outstanding else mean - deviation
        for q, weight in zip(indices[p], weights[p], strict=True):
            if weight >= max(first, least):
                directed[p, q] = weight
    W = np.where((directed > 0) & (directed.T > 0), directed, 0.0)
    for p in np.flatnonzero(~W.any(axis=1)):
        best = weights[p].argmax()
        W[p, indices[p, best]] = W[indices[p, best], p] = weights[p, best]
    return W


@pytest.mark.parametrize("n_features", [2, 20])
@pytest.mark.parametrize("n_samples", [10, 60, 120])
def test_agrees_with_the_rule_row_by_row(n_samples, n_features):
    X = blobs(n_samples, n_features)
    np.testing.assert_allclose(affinity(X).toarray(), affinity_by_rule(X), atol=1e-9)


def test_bins_have_the_width_of_freedman_and_diaconis():
    bins = parameter_free._bins(5 + np.arange(20.0))  # quartiles 9.5 apart
    assert (bins.low, bins.size) == (5, 3)
    np.testing.assert_allclose(bins.width, 19 / 20 ** (1 / 3))
    np.testing.assert_allclose(bins.right_edges[0], 5 + 19 / 20 ** (1 / 3))


def test_bins_of_values_without_quartiles_are_set_by_their_spread():
    bins = parameter_free._bins(np.append(np.zeros(99), 10.0))
    np.testing.assert_allclose(bins.width, 2 / 100 ** (1 / 3))
    assert bins.size == 24


def test_equal_values_share_one_bin():
    assert parameter_free._bins(np.full(50, 3.0)).size == 1
    assert parameter_free._bins(np.zeros(50)).size == 1


@pytest.mark.parametrize(
    ("counts", "peak"),
    [
        # P of the third bin on: 8/6, 4/24, 2/60, of mean 0.51
        ([2, 2, 2, 1, 1], 3),
        # 0, 6/24, 12/60, of mean 0.15
        ([0, 1, 2, 3, 2], 4),
        # 0, 0, 24/60
        ([3, 0, 2, 3, 4], 5),
        # none above the mean of zeros
        ([3, 0, 0, 3, 2], 3),
    ],
)
def test_first_peak_of_counts_by_hand(counts, peak):
    distances = np.repeat(np.arange(5) + 0.5, counts)[None]
    bins = parameter_free._Bins(0.0, 1.0, 5)
    assert parameter_free._first_peak(distances, bins) + 1 == peak


def test_largest_distance_falls_in_the_last_bin():
    bins = parameter_free._Bins(0.0, 1.0, 3)
    row = np.array([[0.5, 1.5, 3.0]])
    np.testing.assert_array_equal(parameter_free._first_peak(row, bins), [2])


def test_scale_is_the_mean_of_the_close_positive_distances():
    distances = np.array([[0.0, 1, 3, 9], [2, 3, 4, 5], [0, 0, 0, 6], [0, 0, 0, 0]])
    reach = np.array([3.0, 1, 1, 1])
    # within reach; none within reach; zeros only within reach; zeros only
    np.testing.assert_array_equal(
        parameter_free._local_scale(distances, reach), [2, 2, 6, 2]
    )


def test_strong_weights_by_hand():
    weights = np.array(
        [[0.9, 0.4, 0.4, 0.4, 0.4], [0.5, 0.5, 0.4, 0.4, 0.05], [0, 0, 0, 0, 0]]
    )
    # The quartiles are 0 and 0.4, so the first bin of all ends at 0.324. Row 0: 0.9
    # exceeds 0.5 + 0.22. Row 1: 0.5 does not exceed 0.45 + 0.058, so what is at
    # least 0.45 - 0.058 stays.
    kept = [[True] + 4 * [False], 4 * [True] + [False], 5 * [False]]
    np.testing.assert_array_equal(parameter_free._strong(weights), kept)


def test_weights_that_differ_by_rounding_are_equal():
    noise = 1e-15 * np.random.default_rng(0).normal(size=(30, 10))
    assert parameter_free._strong(0.3 + noise).all()


@pytest.mark.parametrize("n_samples", [2, 3, 4, 5, 8, 300])
def test_affinities_are_symmetric_positive_and_leave_no_row_alone(n_samples):
    W = affinity(np.random.default_rng(0).normal(size=(n_samples, 2)))
    assert abs(W - W.T).max() == 0
    assert (W.data > 0).all()
    assert W.max() <= 1
    assert not W.diagonal().any()
    assert (W.getnnz(axis=1) > 0).all()


def test_rows_in_another_order_keep_their_edges():
    X = blobs()
    order = np.random.default_rng(1).permutation(len(X))
    np.testing.assert_allclose(
        affinity(X[order]).toarray(),
        affinity(X).toarray()[np.ix_(order, order)],
        atol=1e-12,
    )


@pytest.mark.parametrize("n_features", [2, 20])
def test_scale_does_not_matter(n_features):
    X = blobs(n_features=n_features)
    W = affinity(X)
    for scale in (1e-30, 1000.0, 1e30):
        np.testing.assert_allclose(
            affinity(scale * X).toarray(), W.toarray(), rtol=0, atol=1e-9
        )


def test_sparse_rows_make_the_graph_of_dense_ones():
    X = blobs(n_features=20)
    np.testing.assert_allclose(
        affinity(sparse.csr_matrix(X)).toarray(), affinity(X).toarray(), atol=1e-6
    )


@pytest.mark.parametrize(
    "X",
    [
        np.ones((5, 2)),
        np.zeros((2, 1)),
        np.full((40, 20), 0.1),
        np.repeat([[0.0], [5.0]], [2, 1], axis=0),
        np.eye(6),
        np.eye(40),
        np.arange(30.0)[:, None],
        np.append(np.arange(30.0), [1e9, -2e9])[:, None],
        np.repeat(np.arange(3.0), 10)[:, None],
    ],
    ids=[
        "equal",
        "two equal",
        "equal, many columns",
        "two equal and one",
        "one distance",
        "one distance, many columns",
        "a lattice",
        "outliers",
        "duplicates",
    ],
)
def test_awkward_data_make_a_finite_graph(X):
    graph = reduce_graph(X, metric="euclidean")
    assert np.isfinite(graph.W.data).all()
    assert (graph.W.data > 0).all()
    assert abs(graph.W - graph.W.T).max() == 0
    assert (graph.W.getnnz(axis=1) > 0).all()
    assert np.isfinite(graph.reach).all()
    eigenvalues, _ = Laplacian(graph.W).eigenpairs(min(len(X), 22))
    assert 1 <= number_of_clusters(graph.W, eigenvalues) <= len(X)


@pytest.mark.parametrize("n_features", [2, 20])
def test_equal_rows_join_with_weight_one(n_features):
    X = np.random.default_rng(0).normal(size=(50, n_features))
    W = affinity(np.repeat(X, 3, axis=0) + 100).toarray()
    triples = np.kron(np.eye(50), np.ones((3, 3))) - np.eye(150)
    assert (W[triples > 0] == 1).all()


@pytest.mark.parametrize("far", [1e6, 1e10])
def test_outliers_leave_the_graph_of_the_others_alone(far):
    X = np.random.default_rng(0).normal(size=(60, 2))
    outliers = [[far, 0], [-far, 0], [0, far]]
    W = affinity(np.vstack([X, outliers])).toarray()[:60, :60]
    assert 0 < np.count_nonzero(W) < 60 * 59
    assert len(np.unique(W.round(6))) > 60


@pytest.mark.parametrize("make", [make_moons, make_circles])
def test_curves_without_noise_are_two_components(make):
    X, y = make(600, random_state=0)
    count, labels = connected_components(affinity(X))
    assert count == 2
    assert len(np.unique(2 * labels + y)) == 2


@pytest.mark.parametrize(
    ("make", "options"),
    [(make_moons, {"noise": 0.05}), (make_circles, {"noise": 0.05, "factor": 0.5})],
)
def test_noisy_curves_are_hardly_joined(make, options):
    X, y = make(600, random_state=0, **options)
    W = affinity(X).tocoo()
    assert W.data[y[W.row] != y[W.col]].sum() < 1e-3 * W.data.sum()


def test_iris_is_setosa_and_the_others():
    X, y = load_iris(return_X_y=True)
    W = affinity(X)
    count, labels = connected_components(W)
    assert count == 2
    np.testing.assert_array_equal(labels == labels[0], y == 0)
    assert W.nnz < 0.05 * 150 * 148


def test_reports_the_exact_neighbours_and_the_close_ones():
    X = blobs(60)
    graph = reduce_graph(1000 * X, metric="euclidean")
    exact = nearest_neighbors(
        1000 * X, 58, metric="euclidean", random_state=np.random.RandomState(0)
    )
    np.testing.assert_array_equal(graph.neighbors.indices, exact.indices)
    np.testing.assert_allclose(graph.neighbors.distances, exact.distances, rtol=1e-9)
    assert graph.reach.shape == (60,)
    close = graph.close_neighbors
    within = exact.distances <= graph.reach[:, None]
    np.testing.assert_array_equal(np.isfinite(close.distances), within)
    assert (within.sum(axis=1) > 0).all()
    assert within.mean() < 0.5


def test_at_most_a_thousand_neighbours():
    X = np.random.default_rng(0).normal(size=(1100, 2))
    graph = reduce_graph(X, metric="euclidean")
    assert graph.neighbors.indices.shape == (1100, 1000)


def test_too_many_rows_are_refused():
    with pytest.raises(ValueError, match=r"at most 20000 rows.*X has 20001"):
        affinity(np.zeros((20_001, 1)))


@pytest.mark.parametrize("metric", ["canberra", "manhattan"])
def test_metrics_without_exact_search_are_refused(metric):
    X = sparse.csr_matrix((5, 10**8))
    with pytest.raises(ValueError, match=f"metric='{metric}' has no exact search"):
        reduce_graph(X, metric=metric)
