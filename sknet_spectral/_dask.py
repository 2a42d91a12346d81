"""Dask in, Dask out: some rows gathered in one go, all of them mapped by block.

Imported when a collection of Dask's arrives, never before.
"""

import dask
import dask.array as da
import numpy as np
from scipy import sparse
from sklearn.utils import check_array

from ._dask_blocks import blocks_of, compute_each, map_embedding, named_block
from ._stored_rows import ROWS_DTYPE, StoredRows, map_chunks


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
        self.dtype, self.n_least = dtype, n_least
        self.blocks = blocks_of(X)
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
        (numbers,) = np.nonzero(np.diff(cuts))
        drawn = [indices[cuts[i] : cuts[i + 1]] - starts[i] for i in numbers]
        return self._checked(self._gather(numbers, drawn))

    def read(self):
        """Gather all rows, in one computation.

        Returns
        -------
        {ndarray, csr_matrix} of shape (n_rows, n_features)
            The rows, checked.
        """
        numbers = np.arange(self.blocks.numblocks[0])
        parts = self._gather(numbers, [slice(None)] * len(numbers))
        self._lengths = tuple(part.shape[0] for part in parts)
        return self._checked(parts)

    def map_blocks(self, functions, row_map, n_components):
        """Apply functions of the embedding to all rows, later.

        Parameters
        ----------
        functions : list of callable
            Each maps an embedding to an array with as many rows.
        row_map : NetworkEstimator
            Has the map of rows to their embedding. It is in one key of the graph,
            which each worker receives once, and a lost one again.
        n_components : int
            Columns of the embedding.

        Returns
        -------
        list of dask.array.Array
            The results.
        """
        Y = self.map_rows(row_map._transform, row_map, n_components)
        return [map_embedding(function, Y) for function in functions]

    def map_rows(self, function, row_map, n_outputs):
        """Apply a function of rows to all rows, later.

        Parameters
        ----------
        function : callable
            Maps rows to an array of float64 with as many rows.
        row_map : NetworkEstimator
            Checks the rows of each block.
        n_outputs : int
            Columns of the result.

        Returns
        -------
        dask.array.Array of shape (n_rows, n_outputs)
            The result.
        """
        return da.map_blocks(
            _map_block,
            self.blocks,
            dask.delayed((function, row_map), traverse=False),
            n_outputs=n_outputs,
            chunks=(self._lengths, (n_outputs,)),
            dtype=np.float64,
            meta=np.empty((0, 0)),
        )

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
            # Not of one column, though cheaper: Dask then cuts files otherwise.
            self._lengths = tuple(compute_each(_length, self.blocks))
        return self._lengths

    def _gather(self, numbers, drawn):
        blocks = self.blocks
        if len(numbers) < blocks.numblocks[0]:
            blocks = blocks.blocks[numbers]
        drawn = dask.delayed(list(zip(numbers, drawn, strict=True)), traverse=False)
        return compute_each(_rows_of_block, blocks, drawn)

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


def _length(block, position):
    return block.shape[0]


def _rows_of_block(block, drawn, position):
    number, rows = drawn[position]
    with named_block(number):
        found = check_array(
            block,
            accept_sparse="csr",
            dtype=ROWS_DTYPE,
            ensure_all_finite=False,
            ensure_min_samples=0,
        )
        return found[rows]


def _map_block(block, work, n_outputs, block_id):
    if block.shape[0] == 0:
        return np.empty((0, n_outputs))
    function, row_map = work
    with named_block(block_id[0]):
        rows = row_map._validate_rows(block, reset=False)
        (result,) = map_chunks(lambda chunk: (function(chunk),), rows)
        return result
