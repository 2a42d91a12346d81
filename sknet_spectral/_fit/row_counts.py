"""Rows that are there several times: by sample_weight, or in X itself."""

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.validation import _check_sample_weight

from .._chunks import chunks
from .._rows.opening import is_lazy
from .._rows.rows import Matrix, Rows


def check_counts(
    sample_weight: Any, X: Any, rows: Rows, is_graph: bool
) -> np.ndarray | None:
    """Validate weights of rows.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,) or None
        How often each row counts.
    X : object
        The rows that the user has given.
    rows : Rows
        The same, opened.
    is_graph : bool
        Whether a graph was given.

    Returns
    -------
    ndarray of shape (n_samples,) or None
        The weights as integers; None if each is one.

    Raises
    ------
    ValueError
        If they are not whole numbers, not negative, of which the sum is at least two;
        if a graph was given, or a Dask collection.
    """
    if sample_weight is None:
        return None
    if is_graph:
        raise ValueError(
            "sample_weight repeats rows and builds their graph, but a graph was given: "
            "leave it at None."
        )
    if is_lazy(X):
        raise ValueError(
            "sample_weight goes with rows in memory or on disk, not with a Dask "
            "collection: compute the rows, or repeat those that count more."
        )
    weights = _check_sample_weight(sample_weight, np.empty((rows.shape[0], 0)))
    fractions = weights[(weights < 0) | (weights % 1 != 0)]
    if len(fractions):
        raise ValueError(
            "sample_weight says how often each row counts, so it must contain whole "
            f"numbers that are not negative, got {fractions[0]}: scale and round them."
        )
    if weights.sum() < 2:
        raise ValueError(
            "sample_weight must not be zero for all rows, or one for a single row: its "
            f"sum is {weights.sum():g}, and a graph needs two rows."
        )
    return None if (weights == 1).all() else weights.astype(np.intp)


def order_of_copies(X: Matrix) -> np.ndarray | None:
    """Return an order that depends on the rows alone, if any is there several times.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows.

    Returns
    -------
    ndarray of shape (n_samples,) or None
        Their positions in this order; None if no two rows are equal.
    """
    # The seed is fixed, so that chance does not decide on the order.
    direction = np.random.RandomState(0).normal(size=X.shape[1])
    with np.errstate(over="ignore", invalid="ignore"):
        places = _places(X, direction)
    order = np.argsort(places, kind="stable")
    (tied,) = np.nonzero(places[order[1:]] == places[order[:-1]])
    before, after = order[tied], order[tied + 1]
    return order if _any_equal(X, before, after) else None


def _places(X: Matrix, direction: np.ndarray) -> np.ndarray:
    """Project rows, so that equal ones have the same bits."""
    if sparse.issparse(X):
        return X @ direction
    # A product of matrices would round a row by its place among the others.
    parts = [(X[chunk] * direction).sum(axis=1) for chunk in chunks(X.shape)]
    return np.concatenate(parts)


def _any_equal(X: Matrix, before: np.ndarray, after: np.ndarray) -> bool:
    if sparse.issparse(X):
        n_differing = np.diff(sparse.csr_array(X[before] != X[after]).indptr)
        return bool((n_differing == 0).any())
    return any(
        (X[before[chunk]] == X[after[chunk]]).all(axis=1).any()
        for chunk in chunks((len(before), X.shape[1]))
    )
