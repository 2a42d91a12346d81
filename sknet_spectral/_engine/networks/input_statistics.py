"""The centre and the scale of rows, dense or sparse."""

import numpy as np
from numpy.typing import NDArray

from ..._chunks import chunks
from ..rows import Matrix, is_sparse


def input_statistics(X: Matrix) -> tuple[NDArray[np.float64], float]:
    """Compute the column means and the common scale of an array, in float64.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        Finite rows; entries up to 1e300 do not overflow.

    Returns
    -------
    center : ndarray of shape (n_features,)
        Column means.
    scale : float
        Root mean square deviation of all entries, one for constant data.
    """
    high, low = _in_columns(X.max(axis=0)), _in_columns(X.min(axis=0))
    largest = float(max(high.max(), -low.min())) or 1.0
    mean = np.zeros(X.shape[1])
    squares = np.zeros(X.shape[1])
    for chunk in chunks(X.shape):
        mean += np.asarray((X[chunk].astype(np.float64) / largest).sum(axis=0)).ravel()
    mean /= X.shape[0]
    for chunk in chunks(X.shape):
        squares += _squared_deviations(X[chunk].astype(np.float64) / largest, mean)
    squares[high == low] = 0.0  # removes rounding errors in constant columns
    scale = float(np.sqrt(squares.mean() / X.shape[0]) * largest)
    return mean * largest, scale or 1.0


def _in_columns(extremes: Matrix) -> NDArray[np.floating]:
    return extremes.toarray().ravel() if is_sparse(extremes) else extremes


def _squared_deviations(rows: Matrix, mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum the squared differences from a mean row in each column."""
    if not is_sparse(rows):
        return np.square(rows - mean).sum(axis=0)
    rows.sum_duplicates()
    n_rows, n_columns = rows.shape
    stored = np.bincount(rows.indices, minlength=n_columns)
    deviations = np.square(rows.data - mean[rows.indices])
    present = np.bincount(rows.indices, deviations, minlength=n_columns)
    return present + (n_rows - stored) * np.square(mean)
