"""Telling Dask's collections without importing Dask."""

import sys


def is_dask(X: object) -> bool:
    """Tell Dask's arrays and data frames from all else.

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
