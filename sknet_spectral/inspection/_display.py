"""What all displays share: opening axes, reading estimators, labelling axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from .. import _partition

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

_MAX_TICKS = 25


class Display:
    """Base of all displays: `from_estimator` reads the data, `plot` draws them."""

    @classmethod
    def _attribute(cls, estimator: Any, name: str, instead: str = "") -> Any:
        """Read an attribute of a fitted estimator.

        Parameters
        ----------
        estimator : estimator
            The estimator.
        name : str
            The attribute.
        instead : str, default=""
            What to do instead, for the error.

        Returns
        -------
        object
            Its value.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If the estimator has no such attribute.
        """
        check_is_fitted(estimator)
        if not hasattr(estimator, name):
            if hasattr(estimator, "steps"):
                instead = (
                    ": pass its last step, pipeline[-1]. New rows for that step come "
                    "from pipeline[:-1].transform"
                )
            raise ValueError(
                f"{cls.__name__} needs an estimator with {name}, got "
                f"{type(estimator).__name__}{instead}."
            )
        return in_memory(getattr(estimator, name))

    def _open_axes(self, ax: Axes | None, **subplot_options: Any) -> Axes:
        """Return the axes to draw on: the user's, or those of a new figure.

        Parameters
        ----------
        ax : matplotlib Axes or None
            The user's axes.
        **subplot_options : dict
            Options of new axes.

        Returns
        -------
        matplotlib Axes
            The axes, which are also `ax_` from now on.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        try:
            from matplotlib import pyplot
        except ImportError as error:
            raise ImportError(
                f"{type(self).__name__}.plot needs matplotlib, which is an extra: "
                "pip install 'sknet-spectral[plot]'."
            ) from error
        if ax is None:
            _, ax = pyplot.subplots(layout="constrained", subplot_kw=subplot_options)
        self.ax_, self.figure_ = ax, ax.figure
        return ax


def in_memory(values: Any) -> Any:
    """Compute the lazy attributes of an estimator that was fitted on Dask.

    Parameters
    ----------
    values : {ndarray, dask.array.Array}
        Labels or an embedding.

    Returns
    -------
    ndarray
        The values in memory.
    """
    return values.compute() if hasattr(values, "compute") else values


def check_labels(y: ArrayLike, n_rows: int) -> np.ndarray:
    """Check that there is one label for each row.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        Numbers, strings or categories.
    n_rows : int
        Number of rows.

    Returns
    -------
    ndarray of shape (n_rows,)
        The labels.

    Raises
    ------
    ValueError
        If there are more or fewer, or some are missing.
    """
    labels = _partition.check_labels(y, "y")
    if len(labels) != n_rows:
        raise ValueError(f"y has {len(labels)} labels, but there are {n_rows} rows.")
    return labels


def whole_numbers(axis: Axis) -> None:
    """Put ticks only at whole numbers.

    Parameters
    ----------
    axis : matplotlib Axis
        The axis of a count.
    """
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def whole_number_ticks(axis: Axis, first: int, last: int) -> None:
    """Put a tick at each whole number, or at some of them if there are many.

    Parameters
    ----------
    axis : matplotlib Axis
        The axis of a count.
    first, last : int
        The range of the numbers.
    """
    if last - first < _MAX_TICKS:
        axis.set_ticks(range(first, last + 1))
    else:
        whole_numbers(axis)


def give_title(ax: Axes, title: str) -> None:
    """Give axes a title, unless they have one.

    Parameters
    ----------
    ax : matplotlib Axes
        The axes.
    title : str
        The title.
    """
    if not ax.get_title():
        ax.set_title(title)
