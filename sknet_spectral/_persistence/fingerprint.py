"""A hash that tells fits apart: by rows, parameters and versions of packages."""

import inspect
from collections.abc import Sequence
from importlib.metadata import version
from numbers import Integral
from typing import Any

import joblib
from scipy import sparse
from sklearn.base import clone

from .._version import __version__

_PACKAGES = "torch", "numpy", "scipy", "scikit-learn", "pynndescent"


def fingerprint(
    estimator: Any, data: tuple, neutral: Sequence[str], needed_by: str
) -> str:
    """Hash everything that the result of a fit depends on.

    Parameters
    ----------
    estimator : estimator
        The estimator, before it is fitted.
    data : tuple
        What it is fitted to. Sparse matrices are in CSR form.
    neutral : sequence of str
        Names of parameters to leave out.
    needed_by : str
        What needs the hash, as the beginning of an error.

    Returns
    -------
    str
        The hash.

    Raises
    ------
    ValueError
        If `random_state` is not an integer, or a parameter cannot be pickled.
    """
    if not isinstance(estimator.random_state, Integral):
        raise ValueError(
            f"{needed_by} needs random_state to be an integer, so that the same can be "
            f"drawn again; got random_state={estimator.random_state!r}."
        )
    parameters = estimator.get_params(deep=False)
    for name in neutral:
        parameters.pop(name, None)
    hashes = {
        name: _hash_of_parameter(name, value, needed_by)
        for name, value in parameters.items()
    }
    identity = {
        "class": type(estimator).__name__,
        "parameters": hashes,
        "sources": {name: _source(value) for name, value in parameters.items()},
        "versions": [__version__, *map(version, _PACKAGES)],
        "data": [contents(part) for part in data],
    }
    return joblib.hash(identity, hash_name="sha1")


def contents(data: Any) -> Any:
    """Return what a matrix stores, without flags that depend on its earlier use.

    Parameters
    ----------
    data : object
        The matrix, or anything else.

    Returns
    -------
    object
        What can be hashed.
    """
    if sparse.issparse(data):
        return data.shape, data.data, data.indices, data.indptr
    return data


def _hash_of_parameter(name: str, value: Any, needed_by: str) -> str:
    """Hash a parameter. If it is an estimator, its fitted state is ignored."""
    try:
        return joblib.hash(clone(value, safe=False), hash_name="sha1")
    except Exception as error:  # whatever the pickling of a user's object raises
        raise ValueError(
            f"{needed_by} needs parameters that can be pickled, but {name} is "
            f"{value!r}: {error}. Give, say, a function of a module, not a lambda."
        ) from error


def _source(value: Any) -> str | None:
    """Return the source of a function, which tells functions of one name apart."""
    try:
        return inspect.getsource(value)
    except (OSError, TypeError):  # not a function, or typed at a prompt
        return None
