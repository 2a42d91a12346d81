"""What a fit shows of each stage: a bar on stderr, or nothing."""

import sys

from tqdm import tqdm


def progress_bar(stage, total, verbose):
    """Return the bar of a stage, a context manager.

    Parameters
    ----------
    stage : str
        Name of the stage.
    total : int
        Number of its steps.
    verbose : int or bool
        Whether to show it, if there is a stderr.

    Returns
    -------
    tqdm or NoBar
        The bar.
    """
    # Programs without a console have none.
    has_stderr = sys.stderr is not None and not sys.stderr.closed
    return _Bar(total=total, desc=stage) if verbose and has_stderr else NoBar()


class NoBar:
    """The bar of a fit that shows nothing."""

    n = 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def update(self, n=1):
        """Show nothing.

        Parameters
        ----------
        n : int, default=1
            Steps that are over.
        """

    def set_postfix(self, **values):
        """Show nothing.

        Parameters
        ----------
        **values
            What is known by now.
        """


class _Bar(tqdm):
    # The thread that watches bars would outlive them.
    monitor_interval = 0
