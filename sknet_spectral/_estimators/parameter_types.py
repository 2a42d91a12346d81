"""Types of parameters that several estimators have, and their checks."""

import os
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from sklearn.utils._param_validation import Interval
from torch import nn

from .._engine.augmented_rows import check_augmentation

Auto: TypeAlias = Literal["auto"]
Seed: TypeAlias = int | np.random.RandomState | None
LayerSizes: TypeAlias = int | Sequence[int]
NetworkFunction: TypeAlias = Callable[[int, int], nn.Module]
Augmentation: TypeAlias = Callable[[torch.Tensor, torch.Generator], torch.Tensor]
Path: TypeAlias = str | os.PathLike[str]
AffinityName: TypeAlias = str | Callable[..., Any]
EigenSolver: TypeAlias = Literal["arpack", "lobpcg", "amg", "stochastic"]
LaplacianName: TypeAlias = Literal["normalized", "unnormalized"]
Weights: TypeAlias = Literal["local_scaling", "heat", "uniform", "fuzzy"]
LabelRuleName: TypeAlias = Literal[
    "auto", "kmeans", "modularity", "discretize", "cluster_qr"
]
PairLoss: TypeAlias = Literal["cross_entropy", "contrastive"]
PairRule: TypeAlias = Literal["nearest_neighbors", "mutual_neighbors", "parameter_free"]


class WholeNumbers(Interval):
    """Whole numbers that are not too small, as a constraint of a parameter.

    A bool is refused, since neither numpy nor torch takes it for a size.

    Parameters
    ----------
    least : int
        The smallest.
    """

    def __init__(self, least: int) -> None:
        super().__init__(Integral, least, None, closed="left")

    def is_satisfied_by(self, val: Any) -> bool:
        """Tell whether a value is such a number.

        Parameters
        ----------
        val : object
            The value of the parameter.

        Returns
        -------
        bool
            Whether it is.
        """
        return not isinstance(val, bool) and super().is_satisfied_by(val)


def check_instance(value: Any, name: str, kind: str) -> None:
    """Refuse a class that was given in place of its instance.

    Parameters
    ----------
    value : object
        The value of the parameter.
    name : str
        Name of the parameter.
    kind : str
        What it must be, for the error.

    Raises
    ------
    TypeError
        If it is a class.
    """
    if isinstance(value, type):
        raise TypeError(
            f"{name} must be {kind}, got the class {value.__name__}: give "
            f"{value.__name__}()."
        )


def check_augment(augment: Augmentation | None, X: Any) -> None:
    """Try the parameter `augment` on the first rows, before anything takes long.

    Parameters
    ----------
    augment : callable or None
        The user's function; None means no augmentation.
    X : {ndarray, csr_matrix} of shape (n_rows, n_features)
        The rows.

    Raises
    ------
    TypeError
        If it is a class, returns no tensor or another dtype, or X is sparse.
    ValueError
        If it returns wrong rows, or draws from elsewhere than its generator.
    """
    check_instance(augment, "augment", "a function (rows, generator)")
    check_augmentation(X, augment)


NUMBERS_OF_JOBS = WholeNumbers(1), Interval(Integral, None, -1, closed="right")
