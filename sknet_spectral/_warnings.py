"""Warnings that point at the user's line, whatever lies between."""

import sys
import warnings
from types import FrameType

# Packages whose lines tell the user nothing: this one, and what calls it.
_BETWEEN = {__name__.partition(".")[0], "sklearn", "joblib", "contextlib", "concurrent"}


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the nearest line outside this package and those that call it.

    Parameters
    ----------
    message : str
        What is wrong, and what to do.
    category : type, default=UserWarning
        The class of the warning.
    """
    frame, stacklevel = sys._getframe(1), 2
    while frame.f_back and _package(frame) in _BETWEEN:
        frame, stacklevel = frame.f_back, stacklevel + 1
    warnings.warn(message, category, stacklevel=stacklevel)


def _package(frame: FrameType) -> str:
    return frame.f_globals.get("__name__", "").partition(".")[0]
