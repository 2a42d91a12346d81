"""What a file of an estimator names but does not hold."""

from typing import Any, NoReturn

from sklearn.base import BaseEstimator


class SavedByName(BaseEstimator):
    """Stands for what a file names but does not hold, and refuses to be used.

    Parameters
    ----------
    name : str
        Its name, as `qualified_name` gives it.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name

    def __call__(self, *args: Any, **parameters: Any) -> NoReturn:
        """Say what is missing."""
        raise ValueError(
            f"{self.name} was saved by its name only: give it to the loaded estimator "
            "by set_params, and fit that again."
        )

    fit = transform = __call__


class LeftOut:
    """Stands for a lazy array that a file leaves out, and refuses to be used.

    Parameters
    ----------
    name : str
        The attribute whose value it was.
    shape : tuple of int
        The array's shape.
    """

    def __init__(self, name: str, shape: tuple[int, ...]) -> None:
        self.name, self.shape = name, shape

    def _refuse(self, *args: Any, **options: Any) -> NoReturn:
        """Say where the values are to be had."""
        raise ValueError(
            f"{self.name} was lazy when the estimator was saved, and is not in the "
            "file: map the collection again by transform or predict."
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
