"""Rows that are there many times, exactly or nearly."""

import warnings

import joblib
import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import normalize

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from sknet_spectral._graph.search.neighbors import NeighborOptions
from sknet_spectral.metrics import clustering_accuracy
from tests.data import BRIEF, far_blobs, lies_apart

RNG = np.random.default_rng(0)


def form_letters(noise, dtype):
    """Draw unit rows of four topics, and forty copies of twenty of them."""
    topic = RNG.integers(4, size=300)
    texts = normalize(
        RNG.normal(size=(4, 64))[topic] + 0.9 * RNG.normal(size=(300, 64))
    )
    text = np.concatenate([np.arange(300), np.repeat(np.arange(20), 40)])
    X = texts[text].astype(dtype)
    X += (noise * RNG.normal(size=X.shape)).astype(dtype)
    return X, topic[text], text


@lies_apart
@pytest.mark.parametrize("metric", ["cosine", "euclidean", "correlation", "manhattan"])
@pytest.mark.parametrize(
    ("noise", "dtype"),
    [
        (0.0, np.float32),
        (1e-7, np.float32),
        (0.0, float),
        (1e-12, float),
        (1e-7, float),
    ],
)
def test_form_letters_have_the_clusters_of_the_distinct_texts(metric, noise, dtype):
    X, topic, text = form_letters(noise, dtype)
    model = SpectralNetClustering(4, metric=metric, **BRIEF).fit(X)
    assert model.n_connected_components_ <= 4
    assert adjusted_rand_score(topic, model.labels_) > 0.95
    assert all(len(set(model.labels_[text == t])) == 1 for t in range(20))
    np.testing.assert_array_equal(model.predict(X), model.labels_)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("weights", ["local_scaling", "uniform", "fuzzy", "heat"])
def test_rounded_numbers_have_the_clusters_of_the_numbers(weights, container):
    X, y = make_blobs(1000, centers=4, n_features=3, random_state=1)
    X = np.round(X / 2)
    model = SpectralNetClustering(4, weights=weights, **BRIEF).fit(container(X))
    assert clustering_accuracy(y, model.labels_) > 0.98


@pytest.mark.parametrize("metric", ["jaccard", "hamming", "hellinger"])
def test_copies_of_sets_and_shares_have_the_clusters_of_the_distinct(metric):
    group = RNG.integers(3, size=150)
    shares = np.where(np.arange(30) // 10 == group[:, None], 0.6, 0.1)
    distinct = (RNG.random((150, 30)) < shares).astype(float)
    row = np.concatenate([np.arange(150), np.repeat(np.arange(10), 40)])
    model = SpectralNetClustering(3, metric=metric, **BRIEF).fit(distinct[row])
    alone = SpectralNetClustering(3, metric=metric, **BRIEF).fit(
        np.unique(distinct, axis=0)
    )
    score = adjusted_rand_score(group, model.labels_[:150])
    assert score > adjusted_rand_score(group, alone.predict(distinct)) - 0.1


def test_equal_rows_are_one_node_of_the_graph():
    X = RNG.normal(size=(40, 3))
    alone = SpectralNetEmbedding(2, n_neighbors=5, **BRIEF).fit(X)
    model = SpectralNetEmbedding(2, n_neighbors=5, **BRIEF).fit(np.vstack([X, X[:3]]))
    W = model.affinity_matrix_[:40][:, :40]
    assert ((W > 0) != (alone.affinity_matrix_ > 0)).nnz == 0
    assert W[0].sum() > alone.affinity_matrix_[0].sum()
    np.testing.assert_array_equal(model.affinity_matrix_[:, 40:].getnnz(axis=0), 1)
    np.testing.assert_allclose(model.embedding_[40:], model.embedding_[:3])


@lies_apart
def test_without_copies_nothing_is_merged():
    X = far_blobs(3, rows_each=50)[0]
    X[:50] *= 1e-3
    model = SpectralNetClustering(3, **BRIEF).fit(X)
    assert model.affinity_matrix_.getnnz(axis=1).min() >= 15


def test_neighbours_are_searched_for_among_distinct_rows(monkeypatch):
    searched, search = [], NeighborOptions.search

    def count_rows(options, X, n_neighbors):
        searched.append(len(X))
        return search(options, X, n_neighbors)

    monkeypatch.setattr(NeighborOptions, "search", count_rows)
    X = RNG.integers(20, size=(5_000, 2)).astype(float)
    SpectralNetEmbedding(2, hidden_layer_sizes=(8,), max_iter=1, random_state=0).fit(X)
    assert searched == [400]


def test_a_graph_held_together_by_next_to_nothing_is_told_of():
    X = np.concatenate([RNG.normal(size=(60, 2)), 1e3 * RNG.normal(size=(60, 2))])
    with pytest.warns(UserWarning, match="of the edges have the smallest weight"):
        SpectralNetClustering(2, **BRIEF).fit(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SpectralNetClustering(2, **BRIEF).fit(X[:60])


def test_other_numbers_of_clusters_need_not_write_to_the_estimator(tmp_path):
    X = RNG.integers(20, size=(500, 2)).astype(float)
    model = SpectralNetClustering(3, **BRIEF).fit(X)
    joblib.dump(model, tmp_path / "model.joblib")
    read_only = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    np.testing.assert_array_equal(read_only.relabel(4), model.relabel(4))
