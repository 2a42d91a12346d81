"""The tree of clusters: partitions that nest, and that the tools of others can read."""

import pickle
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.cluster import hierarchy
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.metrics import normalized_mutual_info_score
from sklearn.metrics.pairwise import rbf_kernel

from sknet_spectral import SpectralNetClustering
from sknet_spectral._fit.labels.cluster_tree import ClusterTree
from sknet_spectral._graph.clusters import merges
from tests.data import BRIEF, SMALL, some_digits

X, Y = some_digits(300)
MODELS = {
    "kmeans": SpectralNetClustering(6, **BRIEF),
    "more components": SpectralNetClustering(6, n_components=10, **BRIEF),
    "auto": SpectralNetClustering("auto", n_components="auto", **BRIEF),
    "unnormalized": SpectralNetClustering(6, laplacian="unnormalized", **BRIEF),
    "discretize": SpectralNetClustering(6, assign_labels="discretize", **BRIEF),
    "cluster_qr": SpectralNetClustering(6, assign_labels="cluster_qr", **BRIEF),
    "stochastic": SpectralNetClustering(
        6, eigen_solver="stochastic", max_iter=3, **SMALL
    ),
    "sample": SpectralNetClustering(6, max_samples=200, **BRIEF),
    "kernel": SpectralNetClustering(6, affinity="rbf", gamma=1e-3, **BRIEF),
}


@cache
def fitted(name):
    return clone(MODELS[name]).fit(X)


@pytest.fixture(params=MODELS)
def model(request):
    return fitted(request.param)


def linkage_of(model):
    """The few lines of the user guide."""
    n_leaves = model.n_leaves_
    counts = np.ones(2 * n_leaves - 1)
    for merge, pair in enumerate(model.children_):
        counts[n_leaves + merge] = counts[pair].sum()
    return np.column_stack([model.children_, model.distances_, counts[n_leaves:]])


def nests(coarse, fine):
    """Whether each cluster of the finer partition lies in one of the coarser."""
    return len(np.unique(np.column_stack([coarse, fine]), axis=0)) == fine.max() + 1


def test_the_cut_at_the_number_of_clusters_is_the_labels(model):
    labels = model.relabel(model.n_clusters_, nested=True)
    np.testing.assert_array_equal(labels, model.labels_)
    assert labels.dtype == np.int32


def test_partitions_nest(model):
    numbers = sorted({1, 2, 3, 5, model.n_clusters_, 9, 20, model.n_leaves_})
    partitions = [model.relabel(k, nested=True) for k in numbers]
    for k, labels in zip(numbers, partitions, strict=True):
        np.testing.assert_array_equal(np.unique(labels), np.arange(k))
    for coarse, fine in pairwise(partitions):
        assert nests(coarse, fine)


@pytest.mark.parametrize("n_clusters", [3, 12])
def test_a_new_row_gets_the_label_of_the_cut_alone_too(model, n_clusters):
    labels = model.relabel(n_clusters, X, nested=True)
    np.testing.assert_array_equal(labels, model.relabel(n_clusters, nested=True))
    new = X[::50] + 0.5
    alone = [model.relabel(n_clusters, row[np.newaxis], nested=True)[0] for row in new]
    np.testing.assert_array_equal(model.relabel(n_clusters, new, nested=True), alone)


def test_predict_stays_with_the_labels(model):
    model.relabel(3, nested=True)
    np.testing.assert_array_equal(model.predict(X), model.labels_)


def test_scipy_reads_the_tree(model):
    linkage = linkage_of(model)
    assert model.children_.shape == (model.n_leaves_ - 1, 2)
    assert hierarchy.is_valid_linkage(linkage)
    assert (np.diff(model.distances_) > 0).all()
    drawn = hierarchy.dendrogram(linkage, no_plot=True)
    assert sorted(drawn["leaves"]) == list(range(model.n_leaves_))
    leaf = model.relabel(model.n_leaves_, nested=True)
    for k in (2, model.n_clusters_, 9):
        of_scipy = hierarchy.fcluster(linkage, k, "maxclust")[leaf]
        ours = model.relabel(k, nested=True)
        assert normalized_mutual_info_score(of_scipy, ours) == pytest.approx(1.0)


def test_new_rows_can_be_labelled_by_another_number_without_a_tree():
    model = fitted("kmeans")
    np.testing.assert_array_equal(model.relabel(4, X), model.relabel(4))
    assert model.relabel(4, X[:7] + 0.5).shape == (7,)


def test_near_clusters_merge_first():
    """Three pairs of blobs."""
    centers = [[0, 0], [3, 0], [40, 0], [43, 0], [0, 40], [3, 40]]
    rows, y = make_blobs(600, centers=centers, cluster_std=0.7, random_state=0)
    model = SpectralNetClustering(6, n_neighbors=40, weights="uniform", **BRIEF)
    with pytest.warns(UserWarning, match="not fully connected"):
        model.fit(rows)
    assert normalized_mutual_info_score(y, model.labels_) > 0.9
    pairs = model.relabel(3, nested=True)
    assert normalized_mutual_info_score(y // 2, pairs) > 0.99


def test_a_wide_cluster_splits_where_its_rows_part():
    model = SpectralNetClustering(5, n_components=14, random_state=0).fit(X)
    ten = model.relabel(10, nested=True)
    five = normalized_mutual_info_score(Y, model.labels_)
    assert normalized_mutual_info_score(Y, ten) > five + 0.03


@pytest.mark.parametrize("n_clusters", [0, 10_000, 2.5])
def test_a_number_that_the_tree_does_not_have_is_named(n_clusters):
    model = fitted("kmeans")
    with pytest.raises((ValueError, TypeError), match="n_clusters"):
        model.relabel(n_clusters, nested=True)


def test_the_tree_survives_files_pickle_and_clone(model, tmp_path):
    model.save(tmp_path / "model")
    copies = [
        SpectralNetClustering.load(tmp_path / "model"),
        pickle.loads(pickle.dumps(model)),
        clone(model).fit(X),
    ]
    for copy in copies:
        np.testing.assert_array_equal(copy.children_, model.children_)
        np.testing.assert_array_equal(copy.distances_, model.distances_)
        for k in (3, 12):
            expected = model.relabel(k, X, nested=True)
            np.testing.assert_array_equal(copy.relabel(k, X, nested=True), expected)


def test_a_file_of_an_earlier_version_says_what_it_lacks():
    loaded = SpectralNetClustering.load(
        Path(__file__).parent / "persistence" / "saved" / "version_1"
    )
    with pytest.raises(ValueError, match="earlier version"):
        loaded.relabel(2, nested=True)


def test_fewer_distinct_rows_than_clusters_are_no_error():
    """The constant component alone tells no rows apart."""
    model = SpectralNetClustering(4, n_components=1, **BRIEF).fit(X)
    assert model.n_leaves_ == model.n_clusters_ == 1
    for k in (1, 2, 4):
        assert model.relabel(k, nested=True).tolist() == [0] * len(X)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_precision_of_rows_does_not_matter(dtype):
    model = clone(MODELS["kmeans"]).fit(X.astype(dtype))
    for k in (3, 6, 30):
        labels = model.relabel(k, nested=True)
        np.testing.assert_array_equal(
            labels, model.relabel(k, X.astype(dtype), nested=True)
        )


def test_a_graph_alone_has_a_tree():
    W = rbf_kernel(X, gamma=1e-3)
    model = SpectralNetClustering(6, affinity="precomputed", random_state=0).fit(W)
    partitions = [model.relabel(k, nested=True) for k in (2, 6, 20)]
    assert nests(*partitions[:2])
    assert nests(*partitions[1:])


def test_rounding_of_the_constant_component_of_a_graph_is_no_leaf():
    W = rbf_kernel(X, gamma=1e-3)
    model = SpectralNetClustering(1, affinity="precomputed", random_state=0).fit(W)
    assert model.n_leaves_ == 1


def test_lazy_rows_have_lazy_partitions():
    array = pytest.importorskip("dask.array")
    model = fitted("kmeans")
    lazy = clone(MODELS["kmeans"]).fit(array.from_array(X, chunks=(100, -1)))
    for k in (3, 12):
        labels = lazy.relabel(k, nested=True)
        assert hasattr(labels, "compute")
        np.testing.assert_array_equal(labels, model.relabel(k, nested=True))


@pytest.mark.parametrize("n_rows", [2, 3, 12])
def test_few_rows_have_a_small_tree(n_rows):
    rows = np.random.default_rng(0).normal(size=(n_rows, 3))
    model = SpectralNetClustering(2, affinity="rbf", **BRIEF).fit(rows)
    assert model.n_leaves_ == len(model.children_) + 1 == 2
    assert model.relabel(1, nested=True).tolist() == [0] * n_rows


def test_copies_of_one_row_are_one_leaf():
    rows = np.repeat([[0.0, 0.0], [1.0, 1.0], [5.0, 5.0]], 40, axis=0)
    model = SpectralNetClustering(3, affinity="rbf", **BRIEF).fit(rows)
    assert model.n_leaves_ == 3


def test_merges_look_for_few_partners_again(monkeypatch):
    looked, cheapest = [], merges._Merging._cheapest

    def count(merging, group, kinds):
        looked.append(group)
        return cheapest(merging, group, kinds)

    monkeypatch.setattr(merges._Merging, "_cheapest", count)
    rows = np.random.default_rng(0).normal(size=(3000, 3))
    labels = np.arange(3000, dtype=np.int32) % 300
    tree = ClusterTree(
        rows,
        labels,
        np.array([0.0, 0.1, 0.2]),
        unit_length=True,
        random_state=np.random.RandomState(0),
    )
    assert tree.n_leaves > 300
    assert len(looked) < 10 * tree.n_leaves
