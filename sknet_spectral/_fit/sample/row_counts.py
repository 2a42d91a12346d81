"""Rows that occur several times: by sample_weight, or in X itself."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import _check_sample_weight

from ..._chunks import chunks
from ..._rows.opening import is_lazy
from ..._rows.rows import Matrix, Rows
from ..._warnings import warn


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
        If they are not whole numbers, are negative, or have a sum below two or too
        large to count; if a graph was given, or a Dask collection.
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
    _check_numbers(sample_weight)
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
    if weights.sum() > np.iinfo(np.intp).max:
        raise ValueError(
            f"sample_weight must not sum to {weights.sum():g}, because each row is "
            "there as often as its weight says: scale and round the weights."
        )
    return None if (weights == 1).all() else weights.astype(np.intp)


def _check_numbers(sample_weight: Any) -> None:
    """Refuse what is no array of numbers, even if numpy would make it one."""
    try:
        weights = np.asarray(sample_weight)
        if weights.dtype == object:
            weights = np.asarray(weights.tolist())
    except ValueError:  # lists of several lengths
        weights = np.empty(0, dtype=object)
    if weights.dtype.kind not in "biuf":
        raise ValueError(
            "sample_weight must be whole numbers, one for each row, got "
            f"dtype {weights.dtype}."
        )


def order_of_copies(X: Matrix) -> np.ndarray | None:
    """Return an order that depends on the rows alone, if any row occurs twice.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows.

    Returns
    -------
    ndarray of shape (n_samples,) or None
        Their positions in this order; None if no two rows are equal.
    """
    order, before, after = _tied(X)
    has_copies = any(equal.any() for equal in _equal(X, before, after))
    return order if has_copies else None


def fewer_distinct(X: Matrix, n_wanted: int) -> int | None:
    """Count the distinct rows, if copies leave fewer than wanted.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows.
    n_wanted : int
        How many distinct rows are wanted.

    Returns
    -------
    int or None
        Their number; None if it is `n_wanted` or more, or no two rows are equal.
    """
    n_wanted = min(n_wanted, X.shape[0])
    # Nearly always, the first rows are enough to tell.
    for some in (X[:n_wanted], X):
        n_distinct = _count_distinct(some)
        if n_distinct >= n_wanted:
            return None
    return n_distinct


def warn_of_few_rows(X: Matrix, wanted: str, n_wanted: int) -> None:
    """Warn if fewer rows are distinct than a parameter needs.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows.
    wanted : str
        The parameter with its value.
    n_wanted : int
        How many distinct rows it needs.

    Warns
    -----
    ConvergenceWarning
        If they are fewer.
    """
    n_distinct = fewer_distinct(X, n_wanted)
    if n_distinct is not None:
        warn(
            f"{wanted} needs {n_wanted} distinct rows, and there are {n_distinct} "
            f"among the {X.shape[0]} in the graph. Equal rows have the same label and "
            "the same place in the embedding: lower that number, or give X in which "
            "more rows differ.",
            ConvergenceWarning,
        )


def _count_distinct(X: Matrix) -> int:
    _, before, after = _tied(X)
    return X.shape[0] - sum(int(equal.sum()) for equal in _equal(X, before, after))


def _tied(X: Matrix) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Order rows so that equal ones follow each other, and pair those that may be."""
    # The seed is fixed, so that chance does not decide on the order.
    direction = np.random.RandomState(0).normal(size=X.shape[1])
    with np.errstate(over="ignore", invalid="ignore"):
        places = _places(X, direction)
    order = np.argsort(places, kind="stable")
    (tied,) = np.nonzero(places[order[1:]] == places[order[:-1]])
    return order, order[tied], order[tied + 1]


def _places(X: Matrix, direction: np.ndarray) -> np.ndarray:
    """Project rows, so that equal ones have the same bits."""
    if sparse.issparse(X):
        return X @ direction
    # A product of matrices would round a row by its place among the others.
    parts = [(X[chunk] * direction).sum(axis=1) for chunk in chunks(X.shape)]
    return np.concatenate(parts)


def _equal(X: Matrix, before: np.ndarray, after: np.ndarray) -> Iterator[np.ndarray]:
    """Tell which pairs of rows are equal, in chunks."""
    if sparse.issparse(X):
        n_differing = np.diff(sparse.csr_array(X[before] != X[after]).indptr)
        yield n_differing == 0
        return
    for chunk in chunks((len(before), X.shape[1])):
        yield (X[before[chunk]] == X[after[chunk]]).all(axis=1)
