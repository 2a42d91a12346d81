"""Types of parameters that several estimators have."""

import os
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
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
