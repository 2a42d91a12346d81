"""Rows on disk: read, checked and mapped chunk by chunk, never copied whole."""

from typing import Any

import numpy as np
from scipy import sparse
from sklearn import config_context
from sklearn.utils import check_array

from .._chunks import chunks
from .masked import check_mask
from .memory import MemoryRows
from .rows import ROWS_DTYPE, in_native_order


class StoredRows(MemoryRows):
    """Rows of an array on disk that are checked as they are read.

    Parameters
    ----------
    source : array
        A `numpy.memmap`, or anything with a shape that slices to numpy arrays, as
        datasets of HDF5 and Zarr do.
    """

    def __init__(self, source: Any) -> None:
        self.source, self.shape = source, tuple(source.shape)
        self.dtype = self._chunk(slice(1)).dtype

    def take(self, indices: np.ndarray) -> np.ndarray:
        """Read the rows at these positions, which ascend."""
        if isinstance(self.source, np.ndarray):
            return self._chunk(indices)
        parts = []
        for chunk in chunks(self.shape):
            first, last = np.searchsorted(indices, [chunk.start, chunk.stop])
            if first < last:
                parts.append(self._chunk(chunk)[indices[first:last] - chunk.start])
        return np.concatenate(parts)

    def read(self) -> np.ndarray:
        """Read all rows."""
        return self._chunk(slice(None))

    def first(self, n_rows: int) -> np.ndarray:
        """Read the first rows."""
        return self._chunk(slice(n_rows))

    def _chunk(self, rows: slice | np.ndarray) -> np.ndarray:
        chunk = in_native_order(self.source[rows])
        check_mask(chunk, "X")
        with config_context(assume_finite=False):
            return check_array(chunk, dtype=ROWS_DTYPE, input_name="X")


def is_stored(X: Any) -> bool:
    """Tell rows on disk from rows in memory.

    Parameters
    ----------
    X : object
        What the user has given.

    Returns
    -------
    bool
        Whether it is a `numpy.memmap`, or no array but slices to arrays.
    """
    if isinstance(X, np.ndarray):
        return isinstance(X, np.memmap) and X.ndim == 2
    if sparse.issparse(X) or len(getattr(X, "shape", ())) != 2:
        return False
    try:
        return isinstance(X[:1], np.ndarray)
    except (TypeError, LookupError, RuntimeError):  # torch's, of sparse tensors
        return False
