"""What all rows offer, wherever they lie."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from .._chunks import chunks

ROWS_DTYPE = (np.float64, np.float32)

# Rows in memory: an ndarray or a csr_matrix. Results: an ndarray or a Dask array.
Matrix = Any
Result = Any


class Rows(Protocol):
    """Validated rows, or rows that are validated as they are read."""

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns."""

    @property
    def dtype(self) -> np.dtype:
        """Precision of the rows: float64 or float32."""

    def take(self, indices: np.ndarray) -> Matrix:
        """Read the rows at these positions, which ascend."""

    def read(self) -> Matrix:
        """Read all rows."""

    def map(
        self,
        function: Callable[[Matrix], np.ndarray],
        n_outputs: int,
        finish: Sequence[Callable[[np.ndarray], np.ndarray]],
    ) -> list[Result]:
        """Map all rows.

        Parameters
        ----------
        function : callable
            Maps rows to an array of float64 of shape (n_rows, n_outputs).
        n_outputs : int
            Number of columns of that array.
        finish : sequence of callable
            Each maps such an array to a result with one entry for each row.

        Returns
        -------
        list of {ndarray, dask.array.Array}
            The results of `finish` for all rows.
        """

    def like_rows(self, results: list[np.ndarray]) -> list[Result]:
        """Return results for all rows in the kind of array that `map` returns."""


def in_native_order(X: Any) -> Any:
    """Give an array the byte order of the machine.

    scikit-learn would read float32 in another order as float64.

    Parameters
    ----------
    X : object
        What holds the rows.

    Returns
    -------
    object
        The same, or a copy in this order.
    """
    if isinstance(X, np.ndarray) and not X.dtype.isnative:
        return X.astype(X.dtype.newbyteorder("="))
    return X


def map_chunks(
    read: Callable[[slice], Matrix],
    shape: tuple[int, int],
    function: Callable[[Matrix], Sequence[np.ndarray]],
) -> list[np.ndarray]:
    """Apply a function to rows, chunk by chunk.

    Parameters
    ----------
    read : callable
        Returns the rows of a slice.
    shape : tuple of int
        Number of rows and of columns.
    function : callable
        Maps rows to arrays with as many rows.

    Returns
    -------
    list of ndarray
        The results for all rows.
    """
    first, *others = chunks(shape) or [slice(0, 0)]
    parts = function(read(first))
    # In one piece each: a list of parts would hold the memory twice.
    results = [np.empty((shape[0], *part.shape[1:]), part.dtype) for part in parts]
    for result, part in zip(results, parts, strict=True):
        result[first] = part
    for chunk in others:
        for result, part in zip(results, function(read(chunk)), strict=True):
            result[chunk] = part
    return results
