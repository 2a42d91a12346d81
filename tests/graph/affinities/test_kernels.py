"""Affinities that are given, and kernels."""

import tracemalloc

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics.pairwise import pairwise_kernels

from sknet_spectral import SpectralNetClustering, _chunks
from sknet_spectral._graph.affinities import kernels
from sknet_spectral._graph.affinities.kernels import (
    KERNELS,
    add_edges,
    check_affinity,
    kernel_affinity,
)

X = np.random.default_rng(0).uniform(0.1, 1, size=(12, 4))


@pytest.mark.parametrize("kernel", sorted(KERNELS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_kernels_are_scikit_learn_s_with_their_diagonal(kernel, dtype):
    rows = X.astype(dtype)
    options = {"gamma": 0.7, "degree": 2, "coef0": 0.5}
    W = kernel_affinity(rows, kernel, **options)
    expected = pairwise_kernels(rows, metric=kernel, filter_params=True, **options)
    np.testing.assert_array_equal(W, expected)
    assert W.dtype == expected.dtype


def test_tiny_entries_are_zero_whatever_numpy_is_told_of_them():
    with np.errstate(all="raise"):
        W = kernel_affinity(1e3 * X, "rbf")
    np.testing.assert_array_equal(W, np.eye(len(X)))


def test_a_callable_of_two_rows_gets_its_parameters():
    def overlap(x, y, power):
        return np.minimum(x, y).sum() ** power

    W = kernel_affinity(X, overlap, power=2)
    assert W[3, 5] == pytest.approx(np.minimum(X[3], X[5]).sum() ** 2)


def test_many_rows_are_warned_of(monkeypatch):
    monkeypatch.setattr(kernels, "_MANY_ROWS", 10)
    with pytest.warns(UserWarning, match="affinity='rbf' of 12 rows .*nearest_neigh"):
        kernel_affinity(X, "rbf")


@pytest.mark.parametrize(
    ("dtype", "size"),
    [
        (np.float32, r"3\.6 GB\. .* needs 10\.8"),
        (float, r"7\.2 GB\. .* needs 14\.4"),
    ],
)
def test_the_warning_says_how_large_the_matrix_is(monkeypatch, dtype, size):
    monkeypatch.setattr(kernels, "pairwise_kernels", lambda X, **options: np.eye(2))
    with pytest.warns(UserWarning, match=f"of 30000 rows is a dense .* {size}"):
        kernel_affinity(np.empty((30_000, 1), dtype), "rbf")


def test_a_sound_matrix_is_taken_as_it_is():
    W = pairwise_kernels(X, metric="rbf")
    assert check_affinity(W, 12, "W") is W


def test_the_shape_error_explains_cross_validation():
    match = r"W must have shape \(12, 12\).*\(12, 4\).* Cross-validation slices only"
    with pytest.raises(ValueError, match=match):
        check_affinity(X, 12, "W")


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_negative_affinities_are_named(container):
    W = pairwise_kernels(X, metric="rbf")
    W[2, 3] = W[3, 2] = -0.25
    with pytest.raises(ValueError, match=r"^W has negative entries \(smallest -0.25\)"):
        check_affinity(container(W), 12, "W")


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_a_matrix_that_is_not_symmetric_is_averaged(container):
    W = pairwise_kernels(X, metric="rbf")
    W[2, 3] = 0.0
    given = container(W)
    with pytest.warns(UserWarning, match="W is not symmetric: averaged"):
        found = check_affinity(given, 12, "W")
    assert abs(found - 0.5 * (W + W.T)).max() == 0
    assert abs(given - W).max() == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rounding_is_not_asymmetry(dtype):
    W = pairwise_kernels(X, metric="rbf").astype(dtype)
    W[2, 3] = np.nextafter(W[2, 3], dtype(2))
    assert check_affinity(W, 12, "W") is W


def test_distances_are_suspected():
    D = np.abs(np.subtract.outer(np.arange(5.0), np.arange(5.0)))
    with pytest.warns(UserWarning, match="zero diagonal .* are these distances"):
        check_affinity(D, 5, "W")


def test_a_graph_without_loops_is_not_taken_for_distances():
    W = np.ones((4, 4)) - np.eye(4)
    W[0, 3] = W[3, 0] = 0
    assert check_affinity(W, 4, "W") is W
    # Two rows have one entry, which could be either.
    two = np.ones((2, 2)) - np.eye(2)
    assert check_affinity(two, 2, "W") is two


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("diagonal", [0.0, 1e8])
def test_added_edges_are_weak_and_leave_the_matrix_alone(container, diagonal):
    W = diagonal * np.eye(4)
    W[[0, 1, 2, 3], [1, 0, 3, 2]] = 2.0
    given = container(W)
    joined = add_edges(given, (np.array([1]), np.array([2]), np.array([9.0])))
    assert 0 < joined[1, 2] == joined[2, 1] < 1e-6
    assert abs(given - W).max() == 0
    assert add_edges(given) is given


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_affinities_that_are_not_finite_are_named(container):
    W = pairwise_kernels(X, metric="rbf")
    W[2, 3] = np.nan
    with pytest.raises(ValueError, match="Input affinity='poly' contains NaN"):
        check_affinity(container(W), 12, "affinity='poly'")


@pytest.mark.parametrize(
    ("kernel", "dtype", "unit"),
    [("rbf", float, 1e200), ("linear", np.float32, 1e30), ("poly", float, 1e120)],
)
def test_a_unit_that_is_too_large_for_a_kernel_is_named(kernel, dtype, unit):
    with pytest.raises(ValueError, match=f"'{kernel}' of X is too large .* multiply X"):
        kernel_affinity(X.astype(dtype) * dtype(unit), kernel)


@pytest.mark.parametrize("dtype", [np.float32, float])
def test_a_kernel_fills_no_more_memory_than_its_warning_says(dtype, monkeypatch):
    monkeypatch.setattr(_chunks, "_CHUNK_ENTRIES", 2**17)
    n_samples = 1500
    rows = np.random.default_rng(0).normal(size=(n_samples, 2)).astype(dtype)
    model = SpectralNetClustering(2, affinity="rbf", random_state=0)
    model.fit(rows[:100])
    tracemalloc.start()
    try:
        model.fit(rows)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.2 * n_samples**2 * (rows.itemsize + 8)
