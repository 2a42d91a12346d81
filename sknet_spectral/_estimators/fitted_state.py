"""The fitted attributes of an estimator, which appear and disappear all at once.

A copy that another thread makes meanwhile is either fitted or not.
"""

from typing import Any, TypeVar

from sklearn.utils.validation import check_is_fitted

Estimator = TypeVar("Estimator")

# Fitted, but not for the user.
_PRIVATE_STATE = {
    "_extension",
    "_label_seed",
    "_n_features_out",
    "_memberships",
    "_rule",
    "_training_distance",
    "_tree",
}


def fitted_copy(estimator: Estimator) -> Estimator:
    """Return a shallow copy: a fit in another thread changes the estimator.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator.

    Returns
    -------
    estimator
        The copy.

    Raises
    ------
    NotFittedError
        If the estimator was not fitted.
    """
    fitted = type(estimator).__new__(type(estimator))
    fitted.__dict__.update(vars(estimator))
    check_is_fitted(fitted)
    return fitted


def forget(estimator: Any) -> None:
    """Remove all fitted attributes, so that a fit that fails leaves none behind.

    Parameters
    ----------
    estimator : estimator
        The estimator.
    """
    estimator.__dict__ = {
        name: value
        for name, value in vars(estimator).items()
        if not (name.endswith("_") or name in _PRIVATE_STATE)
    }


def publish(estimator: Any, attributes: dict[str, Any]) -> None:
    """Set fitted attributes.

    Parameters
    ----------
    estimator : estimator
        The estimator.
    attributes : dict
        The attributes, by name.
    """
    estimator.__dict__ = {**vars(estimator), **attributes}


def check_in_file(estimator: Any, name: str, need: str) -> None:
    """Refuse an estimator from a file that lacks an attribute.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator.
    name : str
        Name of a fitted attribute.
    need : str
        What needs it, as the beginning of a sentence.

    Raises
    ------
    ValueError
        If the estimator does not have the attribute.
    """
    if not hasattr(estimator, name):
        raise ValueError(
            f"{need}, which the file of this estimator lacks, since an earlier version "
            "of sknet-spectral wrote it: fit again, and save."
        )
