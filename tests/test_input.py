"""Whatever holds the rows: memory layouts, sparse matrices, frames, precision."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from tests.data import BRIEF, SMALL, some_digits

X, _ = some_digits(200)


def read_only_memmap(A, folder):
    np.save(folder / "X.npy", A)
    return np.load(folder / "X.npy", mmap_mode="r")


def read_only(A, folder):
    A = A.copy()
    A.flags.writeable = False
    return A


LAYOUTS = {
    "memmap": read_only_memmap,
    "read-only": read_only,
    "Fortran order": lambda A, _: np.asfortranarray(A),
    "negative strides": lambda A, _: A[::-1, ::-1].copy()[::-1, ::-1],
    "every other column": lambda A, _: np.repeat(A, 2, axis=1)[:, ::2],
    "big endian": lambda A, _: A.astype(">f8"),
    "list": lambda A, _: A.tolist(),
    "frame": lambda A, _: pd.DataFrame(A, columns=[f"pixel{i}" for i in range(64)]),
}


@pytest.fixture(scope="module", params=["nearest_neighbors", "rbf"])
def expected(request):
    """A model of the rows as a plain array."""
    model = SpectralNetClustering(4, affinity=request.param, max_iter=20, **SMALL)
    return model.set_params(gamma=1e-3).fit(X)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_any_memory_layout_gives_the_same_labels(layout, expected, tmp_path):
    rows = layout(X, tmp_path)
    model = clone(expected).fit(rows)
    np.testing.assert_array_equal(model.labels_, expected.labels_)
    np.testing.assert_array_equal(model.predict(rows), expected.labels_)
    np.testing.assert_allclose(model.transform(rows), expected.embedding_, atol=1e-6)


@pytest.fixture(scope="module")
def of_float64():
    """A model of rows of zeros and ones."""
    return SpectralNetClustering(4, **BRIEF).fit((X > 8).astype(np.float64))


@pytest.mark.parametrize("dtype", [np.float16, np.int64, np.uint8, bool])
def test_other_numbers_are_read_as_float64(dtype, of_float64):
    rows = (X > 8).astype(dtype)
    model = SpectralNetClustering(4, **BRIEF).fit(rows)
    np.testing.assert_array_equal(model.labels_, of_float64.labels_)
    assert model.transform(rows).dtype == np.float64


def test_float32_stays_float32():
    model = SpectralNetClustering(4, **BRIEF).fit(X.astype(np.float32))
    assert model.embedding_.dtype == np.float32
    assert model.transform(X[:3].astype(np.float32)).dtype == np.float32
    assert model.transform(X[:3]).dtype == np.float64
    expected = SpectralNetClustering(4, **BRIEF).fit(X)
    assert adjusted_rand_score(model.labels_, expected.labels_) > 0.95


@pytest.mark.parametrize("stored", [False, True], ids=["in memory", "on disk"])
def test_float32_of_another_byte_order_stays_float32(stored, tmp_path):
    rows = X.astype(np.dtype(np.float32).newbyteorder())
    expected = SpectralNetEmbedding(2, **BRIEF).fit_transform(X.astype(np.float32))
    if stored:
        rows = read_only_memmap(rows, tmp_path)
    Y = SpectralNetEmbedding(2, **BRIEF).fit_transform(rows)
    assert Y.dtype == np.float32
    np.testing.assert_array_equal(Y, expected)


@cache
def fitted_to_dense_rows(options):
    return SpectralNetClustering(4, **dict(options)).fit(X)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@pytest.mark.parametrize("container", [sparse.csr_matrix, sparse.csr_array])
def test_sparse_rows_give_what_dense_ones_give(metric, dtype, container):
    rows = container(X)
    rows.indices, rows.indptr = rows.indices.astype(dtype), rows.indptr.astype(dtype)
    options = {"metric": metric, "hidden_layer_sizes": (64, 64), "random_state": 0}
    thin = SpectralNetClustering(4, **options).fit(rows)
    dense = fitted_to_dense_rows(tuple(options.items()))
    difference = abs(thin.affinity_matrix_ - dense.affinity_matrix_)
    assert difference.max() < 1e-6
    assert adjusted_rand_score(thin.labels_, dense.labels_) > 0.95
    np.testing.assert_array_equal(thin.predict(rows), thin.labels_)
    np.testing.assert_allclose(thin.transform(X), thin.transform(rows), atol=1e-10)
    np.testing.assert_allclose(thin.transform(rows), thin.embedding_, atol=1e-10)


@pytest.mark.parametrize("container", [sparse.csc_matrix, sparse.coo_array])
def test_other_sparse_formats_are_converted(container):
    model = SpectralNetEmbedding(2, **BRIEF)
    expected = model.fit_transform(sparse.csr_matrix(X))
    np.testing.assert_array_equal(model.fit_transform(container(X)), expected)


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        (np.where(X > 15, np.nan, X), "contains NaN"),
        (np.where(X > 15, np.inf, X), "contains infinity"),
        (X[:1], "minimum of 2 is required"),
        (X[0], "Expected 2D array"),
        (X[:, :0], r"0 feature\(s\)"),
        (X.astype(complex), "Complex data not supported"),
        (X[:3], "n_clusters=4 must not exceed n_samples=3"),
    ],
    ids=["nan", "infinity", "one row", "one dimension", "no column", "complex", "few"],
)
def test_bad_rows_are_named(rows, match):
    with pytest.raises(ValueError, match=match):
        SpectralNetClustering(4, **BRIEF).fit(rows)


@pytest.mark.parametrize("method", ["predict", "transform", "score"])
def test_other_features_are_named(method):
    model = SpectralNetClustering(4, **BRIEF).fit(X)
    with pytest.raises(ValueError, match=r"63 features.* expecting 64 features"):
        getattr(model, method)(X[:, :63])
