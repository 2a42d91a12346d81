"""The signs of eigenvectors, which an eigensolver leaves open."""

from collections.abc import Iterable

import numpy as np

from ..arrays import Floats


def signs(columns: Iterable[Floats]) -> Floats:
    """Return signs that make the largest absolute entry of each column positive.

    Parameters
    ----------
    columns : iterable of ndarray
        The columns.

    Returns
    -------
    ndarray of shape (n_columns,)
        One or minus one.
    """
    largest = np.array([y[np.abs(y).argmax()] for y in columns])
    return np.where(largest < 0, -1.0, 1.0)
