"""Containers of rows, and errors that say what to give instead of some."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from typing import Any, NoReturn

import numpy as np
from scipy import sparse

from .dask_types import is_dask
from .masked import check_mask
from .stored import is_stored

# How pandas, polars and Arrow begin the names of their types of dates and durations.
_TIMES = "date", "time", "duration"


def readable(X: Any) -> Any:
    """Return rows that scikit-learn can validate, their columns named by plain strings.

    Parameters
    ----------
    X : object
        What the user has given.

    Returns
    -------
    object
        The same, but for names of columns that are strings of another kind.

    Raises
    ------
    TypeError
        If it holds no rows that numpy can read.
    ValueError
        If there are no columns, or their names occur twice; if X holds dates, masked
        entries or the fields of a structured array.
    """
    check_container(X, "X")
    if hasattr(X, "columns"):
        return _frame(X)
    _check_dtype(X)
    return X


def check_container(X: Any, name: str) -> None:
    """Raise an error if numpy cannot read the numbers that something holds.

    Parameters
    ----------
    X : object
        What the user has given.
    name : str
        Name of the parameter.

    Raises
    ------
    TypeError
        If it cannot be read; the error says what to give instead.
    ValueError
        If entries are masked.
    """
    if _is_tensor(X):
        _check_tensor(X, name)
    elif not _is_array(X):
        _refuse(X, name)
    check_mask(X, name)


def explain(X: Any, error: Exception) -> NoReturn:
    """Raise an error that names the column that does not hold numbers.

    Parameters
    ----------
    X : object
        What could not be validated.
    error : Exception
        What was raised.
    """
    is_frame = hasattr(X, "columns")
    if not is_frame and isinstance(error, TypeError):
        raise error  # for an entry that is no scalar, scikit-learn has the words
    for name, column in _columns(X):
        dtype = getattr(column, "dtype", getattr(column, "type", None))
        if getattr(dtype, "kind", None) == "c":
            raise error  # the conversion would only warn
        try:
            np.asarray(column, dtype=np.float64)
        except (TypeError, ValueError):
            raise _no_numbers(name, dtype) from error
    raise error


def column_names(X: Any) -> list:
    """Return the names of the columns of a frame.

    Parameters
    ----------
    X : data frame
        A frame with an attribute `columns`. In a table of Arrow, these are no names.

    Returns
    -------
    list
        The names, of any type.
    """
    return list(X.column_names if _is_arrow(X) else X.columns)


def _columns(X: Any) -> Iterator[tuple[Any, Any]]:
    """Return the columns of a frame by name, or of an array of objects by position."""
    if hasattr(X, "columns"):
        for position, name in enumerate(column_names(X)):
            yield name, X.iloc[:, position] if hasattr(X, "iloc") else X[name]
    elif isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype.kind in "OSU":
        yield from enumerate(X.T)


def _is_tensor(X: Any) -> bool:
    """Tell a tensor of torch's, without importing torch."""
    return isinstance(X, getattr(sys.modules.get("torch"), "Tensor", ()))


def _is_arrow(X: Any) -> bool:
    """Tell a table of Arrow, without importing pyarrow."""
    pyarrow = sys.modules.get("pyarrow")
    names = "Table", "RecordBatch"
    return isinstance(X, tuple(getattr(pyarrow, name, ()) for name in names))


def _is_array(X: Any) -> bool:
    """Tell what numpy reads, and what has neither rows nor length."""
    if sparse.issparse(X) or is_dask(X) or isinstance(X, Sequence) or is_stored(X):
        return True
    if hasattr(X, "__array__") or hasattr(X, "__array_interface__"):
        return True
    if isinstance(X, (Iterator, Set)):
        return False
    return not any(hasattr(X, name) for name in ("__getitem__", "shape", "collect"))


def _refuse(X: Any, name: str) -> NoReturn:
    kind = f"{type(X).__module__}.{type(X).__qualname__}"
    if hasattr(X, "collect"):
        advice = "it is lazy: give what its collect() returns"
    elif hasattr(X, "X"):
        advice = "give the matrix that it holds, its attribute X"
    elif _has_sparse_slices(X):
        advice = "rows on disk are read as dense ones: give X[:], in memory"
    else:
        advice = "give one of these"
    raise TypeError(
        f"{name} must be an array, a sparse matrix, a data frame or lists of numbers, "
        f"got {kind}: {advice}."
    )


def _has_sparse_slices(X: Any) -> bool:
    try:
        return sparse.issparse(X[:1])
    except (TypeError, LookupError):
        return False


def _check_tensor(X: Any, name: str) -> None:
    try:
        X.numpy()
    except (RuntimeError, TypeError) as error:
        raise TypeError(
            f"{name} is a torch tensor that numpy cannot read ({X.dtype}, {X.layout}, "
            f"on {X.device}, requires_grad={X.requires_grad}): give "
            f"{name}.detach().to_dense().double().cpu()."
        ) from error


def _frame(X: Any) -> Any:
    names = column_names(X)
    if not names:
        raise ValueError(f"X has no columns, got shape {X.shape}: give at least one.")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(
            f"Names of columns of X occur more than once: {twice}. Rename them."
        )
    dtypes = X.schema.types if _is_arrow(X) else getattr(X, "dtypes", ())
    for name, dtype in zip(names, dtypes, strict=False):
        if str(dtype).lower().startswith(_TIMES):
            raise _no_numbers(name, dtype)
    are_strings = all(isinstance(name, str) for name in names)
    if are_strings and any(type(name) is not str for name in names):
        # scikit-learn takes no others for names.
        return X.set_axis([str.__str__(name) for name in names], axis=1)
    return X


def _no_numbers(name: object, dtype: object) -> ValueError:
    return ValueError(
        f"Column {name!r} of X holds {dtype}, not numbers: leave it out, or encode it "
        "before this step with sklearn.compose.ColumnTransformer, categories with "
        "OneHotEncoder, dates as days since a date."
    )


def _check_dtype(X: Any) -> None:
    dtype = getattr(X, "dtype", None)
    fields = getattr(dtype, "names", None)
    if fields:
        raise ValueError(
            f"X is a structured array with the fields {list(fields)}: give "
            "numpy.lib.recfunctions.structured_to_unstructured(X)."
        )
    if getattr(dtype, "kind", None) in ("m", "M"):
        raise ValueError(
            f"X holds {X.dtype}, not numbers: give the time since a date, say in days."
        )
