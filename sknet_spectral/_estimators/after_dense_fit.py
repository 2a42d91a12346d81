"""Methods that scikit-learn must not see before a fit, or after one on sparse rows."""

from collections.abc import Callable
from types import MethodType
from typing import Any

from scipy import sparse
from sklearn.utils.validation import check_is_fitted


class AfterDenseFit:
    """A method that an estimator has after a fit on dense rows, and not before.

    Parameters
    ----------
    method : callable
        The method.
    """

    def __init__(self, method: Callable[..., Any]) -> None:
        self.method = method
        self.__doc__ = method.__doc__

    def __get__(self, estimator: Any, owner: type) -> Callable[..., Any]:
        """Return the method, bound to an estimator that has it."""
        if estimator is None:
            return self.method
        check_is_fitted(estimator)  # its error is an AttributeError too
        distance = getattr(estimator, "_training_distance", None)
        if distance is not None and sparse.issparse(distance.training_rows):
            raise AttributeError(
                f"{self.method.__name__} is not available after a fit on sparse rows: "
                "reduce them with TruncatedSVD, and fit the result."
            )
        return MethodType(self.method, estimator)
