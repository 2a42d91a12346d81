"""Affinities that are given, or computed by a kernel of all pairs of rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.metrics.pairwise import kernel_metrics, pairwise_kernels
from sklearn.utils import assert_all_finite

from ..._partition import symmetric
from ..._warnings import warn
from ..arrays import Edges, Floats, Matrix, is_sparse
from ..components import strongest_edge
from .affinity import SMALLEST_WEIGHT
from .misread_matrices import warn_if_distances
from .rounding import rounded_to_zero

KERNELS = frozenset(kernel_metrics())
_MANY_ROWS = 20_000


def kernel_affinity(
    X: Matrix, kernel: str | Callable[..., float], **parameters: Any
) -> Floats:
    """Compute the kernel of all pairs of rows.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    kernel : str or callable
        A kernel of scikit-learn, or a function of two rows.
    **parameters
        Passed to a callable. A named kernel ignores parameters that it does not have.

    Returns
    -------
    ndarray of shape (n_samples, n_samples)
        Affinity matrix, in the precision of X.

    Raises
    ------
    ValueError
        If a named kernel has values that this precision cannot hold.

    Warns
    -----
    UserWarning
        If there are more than 20,000 rows, since the matrix is dense.
    """
    if X.shape[0] > _MANY_ROWS:
        warn(
            f"affinity={kernel!r} of {X.shape[0]} rows is a dense matrix of "
            f"{X.shape[0] ** 2 * X.dtype.itemsize / 1e9:.1f} GB. With the Laplacian in "
            "float64, the fit needs "
            f"{X.shape[0] ** 2 * (X.dtype.itemsize + 8) / 1e9:.1f} GB: use "
            "affinity='nearest_neighbors'.",
        )
    if callable(kernel):
        try:
            return pairwise_kernels(X, metric=kernel, **parameters)
        except Exception as error:
            error.add_note(
                f"affinity={kernel!r} was called with two rows of X, and must return "
                "their affinity, a number."
            )
            raise
    # The error says what to do if entries overflow, and tiny ones are zero.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        W = pairwise_kernels(X, metric=kernel, filter_params=True, **parameters)
    if not np.isfinite([W.min(), W.max()]).all():
        raise ValueError(
            f"affinity={kernel!r} of X is too large for {W.dtype}: multiply X by a "
            "constant that brings its entries nearer to one."
        )
    return W


def check_affinity(W: Matrix, n_samples: int, name: str) -> Matrix:
    """Check that a matrix holds affinities, and make it symmetric.

    Parameters
    ----------
    W : {ndarray, sparse matrix}
        Affinities.
    n_samples : int
        Number of rows of X.
    name : str
        Name of the matrix in error messages.

    Returns
    -------
    {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The affinity matrix; the same object if nothing had to change.

    Raises
    ------
    ValueError
        If the shape is wrong, or an entry is not finite, or negative by more than
        rounding.

    Warns
    -----
    UserWarning
        If the matrix is not symmetric and therefore averaged with its transpose; if it
        looks like distances.
    """
    if W.shape != (n_samples, n_samples):
        raise ValueError(
            f"{name} must have shape ({n_samples}, {n_samples}), a row and a column "
            f"for each sample, got {W.shape}. Cross-validation slices only the rows "
            "of such a matrix: compute it for each fold, or let the estimator build "
            "the graph from features."
        )
    if is_sparse(W):
        # sum_duplicates works in place, and must not change the caller's matrix.
        W = W.tocsr(copy=not W.has_canonical_format)
        W.sum_duplicates()
    W = rounded_to_zero(W)
    entries = W.data if is_sparse(W) else W
    check_affinities(entries, name)
    warn_if_distances(W, name)
    return symmetric(W, name)


def check_affinities(entries: Floats, name: str) -> None:
    """Raise an error if affinities are negative or not finite.

    Parameters
    ----------
    entries : ndarray
        The affinities.
    name : str
        Name of their matrix in error messages.
    """
    assert_all_finite(entries, input_name=name)
    if entries.min(initial=0.0) < 0:
        raise ValueError(
            f"{name} has negative entries (smallest {entries.min():.3g}), but "
            "affinities must be non-negative. The kernel 'rbf', for example, is."
        )


def add_edges(W: Matrix, extra_edges: Edges | None = None) -> Matrix:
    """Add edges of the smallest weight between pairs of rows.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        Affinity matrix.
    extra_edges : tuple of (rows, columns, distances), default=None
        The pairs, which have no edge yet; their distances are not used.

    Returns
    -------
    {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The new affinity matrix, or `W` itself if there are no extra edges.
    """
    if extra_edges is None:
        return W
    rows, columns, _ = extra_edges
    weight = SMALLEST_WEIGHT * strongest_edge(W)
    ends = np.concatenate([rows, columns]), np.concatenate([columns, rows])
    if is_sparse(W):
        weights = np.full(len(ends[0]), weight, dtype=W.dtype)
        return sparse.csr_matrix(W + sparse.csr_matrix((weights, ends), shape=W.shape))
    W = W.copy()
    W[ends] = weight
    return W
