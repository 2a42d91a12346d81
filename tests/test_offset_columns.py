"""Sparse rows with constant and shifted columns, and in units far from one."""

import warnings
from functools import cache

import numpy as np
import pytest
from scipy import sparse

from sknet_spectral import SpectralNetClustering
from sknet_spectral.metrics import clustering_accuracy
from tests.data import SMALL, far_blobs, lies_apart, some_digits

DIGITS, Y_TRUE = some_digits(300)


@pytest.mark.parametrize("offset", [1e4, 1e7])
def test_a_constant_column_of_sparse_rows_does_no_harm(offset):
    column = np.full((len(DIGITS), 1), offset)
    model = SpectralNetClustering(10, **SMALL).fit(DIGITS)
    shifted = sparse.csr_matrix(np.hstack([DIGITS, column]))
    found = SpectralNetClustering(10, **SMALL).fit(shifted)
    assert clustering_accuracy(model.labels_, found.labels_) > 0.9
    assert found.loss_curve_[-1] < 2 * model.loss_curve_[-1]
    np.testing.assert_array_equal(found.predict(shifted), found.labels_)
    np.testing.assert_array_equal(found.predict(shifted[:5]), found.labels_[:5])


def test_sparse_rows_and_dense_ones_train_nearly_the_same_network():
    first_losses = []
    for seed in range(4):
        model = SpectralNetClustering(10, **SMALL | {"random_state": seed})
        W = model.fit(DIGITS).affinity_matrix_
        dense = model.loss_curve_[0]
        # Of neighbours at equal distances, sparse rows may have others.
        model.fit(sparse.csr_matrix(DIGITS), affinity_matrix=W)
        first_losses.append((dense, model.loss_curve_[0]))
    dense, thin = np.mean(first_losses, axis=0)
    assert thin == pytest.approx(dense, rel=1e-3)


@lies_apart
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("metric", ["euclidean", "cosine", "manhattan", "correlation"])
@pytest.mark.parametrize("unit", [1e-42, 1e-25, 1e19, 1e30])
def test_single_precision_keeps_the_clusters_in_any_unit(unit, metric, container):
    X, y = far_blobs(4, rows_each=40)
    rows = container((unit * X).astype(np.float32))
    model = SpectralNetClustering(4, metric=metric, **SMALL).fit(rows)
    assert clustering_accuracy(y, model.labels_) == 1.0


@cache
def graph_in_unit_one(metric, container):
    X, _ = far_blobs(4, rows_each=20)
    model = SpectralNetClustering(4, metric=metric, max_iter=1, **SMALL)
    return model.fit(container(np.abs(X))).affinity_matrix_


@lies_apart
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize(
    "metric",
    ["euclidean", "cosine", "canberra", "braycurtis", "hellinger", "jaccard"],
)
@pytest.mark.parametrize("unit", [1e-290, 1e-200, 1e150, 1e300, 1e305])
def test_the_graph_does_not_depend_on_the_unit(unit, metric, container):
    X, _ = far_blobs(4, rows_each=20)
    model = SpectralNetClustering(4, metric=metric, max_iter=1, **SMALL)
    expected = graph_in_unit_one(metric, container)
    rows = container(unit * np.abs(X))
    found = model.fit(rows).affinity_matrix_
    np.testing.assert_allclose(found.toarray(), expected.toarray(), rtol=1e-6)
    np.testing.assert_array_equal(model.predict(rows), model.labels_)
    assert np.isfinite(model.score_samples(rows)).all()


@lies_apart
@pytest.mark.parametrize("unit", [1e-36, 1e19, 1e34])
@pytest.mark.parametrize("metric", ["sqeuclidean", "tsss", "canberra", "braycurtis"])
def test_single_precision_holds_the_graph_under_other_metrics(metric, unit):
    X = np.abs(far_blobs(4, rows_each=20)[0])
    model = SpectralNetClustering(4, metric=metric, max_iter=1, **SMALL)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".* of the edges have the smallest weight")
        expected = model.fit(X.astype(np.float32)).affinity_matrix_
        found = model.fit((unit * X).astype(np.float32)).affinity_matrix_
    np.testing.assert_allclose(found.toarray(), expected.toarray(), atol=1e-4)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize(
    ("metric", "unit", "fault"),
    [
        ("sqeuclidean", 1e200, "large"),
        ("sqeuclidean", 1e-200, "small"),
        ("tsss", 1e100, "large"),
        ("manhattan", 1.7e308, "large"),
    ],
)
def test_distances_that_no_number_can_hold_are_a_fault_of_the_unit(
    metric, unit, fault, container
):
    X, _ = far_blobs(4, rows_each=20)
    X /= np.abs(X).max()
    model = SpectralNetClustering(4, metric=metric, n_neighbors=30, **SMALL)
    with pytest.raises(ValueError, match=f"metric='{metric}' are too {fault}"):
        model.fit(container(unit * X))


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("entry", [1e300, 1e308, -1.7e308])
def test_new_rows_at_the_end_of_the_numbers_have_a_place(entry, container):
    X, _ = some_digits()
    model = SpectralNetClustering(3, random_state=0).fit(container(X))
    rows = X[:3].astype(float)
    rows[1, 20] = entry
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        labels, Y = model.predict(container(rows)), model.transform(container(rows))
    assert np.isfinite(Y).all()
    np.testing.assert_array_equal(labels[[0, 2]], model.labels_[[0, 2]])
    np.testing.assert_array_equal(labels[1:2], model.predict(container(rows[1:2])))
