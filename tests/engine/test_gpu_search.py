"""Neighbours found by comparing all rows, on the CPU and on a GPU."""

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from sknet_spectral._engine.gpu_search import compare_all_rows, search_on_gpu
from tests.marks import needs_gpu

DEVICES = ["cpu", pytest.param("cuda", marks=needs_gpu)]


def compared(X, n_neighbors, device="cpu", **limits):
    return compare_all_rows(X, n_neighbors, device=torch.device(device), **limits)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("entries", [2**28, 2**28 // 2**20, 1])
def test_all_rows_are_compared_whatever_the_chunks(device, dtype, entries):
    X = np.random.default_rng(0).normal(size=(300, 20)).astype(dtype)
    limits = {"max_compared": 5 * entries, "max_ranked": entries}
    indices, distances = compared(X, 7, device, **limits)
    expected, others = NearestNeighbors(n_neighbors=7).fit(X).kneighbors()
    np.testing.assert_array_equal(indices, others)
    np.testing.assert_allclose(distances, expected, rtol=1e-6)


@pytest.mark.parametrize("device", DEVICES)
def test_near_copies_are_told_apart(device):
    # Squares in float32 take them for one point.
    X = 1 - 1e-6 * np.arange(50.0)[:, None] ** 1.5
    indices, _ = compared(X, 2, device)
    np.testing.assert_array_equal(indices[10], [9, 11])
    np.testing.assert_array_equal(indices[30], [29, 31])


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("precision", ["highest", "high"])
def test_lower_precision_of_others_hides_no_neighbor(device, precision):
    rng = np.random.default_rng(0)
    X = 100 * rng.normal(size=(10, 64))[rng.integers(10, size=300)]
    X += rng.normal(size=X.shape)
    X /= abs(X).max()
    expected = NearestNeighbors(n_neighbors=7).fit(X).kneighbors()[1]
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        with torch.autocast(device, torch.bfloat16):
            indices, _ = compared(X, 7, device)
    finally:
        torch.set_float32_matmul_precision(before)
    np.testing.assert_array_equal(indices, expected)


def test_precision_set_for_a_device_hides_no_neighbor():
    X = np.random.default_rng(0).normal(size=(100, 5))
    expected = NearestNeighbors(n_neighbors=7).fit(X).kneighbors()[1]
    products = torch.backends.mkldnn.matmul
    before = products.fp32_precision
    # Torch then refuses to name one precision of all devices.
    products.fp32_precision = "bf16"
    try:
        indices, _ = compared(X, 7)
    finally:
        products.fp32_precision = before
    np.testing.assert_array_equal(indices, expected)


def test_copies_never_list_the_row_itself():
    indices, distances = compared(np.ones((30, 3)), 4)
    assert not (indices == np.arange(30)[:, None]).any()
    assert not distances.any()


def test_as_many_neighbors_as_there_are_other_rows():
    indices, _ = compared(np.arange(3.0)[:, None], 2)
    np.testing.assert_array_equal(indices, [[1, 2], [0, 2], [1, 0]])


def test_the_cpu_searches_if_there_is_no_gpu():
    assert search_on_gpu("cpu") is None


@needs_gpu
def test_a_gpu_is_used_if_there_is_one():
    assert search_on_gpu("auto").keywords["device"].type == "cuda"
