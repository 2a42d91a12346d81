"""Placeholders for values that a file of an estimator does not contain."""

from typing import Any, NoReturn

from sklearn.base import BaseEstimator


class SavedByName(BaseEstimator):
    """Placeholder for a value that was saved by name only. Using it is an error.

    Parameters
    ----------
    name : str
        The name of the value, from `qualified_name`.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name

    def __call__(self, *args: Any, **parameters: Any) -> NoReturn:
        """Raise an error that says what is missing."""
        raise ValueError(
            f"{self.name} was saved by its name only: pass it to the loaded estimator "
            "with set_params, and fit that again."
        )

    fit = transform = __call__


class LeftOut:
    """Placeholder for a lazy array that was not saved. Using it is an error.

    Parameters
    ----------
    name : str
        The attribute that had the array.
    shape : tuple of int
        The shape of the array.
    """

    def __init__(self, name: str, shape: tuple[int, ...]) -> None:
        self.name, self.shape = name, shape

    def _refuse(self, *args: Any, **options: Any) -> NoReturn:
        """Raise an error that says how to get the values."""
        raise ValueError(
            f"{self.name} was lazy when the estimator was saved, and is not in the "
            "file: map the collection again with transform or predict."
        )

    __array__ = __getitem__ = compute = _refuse


def qualified_name(value: Any) -> str:
    """Name a function or a class, or the class of another value.

    Parameters
    ----------
    value : object
        The value.

    Returns
    -------
    str
        "module:name".
    """
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}:{named.__qualname__}"
