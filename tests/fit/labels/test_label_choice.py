"""Which rule makes the labels, and what "auto" takes."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_digits, make_blobs
from sklearn.feature_extraction.image import img_to_graph
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import kneighbors_graph

from sknet_spectral import SpectralNetClustering
from sknet_spectral._fit.labels import label_choice
from sknet_spectral._fit.labels.assignment import NearestCenter
from sknet_spectral._fit.labels.label_choice import LabelOptions, learn_labels
from sknet_spectral._fit.labels.merged_centers import MergedCenters
from sknet_spectral._fit.labels.partition_comparison import is_better_cut
from sknet_spectral._graph.clusters.row_partition import move_rows
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral._partition import Partition
from tests.data import lies_apart


@pytest.fixture(scope="module")
def digits():
    """The graph of digits and its exact eigenvectors."""
    X, y = load_digits(return_X_y=True)
    W = kneighbors_graph(X, 15)
    W = 0.5 * (W + W.T).tocsr()
    _, Y = Laplacian(W).eigenpairs(10, random_state=np.random.RandomState(0))
    return Y, W, y


def label_options(assign_labels="auto", **options):
    defaults = {
        "compares_partitions": False,
        "unit_length": True,
        "n_init": 10,
        "min_cluster_size": None,
        "of_given_graph": False,
    }
    return LabelOptions(assign_labels=assign_labels, **defaults | options)


def learned(Y, W, n_clusters, *args, **kwargs):
    options = label_options(*args, **kwargs)
    return learn_labels(Y, W, W, n_clusters, options, np.random.RandomState(0))


def test_auto_takes_what_the_graph_prefers(digits):
    Y, W, y = digits
    chosen = learned(Y, W, 10)
    usual = learned(Y, W, 10, "kmeans")
    assert isinstance(chosen, MergedCenters)
    assert is_better_cut(Partition(W, chosen.labels(Y)), Partition(W, usual.labels(Y)))
    gained, usual = (adjusted_rand_score(y, rule.labels(Y)) for rule in (chosen, usual))
    assert gained > usual


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("gamma", [5e-4, 5e-3])
def test_auto_is_kmeans_if_a_wide_kernel_joins_all_pairs(gamma, seed):
    X, y = make_blobs(400, centers=4, random_state=seed)
    labels, usual = (
        SpectralNetClustering(
            4, affinity="rbf", gamma=gamma, assign_labels=rule, random_state=0
        ).fit_predict(X)
        for rule in ("auto", "kmeans")
    )
    score = adjusted_rand_score(y, labels)
    assert score > adjusted_rand_score(y, usual) - 0.05


def test_auto_takes_a_better_partition_of_the_graph_if_the_map_tells_it_apart(
    digits, monkeypatch
):
    Y, W, y = digits
    monkeypatch.setattr(label_choice, "modular_partition", lambda *_: y)
    monkeypatch.setattr(label_choice, "is_better_cut", lambda *_: True)
    assert np.mean(learned(Y, W, 10).labels(Y) == y) > 0.9
    # One eigenvector does not tell ten digits apart.
    labels = learned(Y[:, :2], W, 10).labels(Y[:, :2])
    assert np.mean(labels == y) < 0.9


def test_auto_takes_no_partition_that_is_better_only_since_its_rows_moved(
    digits, monkeypatch
):
    Y, W, _ = digits
    monkeypatch.setattr(label_choice, "modular_partition", lambda *_: None)
    plain = learned(Y, W, 10).labels(Y)
    found = move_rows(W, plain, np.random.RandomState(0))
    assert is_better_cut(Partition(W, found), Partition(W, plain))

    class Same:
        def labels(self, Y):
            return plain

    monkeypatch.setattr(label_choice, "modular_partition", lambda *_: found)
    # Which rows move is drawn.
    monkeypatch.setattr(label_choice, "move_rows", lambda *_: found)
    monkeypatch.setattr(
        label_choice, "centers_of_partition", lambda *_args, **_options: Same()
    )
    assert not isinstance(learned(Y, W, 10), Same)


def test_auto_takes_no_partition_of_which_the_map_tells_nine_in_ten_rows(
    digits, monkeypatch
):
    Y, W, y = digits
    found = y.copy()
    found[::10] = np.roll(y, 1)[::10]
    monkeypatch.setattr(label_choice, "modular_partition", lambda *_: y)
    monkeypatch.setattr(label_choice, "is_better_cut", lambda *_: True)
    expected = learned(Y, W, 10).labels(Y)
    monkeypatch.setattr(label_choice, "modular_partition", lambda *_: found)
    assert np.mean(learned(Y, W, 10).labels(Y) == y) < np.mean(expected == y) - 0.03


def test_auto_is_k_means_with_few_rows_for_each_cluster(digits):
    Y, W, _ = digits
    some = np.arange(749)
    rule = learned(Y[some], W[some][:, some], 10)
    assert isinstance(rule, NearestCenter)
    expected = learned(Y[some], W[some][:, some], 10, "kmeans")
    np.testing.assert_array_equal(rule.centers, expected.centers)


def test_auto_is_k_means_on_a_mesh_that_the_user_gave():
    W = img_to_graph(np.zeros((30, 30)))
    W.data[:] = 1.0
    _, Y = Laplacian(sparse.csr_matrix(W)).eigenpairs(
        3, random_state=np.random.RandomState(0)
    )
    assert isinstance(learned(Y, W.tocsr(), 3, of_given_graph=True), NearestCenter)


def test_auto_of_one_cluster_is_k_means(digits):
    Y, W, _ = digits
    assert isinstance(learned(Y[:, :1], W, 1), NearestCenter)


def test_runs_of_k_means_are_chosen_by_the_graph_first(digits):
    Y, W, _ = digits
    rule = learned(Y, W, 10, "kmeans", compares_partitions=True)
    assert isinstance(rule, NearestCenter)


def test_min_cluster_size_keeps_merged_clusters_large(digits):
    Y, W, _ = digits
    rule = learned(Y, W, 12, "modularity", min_cluster_size=80)
    assert np.bincount(rule.labels(Y)).min() >= 80


def test_parts_are_merged_on_one_graph_and_judged_on_another(digits):
    Y, W, _ = digits
    usual = learned(Y, W, 10, "kmeans").labels(Y)
    alike = (usual[:, np.newaxis] == usual).astype(float)
    rule = learn_labels(Y, W, alike, 10, label_options(), np.random.RandomState(0))
    assert isinstance(rule, NearestCenter)


@lies_apart
@pytest.mark.parametrize("seed", range(10))
def test_auto_finds_clusters_of_very_unequal_size(seed):
    centers = [[0, 0], [7, 0], [0, 7]]
    X, y = make_blobs([1000, 100, 30], centers=centers, random_state=seed)
    model = SpectralNetClustering(3, random_state=seed).fit(X)
    assert adjusted_rand_score(y, model.labels_) > 0.95
