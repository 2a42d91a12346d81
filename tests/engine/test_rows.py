"""Arrays that become tensors, chunk by chunk."""

import numpy as np
import pytest
import torch
from scipy import sparse

from sknet_spectral import _chunks
from sknet_spectral._engine.networks.input_statistics import input_statistics
from sknet_spectral._engine.rows import apply_in_chunks, training_rows
from sknet_spectral._engine.sparse_batch import SparseBatch

X = np.random.default_rng(0).normal(size=(100, 3))


def test_input_statistics_survive_extremes():
    for factor in (1e-30, 1.0, 1e30, 1e200):
        center, scale = input_statistics(factor * X)
        np.testing.assert_allclose(center, factor * X.mean(axis=0))
        assert scale == pytest.approx(factor * (X - X.mean(axis=0)).std())


def test_single_precision_is_summed_in_double():
    # NumPy 1.26 keeps float32 where it is divided by a scalar of float64.
    rows = (X + 1e5).astype(np.float32)
    center, scale = input_statistics(rows)
    np.testing.assert_allclose(center, rows.mean(axis=0, dtype=float), rtol=1e-12)
    assert scale == pytest.approx((rows.astype(float) - center).std())


@pytest.mark.parametrize("value", [0.0, 0.1, 1e30, [0.1, 0.3]])
def test_constant_data_have_scale_one(value):
    center, scale = input_statistics(np.full((1000, 2), value))
    assert scale == 1.0
    np.testing.assert_allclose(center, value)


def test_sparse_rows_have_the_statistics_of_dense_ones():
    center, scale = input_statistics(sparse.csr_matrix(X))
    np.testing.assert_allclose(center, X.mean(axis=0))
    assert scale == pytest.approx((X - X.mean(axis=0)).std())


def test_sparse_rows_are_centred_without_being_filled():
    A = sparse.random(50, 8, 0.3, format="csr", random_state=0)
    A = sparse.hstack([A, 1e8 + X[:50, :1]], format="csr")
    center, scale = input_statistics(A)
    expected = (A.toarray() - center) / scale
    (batch,) = apply_standardized(A, center, scale)
    table = torch.randn(9, 4)
    np.testing.assert_allclose(batch.to_dense(), expected, atol=1e-5)
    np.testing.assert_allclose(batch.matmul(table), expected @ table.numpy(), atol=1e-4)
    assert len(batch.entries) == A.nnz


def apply_standardized(A, center, scale):
    """Return the rows as the one batch that a network is trained on."""
    center, scale = (torch.as_tensor(part) for part in (center, scale))
    made = training_rows(A, lambda x: x.standardize(center, scale), "cpu")
    return (made[torch.arange(A.shape[0])],)


def test_statistics_do_not_depend_on_the_chunks(monkeypatch):
    expected = input_statistics(X)
    monkeypatch.setattr(_chunks, "_CHUNK_ROWS", 7)
    found = input_statistics(X)
    np.testing.assert_allclose(found[0], expected[0], atol=1e-12)
    assert found[1] == pytest.approx(expected[1])


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_functions_see_float64_chunks_one_under_the_other(monkeypatch, container):
    monkeypatch.setattr(_chunks, "_CHUNK_ROWS", 30)
    lengths = []

    def double(x):
        x = x.to_dense()
        assert x.dtype == torch.float64
        lengths.append(len(x))
        return 2 * x

    result = apply_in_chunks(double, container(X.astype(np.float32)))
    np.testing.assert_allclose(result, 2 * X, rtol=1e-6)
    assert lengths == [30, 30, 30, 10]


def halve(x):
    return x.map_entries(lambda entries: entries / 2) if sparse_batch(x) else x / 2


def sparse_batch(x):
    return isinstance(x, SparseBatch)


def test_sparse_training_rows_equal_dense_ones():
    device = torch.device("cpu")
    dense, thin = (training_rows(A, halve, device) for A in (X, sparse.csr_matrix(X)))
    batch = torch.tensor([5, 1, 99])
    assert len(dense) == len(thin) == 100
    assert thin[batch].entries.dtype == torch.float32
    np.testing.assert_allclose(thin[batch].to_dense(), dense[batch])


def test_sparse_batches_multiply_as_their_dense_rows_do():
    A = sparse.random(9, 6, density=0.2, format="csr", random_state=0)
    assert 0 in np.diff(A.indptr), "one row has no entries"
    batch = training_rows(A, lambda x: x, torch.device("cpu"))[torch.arange(9)]
    table = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    np.testing.assert_allclose(batch.to_dense(), A.toarray(), rtol=1e-6)
    np.testing.assert_allclose(
        batch.matmul(table), batch.to_dense() @ table, rtol=1e-5, atol=1e-6
    )


def test_duplicate_entries_of_sparse_rows_add_up():
    twice = sparse.csr_matrix(([1.0, 2.0], [1, 1], [0, 2, 2]), shape=(2, 3))
    rows = apply_in_chunks(lambda x: x.to_dense(), twice)
    np.testing.assert_array_equal(rows, [[0.0, 3.0, 0.0], [0.0, 0.0, 0.0]])
    assert twice.nnz == 2
    dense = input_statistics(twice.toarray())
    assert input_statistics(twice)[1] == pytest.approx(dense[1])


@pytest.mark.parametrize(
    "change",
    [
        lambda A: np.asfortranarray(A),
        lambda A: np.ascontiguousarray(A[::-1, ::-1])[::-1, ::-1],
        lambda A: A.astype(">f8"),
    ],
    ids=["Fortran order", "negative strides", "big endian"],
)
def test_any_memory_layout_is_read(change):
    A = change(X.copy())
    A.flags.writeable = False
    np.testing.assert_array_equal(apply_in_chunks(lambda x: x, A), X)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_a_large_constant_column_does_not_count(container):
    rows = 1e3 * np.random.default_rng(0).normal(size=(1000, 3))
    beside = np.column_stack([rows, np.full((1000, 2), [1.7e18, 1.1e18])])
    _, scale = input_statistics(container(beside))
    spread = np.sqrt(np.square(rows - rows.mean(axis=0)).sum() / beside.size)
    assert scale == pytest.approx(spread)
