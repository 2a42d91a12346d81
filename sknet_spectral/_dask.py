"""Dask in, Dask out: some rows gathered in one go, all of them mapped by block.

Imported when a collection of Dask's arrives, never before.
"""

from contextlib import contextmanager

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
from scipy import sparse
from sklearn.utils import check_array

from ._stored_rows import ROWS_DTYPE, StoredRows


class DaskRows(StoredRows):
    """Rows of a Dask collection, checked where they are.

    Parameters
    ----------
    X : {dask.array.Array, dask.dataframe.DataFrame} of shape (n_rows, n_features)
        The collection; blocks may be sparse, empty and of unknown length.
    dtype : numpy.dtype
        Precision of the rows: float64 or float32.
    n_least : int
        The fewest rows that `read` accepts.

    Attributes
    ----------
    blocks : dask.array.Array of shape (n_rows, n_features)
        The collection in blocks of whole rows; those of a data frame are data
        frames still.
    """

    def __init__(self, X, dtype, n_least):
        self.source, self.dtype, self.n_least = X, dtype, n_least
        if isinstance(X, da.Array):
            self.blocks = X.rechunk({1: X.shape[1]}) if X.numblocks[1] > 1 else X
        else:
            self.blocks = X.map_partitions(
                _as_it_is,
                meta=np.empty((0, len(X.columns)), dtype),
                enforce_metadata=False,
            )
        self._lengths = self.blocks.chunks[0]

    @property
    def shape(self):
        """Count rows, where Dask does not know them, and columns.

        Returns
        -------
        tuple of int
            Both numbers.
        """
        return sum(self._known_lengths()), self.blocks.shape[1]

    def take(self, indices):
        """Gather some rows, in one computation.

        Parameters
        ----------
        indices : ndarray of shape (n_drawn,)
            Their positions in ascending order.

        Returns
        -------
        {ndarray, csr_matrix} of shape (n_drawn, n_features)
            The rows, checked.
        """
        starts = np.cumsum([0, *self._known_lengths()])
        cuts = np.searchsorted(indices, starts)
        drawn = {
            number: indices[first:last] - start
            for number, (start, first, last) in enumerate(
                zip(starts[:-1], cuts[:-1], cuts[1:], strict=True)
            )
            if first < last
        }
        return self._checked(self._gather(drawn))

    def read(self):
        """Gather all rows, in one computation.

        Returns
        -------
        {ndarray, csr_matrix} of shape (n_rows, n_features)
            The rows, checked.
        """
        every = dict.fromkeys(range(self.blocks.numblocks[0]), slice(None))
        parts = self._gather(every)
        self._lengths = tuple(part.shape[0] for part in parts)
        return self._checked(parts)

    def map_blocks(self, functions, row_map, n_components):
        """Apply functions of the embedding to all rows, later.

        Parameters
        ----------
        functions : list of callable
            Each maps an embedding to an array with as many rows.
        row_map : NetworkEstimator
            Has the map of rows to their embedding. It is one key of the graph, which
            each worker receives once, and any worker can make again.
        n_components : int
            Columns of the embedding.

        Returns
        -------
        list of dask.array.Array
            The results.
        """
        Y = da.map_blocks(
            _embed_block,
            self.blocks,
            dask.delayed(row_map, traverse=False),
            n_components=n_components,
            chunks=(self._lengths, (n_components,)),
            dtype=np.float64,
            meta=np.empty((0, 0)),
        )
        return [map_embedding(function, Y) for function in functions]

    def in_blocks(self, results):
        """Cut arrays in memory as the collection is cut.

        Parameters
        ----------
        results : list of ndarray
            Arrays with a row for each row of the collection.

        Returns
        -------
        list of dask.array.Array
            The same arrays.
        """
        return [
            da.from_array(result, chunks=(self._lengths, *result.shape[1:]))
            for result in results
        ]

    def _known_lengths(self):
        if np.isnan(self._lengths).any():
            if isinstance(self.source, da.Array):
                blocks = self.blocks.to_delayed().ravel()
            else:
                # A file of columns need not be read whole to count its rows.
                blocks = self.source.iloc[:, :1].to_delayed()
            self._lengths = dask.compute(*map(_count, blocks))
        return self._lengths

    def _gather(self, drawn):
        blocks = self.blocks.to_delayed().ravel()
        return dask.compute(
            *(
                _rows_of_block(blocks[number], rows, number)
                for number, rows in drawn.items()
            )
        )

    def _checked(self, parts):
        if any(map(sparse.issparse, parts)):
            rows = sparse.vstack(parts, format="csr")
        else:
            rows = np.concatenate(parts)
        return check_array(
            rows,
            accept_sparse="csr",
            dtype=self.dtype,
            ensure_min_samples=self.n_least,
            input_name="X",
        )


def header(X):
    """Return no rows, with the columns of a collection.

    Parameters
    ----------
    X : {dask.array.Array, dask.dataframe.DataFrame}
        The collection.

    Returns
    -------
    {ndarray, DataFrame}
        An array or a data frame of length zero.

    Raises
    ------
    ValueError
        If it is not known how many columns there are.
    """
    if isinstance(X, dd.DataFrame):
        return X._meta
    if np.isnan(X.shape[1:]).any():
        raise ValueError(
            f"X has shape {X.shape}, so that its columns cannot be counted: say how "
            "many they are where the Dask array is made."
        )
    return np.empty((0, *X.shape[1:]), X.dtype)


def map_embedding(function, Y):
    """Apply a function to the blocks of an embedding, later.

    Parameters
    ----------
    function : callable
        Maps an embedding to an array with as many rows.
    Y : dask.array.Array of shape (n_rows, n_components)
        The embedding.

    Returns
    -------
    dask.array.Array
        The result.
    """
    nothing = function(np.empty((0, Y.shape[1])))
    return da.map_blocks(
        _apply,
        Y,
        dask.delayed(function, traverse=False),
        dtype=nothing.dtype,
        meta=nothing,
        drop_axis=list(range(nothing.ndim, Y.ndim)),
    )


def _as_it_is(block):
    return block


def _apply(Y, function):
    return function(Y)


@dask.delayed
def _count(block):
    return block.shape[0]


@dask.delayed
def _rows_of_block(block, rows, number):
    with _named(number):
        found = check_array(
            block,
            accept_sparse="csr",
            dtype=ROWS_DTYPE,
            ensure_all_finite=False,
            ensure_min_samples=0,
        )
        return found[rows]


def _embed_block(block, row_map, n_components, block_id):
    if block.shape[0] == 0:
        return np.empty((0, n_components))
    with _named(block_id[0]):
        rows = row_map._validate_rows(block, reset=False)
        (Y,) = row_map._map_rows([np.asarray], rows, n_components)
        return Y


@contextmanager
def _named(number):
    """Say in an error from which block it comes."""
    try:
        yield
    except Exception as error:
        kind = ValueError if isinstance(error, ValueError) else RuntimeError
        raise kind(f"Block {number} of X, counted from zero: {error}") from error
