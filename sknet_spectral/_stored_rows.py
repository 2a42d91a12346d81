"""Rows on disk: read, checked and mapped chunk by chunk, never copied whole."""

import sys

import numpy as np
from scipy import sparse
from sklearn import config_context
from sklearn.utils import check_array

from ._engine.rows import chunks

ROWS_DTYPE = (np.float64, np.float32)


class StoredRows:
    """Rows of an array on disk that are checked as they are read.

    Parameters
    ----------
    source : array
        A `numpy.memmap`, or anything with a shape that slices to numpy arrays, as
        datasets of HDF5 and Zarr do.
    """

    def __init__(self, source):
        self.source, self.shape = source, tuple(source.shape)
        self.dtype = self[:1].dtype

    def __getitem__(self, rows):
        with config_context(assume_finite=False):
            return check_array(self.source[rows], dtype=ROWS_DTYPE)

    def take(self, indices):
        """Read some rows.

        Parameters
        ----------
        indices : ndarray of shape (n_drawn,)
            Their positions in ascending order.

        Returns
        -------
        ndarray of shape (n_drawn, n_features)
            The rows, checked.
        """
        if isinstance(self.source, np.ndarray):
            return self[indices]
        parts = []
        for chunk in chunks(self.shape):
            first, last = np.searchsorted(indices, [chunk.start, chunk.stop])
            if first < last:
                parts.append(self[chunk][indices[first:last] - chunk.start])
        return np.concatenate(parts)

    def read(self):
        """Read all rows.

        Returns
        -------
        ndarray of shape (n_rows, n_features)
            The rows, checked.
        """
        return self[:]


def is_stored(X):
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


def is_dask(X):
    """Tell Dask's arrays and data frames from all else, without importing Dask.

    Parameters
    ----------
    X : object
        What the user has given.

    Returns
    -------
    bool
        Whether it is one of them.
    """
    array = getattr(sys.modules.get("dask.array"), "Array", ())
    frame = getattr(sys.modules.get("dask.dataframe"), "DataFrame", ())
    return isinstance(X, (array, frame))


def map_chunks(function, X):
    """Apply a function of rows to an array, chunk by chunk.

    Parameters
    ----------
    function : callable
        Maps rows to a tuple of arrays with as many rows.
    X : {ndarray, csr_matrix, StoredRows} of shape (n_rows, n_features)
        The rows; a chunk has at most 4,096.

    Returns
    -------
    list of ndarray
        The results of all rows.
    """
    results = None
    for chunk in chunks(X.shape):
        parts = function(X[chunk])
        if results is None:
            results = [np.empty((X.shape[0], *p.shape[1:]), p.dtype) for p in parts]
        for result, part in zip(results, parts, strict=True):
            result[chunk] = part
    return results
