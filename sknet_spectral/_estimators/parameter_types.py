"""Types of parameters that several estimators have, and their checks."""

import os
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from sklearn.utils._param_validation import Interval
from torch import nn

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

    A bool is none, since neither numpy nor torch takes it for a size.

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


NUMBERS_OF_JOBS = WholeNumbers(1), Interval(Integral, None, -1, closed="right")
