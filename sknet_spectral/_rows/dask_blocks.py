"""A Dask collection as blocks of whole rows, and functions of its blocks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dask
import dask.array as da
import numpy as np


def header(X: Any) -> Any:
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
    if not isinstance(X, da.Array):
        return X._meta
    if np.isnan(X.shape[1:]).any():
        raise ValueError(
            f"X has shape {X.shape}, so that its columns cannot be counted: say how "
            "many they are where the Dask array is made."
        )
    return np.empty((0, *X.shape[1:]), X.dtype)


def finish_blocks(
    function: Callable[[np.ndarray], np.ndarray], Y: da.Array
) -> da.Array:
    """Apply a function to blocks when the result is computed.

    Parameters
    ----------
    function : callable
        Maps rows to an array with as many rows.
    Y : dask.array.Array of shape (n_rows, n_columns)
        The blocks.

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


def blocks_of(X: Any) -> da.Array:
    """Return a collection as an array of blocks of whole rows.

    Parameters
    ----------
    X : {dask.array.Array, dask.dataframe.DataFrame} of shape (n_rows, n_features)
        The collection.

    Returns
    -------
    dask.array.Array of shape (n_rows, n_features)
        The blocks. Those of a data frame are still data frames.
    """
    if isinstance(X, da.Array):
        return X.rechunk({1: X.shape[1]}) if X.numblocks[1] > 1 else X
    meta = np.empty((0, len(X.columns)))
    return X.map_partitions(_as_it_is, meta=meta, enforce_metadata=False)


def compute_each(
    function: Callable[..., Any], blocks: da.Array, *arguments: Any
) -> list[Any]:
    """Compute a function of each block, all in one computation.

    Parameters
    ----------
    function : callable
        Takes a block, the arguments, and the position of the block.
    blocks : dask.array.Array of shape (n_rows, n_features)
        The blocks.
    *arguments : dask.delayed.Delayed
        The arguments, which all blocks share.

    Returns
    -------
    list
        The results, which may be of different types and shapes.
    """
    results = da.map_blocks(
        _in_a_cell,
        blocks,
        *arguments,
        function=function,
        chunks=((1,) * blocks.numblocks[0], (1,)),
        dtype=object,
        meta=np.empty((0, 0), object),
    )
    return results.compute().ravel().tolist()


def _in_a_cell(
    block: Any, *arguments: Any, function: Callable[..., Any], block_id: tuple[int, ...]
) -> np.ndarray:
    cell = np.empty((1, 1), object)
    cell[0, 0] = function(block, *arguments, block_id[0])
    return cell


def _as_it_is(block: Any) -> Any:
    return block


def _apply(Y: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return function(Y)


@contextmanager
def named_block(number: int) -> Iterator[None]:
    """Add the number of a block to the errors that it causes.

    Parameters
    ----------
    number : int
        Position of the block in the collection.

    Raises
    ------
    ValueError
        If the block causes a ValueError.
    RuntimeError
        If it causes another error.
    """
    try:
        yield
    except Exception as error:
        kind = ValueError if isinstance(error, ValueError) else RuntimeError
        raise kind(f"Block {number} of X, counted from zero: {error}") from error
