"""Stability: how far clusters are the same when a clusterer is fitted to other rows."""

import dask.array as da
import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.cluster import DBSCAN, KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknet_spectral import SpectralNetClustering
from sknet_spectral.metrics import stability
from tests.data import BRIEF

SQUARE = [[0, 0], [9, 0], [0, 9], [9, 9]]
X, BLOB = make_blobs(120, centers=SQUARE, random_state=0)


class Scripted(ClusterMixin, BaseEstimator):
    """A clusterer whose labels are those that a test has written for each fit."""

    labellings = iter(())
    fitted_to = []

    def fit(self, X, y=None):
        self.fitted_to.append(X)
        self.found_ = next(type(self).labellings)
        return self

    def predict(self, X):
        return self.found_


def of_script(monkeypatch, *labellings, **parameters):
    """Return the stability of six rows. The first labels come from all rows."""
    monkeypatch.setattr(Scripted, "labellings", iter(labellings))
    monkeypatch.setattr(Scripted, "fitted_to", [])
    rows = np.arange(6.0)[:, None]
    return stability(Scripted(), rows, n_repeats=len(labellings) - 1, **parameters)


def test_agreement_of_rows_clusters_and_refits(monkeypatch):
    found = of_script(
        monkeypatch, [0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0], [0, 0, 1, 1, 1, 1]
    )
    np.testing.assert_array_equal(found.labels, [0, 0, 0, 1, 1, 1])
    np.testing.assert_array_equal(found.clusters, [0, 1])
    np.testing.assert_array_equal(found.row_agreement, [1, 1, 0.5, 1, 1, 1])
    # The first refit agrees. In the second, the clusters and their matches share 2 of 3
    # rows and 3 of 4.
    np.testing.assert_allclose(found.cluster_agreement_mean, [5 / 6, 7 / 8])
    np.testing.assert_allclose(found.cluster_agreement_std, [1 / 6, 1 / 8])
    # Of 15 pairs of rows, 6 are together in one refit, 7 in the other, 4 in both.
    assert found.rand_index_mean == pytest.approx((4 - 2.8) / (6.5 - 2.8))
    assert found.rand_index_std == 0


def test_the_rand_index_is_over_all_pairs_of_refits(monkeypatch):
    one, other = [0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1]
    found = of_script(monkeypatch, one, one, one, other)
    pairs = [1, 12 / 37, 12 / 37]
    assert found.rand_index_mean == pytest.approx(np.mean(pairs))
    assert found.rand_index_std == pytest.approx(np.std(pairs))


def test_a_cluster_without_a_match_has_no_agreement(monkeypatch):
    found = of_script(monkeypatch, [0, 0, 0, 0, 1, 1], [0] * 6, [3] * 6)
    np.testing.assert_allclose(found.cluster_agreement_mean, [4 / 6, 0])
    np.testing.assert_array_equal(found.row_agreement, [1, 1, 1, 1, 0, 0])


def test_a_refit_may_have_more_clusters(monkeypatch):
    found = of_script(monkeypatch, [0] * 6, [0, 0, 0, 0, 1, 2], [5, 5, 5, 5, 5, -1])
    np.testing.assert_allclose(found.cluster_agreement_mean, [(4 / 6 + 5 / 6) / 2])
    np.testing.assert_array_equal(found.row_agreement, [1, 1, 1, 1, 0.5, 0])


def test_labels_may_be_strings(monkeypatch):
    labels = ["b", "b", "b", "a", "a", "a"]
    found = of_script(monkeypatch, labels, labels, labels)
    assert found.clusters.tolist() == ["a", "b"]
    assert found.rand_index_mean == 1.0


@pytest.mark.parametrize(("subsample", "n_drawn"), [(0.5, 3), (0.8, 5), (1, 6)])
def test_samples_are_a_share_of_the_rows(monkeypatch, subsample, n_drawn):
    of_script(monkeypatch, *[[0] * 6] * 4, subsample=subsample)
    every, *drawn = [rows[:, 0].tolist() for rows in Scripted.fitted_to]
    assert every == list(range(6))
    for rows in drawn:
        assert rows == sorted(set(rows) & set(every))
        assert len(rows) == n_drawn


def test_the_right_number_of_clusters_is_the_most_stable():
    by_number = {
        k: stability(KMeans(k, random_state=0), X, n_repeats=4, random_state=0)
        for k in (3, 4, 5)
    }
    assert by_number[4].rand_index_mean == 1.0
    np.testing.assert_array_equal(by_number[4].row_agreement, 1.0)
    assert by_number[3].rand_index_mean < 0.9
    assert by_number[5].rand_index_mean < 0.9
    assert by_number[5].cluster_agreement_mean.shape == (5,)


def test_the_estimator_does_not_change_and_its_clusters_are_the_reference():
    model = SpectralNetClustering(4, affinity="rbf", gamma=0.05, **BRIEF)
    found = stability(model, X, n_repeats=2, random_state=0)
    assert not hasattr(model, "labels_")
    np.testing.assert_array_equal(found.labels, model.fit(X).labels_)
    assert found.rand_index_mean == 1.0


def test_one_random_state_gives_one_result():
    model = KMeans(5, n_init=1, random_state=0)
    first, second = (stability(model, X, random_state=3) for _ in range(2))
    with joblib.parallel_config(backend="threading"):
        third = stability(model, X, random_state=3, n_jobs=2)
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name])
        np.testing.assert_array_equal(value, third[name])
    assert stability(model, X, random_state=4).rand_index_mean != first.rand_index_mean


@pytest.mark.parametrize(
    "container", [np.ndarray.tolist, pd.DataFrame, sparse.coo_array, sparse.csr_matrix]
)
def test_rows_may_be_in_any_container(container):
    model = make_pipeline(StandardScaler(with_mean=False), KMeans(4, random_state=0))
    found = stability(model, container(X), n_repeats=2, random_state=0)
    assert found.rand_index_mean == 1.0


def test_rows_in_dask_give_what_rows_in_memory_give():
    model = SpectralNetClustering(4, affinity="rbf", gamma=0.05, **BRIEF)
    lazy, held = (
        stability(model, rows, n_repeats=2, random_state=0)
        for rows in (da.from_array(X, chunks=(50, 2)), X)
    )
    assert isinstance(lazy.labels, np.ndarray)
    for name, value in held.items():
        np.testing.assert_array_equal(lazy[name], value)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_a_graph_loses_rows_and_columns(container):
    model = SpectralNetClustering(4, affinity="precomputed", **BRIEF)
    W = container(rbf_kernel(X, gamma=0.05))
    found = stability(model, W, n_repeats=2, random_state=0)
    assert found.row_agreement.shape == (len(X),)
    assert found.rand_index_mean == 1.0


def test_a_clusterer_without_predict_is_named():
    with pytest.raises(TypeError, match="by predict, which DBSCAN lacks: use a clus"):
        stability(DBSCAN(), X)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_repeats": 1}, "n_repeats == 1, must be >= 2"),
        ({"subsample": 0}, "subsample == 0, must be > 0"),
        ({"subsample": 1.5}, "subsample == 1.5, must be <= 1"),
        ({"n_jobs": 0}, "n_jobs must be None or an integer other than zero, got 0"),
    ],
)
def test_numbers_out_of_range_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        stability(KMeans(2), X, **parameters)
