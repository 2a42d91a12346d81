"""A Dask collection as blocks of whole rows, and functions of its blocks."""

from contextlib import contextmanager

import dask
import dask.array as da
import numpy as np


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
    if not isinstance(X, da.Array):
        return X._meta
    if np.isnan(X.shape[1:]).any():
        raise ValueError(
            f"X has shape {X.shape}, so that its columns cannot be counted: say how "
            "many they are where the Dask array is made."
        )
    return np.empty((0, *X.shape[1:]), X.dtype)


def finish_blocks(function, Y):
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


def blocks_of(X):
    """Return a collection as an array of blocks of whole rows.

    Parameters
    ----------
    X : {dask.array.Array, dask.dataframe.DataFrame} of shape (n_rows, n_features)
        The collection.

    Returns
    -------
    dask.array.Array of shape (n_rows, n_features)
        The same; the blocks of a data frame are data frames still.
    """
    if isinstance(X, da.Array):
        return X.rechunk({1: X.shape[1]}) if X.numblocks[1] > 1 else X
    meta = np.empty((0, len(X.columns)))
    return X.map_partitions(_as_it_is, meta=meta, enforce_metadata=False)


def compute_each(function, blocks, *arguments):
    """Compute a function of each block, all in one computation.

    Parameters
    ----------
    function : callable
        Takes a block, the arguments, and the position of the block.
    blocks : dask.array.Array of shape (n_rows, n_features)
        The blocks.
    *arguments : dask.delayed.Delayed
        What the function has of the others.

    Returns
    -------
    list
        The results. They need not be alike, as parts of an array would have to be.
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


def _in_a_cell(block, *arguments, function, block_id):
    cell = np.empty((1, 1), object)
    cell[0, 0] = function(block, *arguments, block_id[0])
    return cell


def _as_it_is(block):
    return block


def _apply(Y, function):
    return function(Y)


@contextmanager
def named_block(number):
    """Say in an error from which block it comes.

    Parameters
    ----------
    number : int
        Position of the block in the collection.

    Raises
    ------
    ValueError
        If what is done with the block raises one.
    RuntimeError
        If it raises anything else.
    """
    try:
        yield
    except Exception as error:
        kind = ValueError if isinstance(error, ValueError) else RuntimeError
        raise kind(f"Block {number} of X, counted from zero: {error}") from error
