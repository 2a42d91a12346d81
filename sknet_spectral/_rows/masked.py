"""Entries that a mask declares missing."""

from typing import Any

import numpy as np


def check_mask(X: Any, name: str) -> None:
    """Raise an error if a masked array has masked entries, as rasters without data do.

    numpy and scikit-learn would read what lies below the mask, such as -9999.

    Parameters
    ----------
    X : object
        What the user has given.
    name : str
        Name of the parameter.

    Raises
    ------
    ValueError
        If it has masked entries.
    """
    if isinstance(X, np.ma.MaskedArray) and np.ma.is_masked(X):
        raise ValueError(
            f"{name} has {np.ma.count_masked(X)} masked entries, which are missing "
            f"values: leave out their rows, or give {name}.filled(numpy.nan) to "
            "sklearn.impute.SimpleImputer before this step."
        )
