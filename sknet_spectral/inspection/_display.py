"""What every display shares: its axes, and what it asks of an estimator."""

from sklearn.utils import check_array, column_or_1d
from sklearn.utils.validation import check_is_fitted

_MAX_TICKS = 25


class Display:
    """A picture: `from_estimator` reads what is drawn, `plot` draws it."""

    @classmethod
    def _attribute(cls, estimator, name, instead=""):
        """Read an attribute of a fitted estimator.

        Parameters
        ----------
        estimator : estimator
            The estimator.
        name : str
            The attribute.
        instead : str, default=""
            What else would do, for the error.

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
            raise ValueError(
                f"{cls.__name__} needs an estimator with {name}, got "
                f"{type(estimator).__name__}{instead}."
            )
        return in_memory(getattr(estimator, name))

    def _open_axes(self, ax, **subplot_options):
        """Return the axes to draw on, those of a new figure if none are given.

        Parameters
        ----------
        ax : matplotlib Axes or None
            Axes that the user has.
        **subplot_options : dict
            Options of new axes.

        Returns
        -------
        matplotlib Axes
            What is now `ax_`.

        Raises
        ------
        ImportError
            If there is no matplotlib.
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


def in_memory(values):
    """Compute what an estimator that was fitted on Dask left lazy.

    Parameters
    ----------
    values : {ndarray, dask.array.Array}
        Labels or an embedding.

    Returns
    -------
    ndarray
        The same.
    """
    return values.compute() if hasattr(values, "compute") else values


def check_labels(y, n_rows):
    """Check that there is one label a row.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        Numbers, strings or categories.
    n_rows : int
        How many there must be.

    Returns
    -------
    ndarray of shape (n_rows,)
        The labels.

    Raises
    ------
    ValueError
        If there are more or fewer, or some are missing.
    """
    labels = check_array(y, ensure_2d=False, dtype=None, input_name="y")
    labels = column_or_1d(labels)
    if len(labels) != n_rows:
        raise ValueError(f"y has {len(labels)} labels, but there are {n_rows} rows.")
    return labels


def whole_numbers(axis):
    """Put ticks at whole numbers only.

    Parameters
    ----------
    axis : matplotlib Axis
        The axis of a count.
    """
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def whole_number_ticks(axis, first, last):
    """Put a tick at each whole number, or at fewer if there is no room.

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


def give_title(ax, title):
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
