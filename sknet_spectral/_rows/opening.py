"""The one place that asks what kind of rows the user has given."""

from typing import Any

import numpy as np
from scipy import sparse
from sklearn import config_context
from sklearn.utils import check_array
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import validate_data

from .._forked_process import prepare_forked_process
from .containers import check_container, column_names, explain, readable
from .dask_types import is_dask
from .memory import MemoryRows
from .rows import ROWS_DTYPE, Matrix, Result, Rows, in_native_order
from .stored import StoredRows, is_stored

# What scikit-learn compares rows with.
_FEATURES = "n_features_in_", "feature_names_in_"


def open_rows(
    estimator: Any, X: Any, *, ensure_min_samples: int = 1, reset: bool = True
) -> Rows:
    """Validate rows, and leave them where they are if that is on disk or in Dask.

    Parameters
    ----------
    estimator : estimator
        Learns the features of X, or compares them with those it knows.
    X : object
        What the user has given.
    ensure_min_samples : int, default=1
        The fewest rows to accept.
    reset : bool, default=True
        Whether to learn the features.

    Returns
    -------
    Rows
        The rows.
    """
    if is_dask(X):
        # Imported here, since only those who use Dask have it.
        from .dask import DaskRows
        from .dask_blocks import header

        empty = validate_rows(estimator, header(X), reset=reset, ensure_min_samples=0)
        return DaskRows(X, empty.dtype, ensure_min_samples, _RowCheck(estimator))
    options = {"reset": reset, "ensure_min_samples": ensure_min_samples}
    if not is_stored(X):
        return MemoryRows(validate_rows(estimator, X, **options))
    rows = StoredRows(X)
    validate_rows(estimator, rows.first(ensure_min_samples), **options)
    return rows


def validate_rows(estimator: Any, X: Any, **options: Any) -> Matrix:
    """Read and validate rows.

    Parameters
    ----------
    estimator : estimator
        Learns the features of X, or compares them with those it knows.
    X : object
        What the user has given.
    **options
        Passed to scikit-learn's `validate_data`.

    Returns
    -------
    {ndarray, csr_matrix} of shape (n_rows, n_features)
        The rows in memory, never the user's own sparse matrix if that would change.
    """
    # Validation runs scikit-learn's parallel code.
    prepare_forked_process()
    if is_dask(X):
        return open_rows(estimator, X, **options).read()
    X = in_native_order(readable(X))
    try:
        # A NaN would end anywhere later, and the check costs little.
        with config_context(assume_finite=False):
            X = validate_data(
                estimator, X, accept_sparse="csr", dtype=ROWS_DTYPE, **options
            )
    except (TypeError, ValueError) as error:
        if not options.get("reset", True) and _has_other_columns(estimator, X):
            raise  # scikit-learn names the columns that are too many or missing
        explain(X, error)
    X = _in_floats(X)
    return _own_rows(X) if sparse.issparse(X) else X


def validate_matrix(X: Any, name: str, **options: Any) -> Matrix:
    """Read and validate a matrix that is not the rows of an estimator.

    Parameters
    ----------
    X : object
        What the user, or a function of the user's, has given.
    name : str
        What to call it in errors.
    **options
        Passed to scikit-learn's `check_array`.

    Returns
    -------
    {ndarray, csr_matrix}
        The matrix in memory.
    """
    check_container(X, name)
    with config_context(assume_finite=False):
        return _in_floats(check_array(X, dtype=ROWS_DTYPE, input_name=name, **options))


def _has_other_columns(estimator: Any, X: Any) -> bool:
    known = getattr(estimator, "feature_names_in_", None)
    if known is None or not hasattr(X, "columns"):
        return False
    return column_names(X) != list(known)


def fitted_rows(Y: Result) -> Rows:
    """Open the embedding of the training rows, which needs no validation.

    Parameters
    ----------
    Y : {ndarray, dask.array.Array} of shape (n_samples, n_components)
        The embedding.

    Returns
    -------
    Rows
        Its rows.
    """
    if is_dask(Y):
        from .dask import DaskRows

        return DaskRows(Y, Y.dtype, 1, np.asarray)
    return MemoryRows(Y[:])


def is_lazy(value: object) -> bool:
    """Tell whether a value has yet to be computed, and so cannot be saved.

    Parameters
    ----------
    value : object
        Any value.

    Returns
    -------
    bool
        Whether it is a Dask collection.
    """
    return is_dask(value)


def check_output_container(estimator: Any, X: Any) -> None:
    """Refuse to put the result for a Dask collection into a data frame.

    Parameters
    ----------
    estimator : estimator
        Its `set_output` may ask for data frames.
    X : object
        What the user has given.

    Raises
    ------
    ValueError
        If it does, and X is a Dask collection.
    """
    container = _get_output_config("transform", estimator)["dense"]
    if is_dask(X) and container != "default":
        raise ValueError(
            f"set_output(transform={container!r}) would put the result for a whole "
            "Dask collection into memory: leave it at 'default', and convert what you "
            "compute."
        )


class _RowCheck:
    """Validates the rows of a block of Dask's, on any worker."""

    def __init__(self, estimator: Any) -> None:
        # Without what a fit has learned, which would travel along.
        self.estimator = type(estimator)(**estimator.get_params(deep=False))
        for name in _FEATURES:
            if hasattr(estimator, name):
                setattr(self.estimator, name, getattr(estimator, name))

    def __call__(self, rows: Any) -> Matrix:
        return validate_rows(self.estimator, rows, reset=False)


def _in_floats(X: Matrix) -> Matrix:
    """Convert bools, as which scikit-learn leaves the sparse columns of a frame."""
    return X.astype(np.float64) if X.dtype == bool else X


def _own_rows(X: sparse.csr_matrix) -> sparse.csr_matrix:
    """Copy sparse rows that scipy would make canonical in place, the caller's own.

    The order of a row's entries is kept if none is double: among distances it says
    which of two equal ones is nearer.
    """
    if X.has_canonical_format:
        return X
    summed = X.copy()
    summed.sum_duplicates()
    return summed if summed.nnz < X.nnz else X.copy()
