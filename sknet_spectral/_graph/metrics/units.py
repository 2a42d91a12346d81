"""Rows of any unit: powers of two, which change no digit, in place of overflow."""

import math

import numpy as np
from scipy import sparse

from ..arrays import Floats, Matrix, is_sparse

# The squares of numbers up to 2**40, and the sums of such squares, fit into float32.
_MODERATE_EXPONENT = 40


def scale_to_moderate_lengths(X: Matrix) -> Matrix:
    """Scale rows whose squares or sums might not be numbers by powers of two.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.

    Returns
    -------
    {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows, each in a unit of its own; X itself if none needs one.
    """
    if is_sparse(X):
        largest = abs(X).max(axis=1).toarray().ravel()
    else:
        largest = np.abs(X).max(axis=1, initial=0.0)
    exponents = np.frexp(largest)[1]
    if (abs(exponents) < _MODERATE_EXPONENT).all():
        return X
    if not is_sparse(X):
        return np.ldexp(X, -exponents[:, None])
    X = X.copy()
    X.data = np.ldexp(X.data, -np.repeat(exponents, np.diff(X.indptr)))
    return X


def scale_to_moderate_unit(X: Matrix) -> tuple[Matrix, float]:
    """Scale all rows by one power of two, if their squares might not be numbers.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.

    Returns
    -------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows in another unit; X itself if it needs none.
    unit : float
        The unit.
    """
    entries = X.data if is_sparse(X) else X
    largest = max(entries.max(initial=0.0), -entries.min(initial=0.0))
    exponent = int(np.frexp(largest)[1])
    if abs(exponent) < _MODERATE_EXPONENT:
        return X, 1.0
    scaled = np.ldexp(entries, 1 - exponent)
    if is_sparse(X):
        scaled = sparse.csr_matrix((scaled, X.indices, X.indptr), shape=X.shape)
    return scaled, math.ldexp(1.0, exponent - 1)


def restore_unit(distances: Floats, unit: float, metric: str) -> Floats:
    """Return distances in the unit of the rows.

    Parameters
    ----------
    distances : ndarray
        Distances between rows that `condition` returned.
    unit : float
        Factor that it returned.
    metric : str
        Name of the metric, for the error.

    Returns
    -------
    ndarray
        The distances, float64.

    Raises
    ------
    ValueError
        If float64 cannot hold them.
    """
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        lengths = distances.astype(np.float64) * unit
    is_held = np.isfinite(lengths) & ((lengths > 0) | (distances <= 0))
    if (np.isfinite(distances) & ~is_held).any():
        raise ValueError(
            f"X is in a unit in which distances by metric={metric!r} are too "
            f"{'large' if unit > 1 else 'small'} for float64: multiply X by a constant "
            "that brings its entries nearer to one."
        )
    return lengths
