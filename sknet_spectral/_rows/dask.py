"""Dask in, Dask out: some rows gathered in one go, all of them mapped by block.

Imported when a collection of Dask's arrives, never before.
"""

from collections.abc import Callable, Sequence
from typing import Any

import dask
import dask.array as da
import numpy as np
from scipy import sparse
from sklearn.utils import check_array

from .dask_blocks import blocks_of, compute_each, finish_blocks, named_block
from .memory import MemoryRows
from .rows import ROWS_DTYPE, Matrix


class DaskRows:
    """Rows of a Dask collection, checked where they are.

    Parameters
    ----------
    X : {dask.array.Array, dask.dataframe.DataFrame} of shape (n_rows, n_features)
        The collection; blocks may be sparse, empty and of unknown length.
    dtype : numpy.dtype
        Precision of the rows: float64 or float32.
    min_samples : int
        The fewest rows that `read` accepts.
    check : callable
        Validates the rows of a block when they are mapped. It can be pickled.

    Attributes
    ----------
    blocks : dask.array.Array of shape (n_rows, n_features)
        The collection in blocks of whole rows; those of a data frame are data
        frames still.
    """

    def __init__(
        self,
        X: Any,
        dtype: np.dtype,
        min_samples: int,
        check: Callable[[Matrix], Matrix],
    ) -> None:
        self.dtype, self.min_samples, self.check = dtype, min_samples, check
        self.blocks = blocks_of(X)
        self._lengths = self.blocks.chunks[0]

    @property
    def shape(self) -> tuple[int, int]:
        """Count rows, where Dask does not know them, and columns.

        Returns
        -------
        tuple of int
            Both numbers.
        """
        return sum(self._known_lengths()), self.blocks.shape[1]

    def take(self, indices: np.ndarray) -> Matrix:
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

    def read(self) -> Matrix:
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

    def map(
        self,
        function: Callable[[Matrix], np.ndarray],
        n_outputs: int,
        finish: Sequence[Callable[[np.ndarray], np.ndarray]],
    ) -> list[da.Array]:
        """Map all rows, when the results are computed.

        Parameters
        ----------
        function : callable
            Maps rows to an array of float64 of shape (n_rows, n_outputs). It is in one
            key of the graph, which each worker receives once, and a lost one again.
        n_outputs : int
            Number of columns of that array.
        finish : sequence of callable
            Each maps such an array to a result with one entry for each row.

        Returns
        -------
        list of dask.array.Array
            The results of `finish` for all rows.
        """
        Y = da.map_blocks(
            _map_block,
            self.blocks,
            dask.delayed((function, self.check), traverse=False),
            n_outputs=n_outputs,
            chunks=(self._lengths, (n_outputs,)),
            dtype=np.float64,
            meta=np.empty((0, 0)),
        )
        return [finish_blocks(last, Y) for last in finish]

    def like_rows(self, results: list[np.ndarray]) -> list[da.Array]:
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

    def _known_lengths(self) -> tuple[int, ...]:
        if np.isnan(self._lengths).any():
            # Not of one column, though cheaper: Dask then cuts files otherwise.
            self._lengths = tuple(compute_each(_length, self.blocks))
        return self._lengths

    def _gather(self, numbers: np.ndarray, drawn: Sequence[Any]) -> list[Matrix]:
        blocks = self.blocks
        if len(numbers) < blocks.numblocks[0]:
            blocks = blocks.blocks[numbers]
        drawn = dask.delayed(list(zip(numbers, drawn, strict=True)), traverse=False)
        return compute_each(_rows_of_block, blocks, drawn)

    def _checked(self, parts: Sequence[Matrix]) -> Matrix:
        if any(map(sparse.issparse, parts)):
            rows = sparse.vstack(parts, format="csr")
        else:
            rows = np.concatenate(parts)
        return check_array(
            rows,
            accept_sparse="csr",
            dtype=self.dtype,
            ensure_min_samples=self.min_samples,
            input_name="X",
        )


def _length(block: Any, position: int) -> int:
    return block.shape[0]


def _rows_of_block(block: Any, drawn: Sequence[Any], position: int) -> Matrix:
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


def _map_block(
    block: Any,
    work: tuple[Callable, Callable],
    n_outputs: int,
    block_id: tuple[int, ...],
) -> np.ndarray:
    if block.shape[0] == 0:
        return np.empty((0, n_outputs))
    function, check = work
    with named_block(block_id[0]):
        rows = MemoryRows(check(block))
        (result,) = rows.map(function, n_outputs, [np.asarray])
        return result
