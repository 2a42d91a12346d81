"""The inputs of training: the rows, or a linear image that is easier to learn from."""

import copy
from typing import TypeGuard, cast

import torch
from torch import nn

from .custom_network import is_custom
from .perceptron import linear_layer
from .rows import Rows

_KEPT_VARIANCE = 0.95
_MIN_FEATURES = 128
# For at most this many columns, the covariance is computed from at most this many rows.
# For wider rows, the products between rows are used instead.
_MAX_COLUMNS, _MAX_ROWS = 1024, 4096


class TrainingInputs:
    """A linear image of rows, and the map that is trained on it.

    Parameters
    ----------
    network : torch.nn.Module
        The map of scaled rows. Without an image it is trained itself. Otherwise a copy
        that reads the image is trained, and `fold` transfers its weights.
    X : {Tensor, SparseRows} of shape (n_rows, n_features)
        Scaled rows.
    basis : Tensor of shape (n_features, n_components) or (n_features,) or None
        Columns on which rows are projected, or a factor for each column. None means no
        image.

    Attributes
    ----------
    network : torch.nn.Module
        The map to train.
    X : {Tensor, SparseRows} of shape (n_rows, n_components)
        The rows to train on.
    """

    def __init__(self, network: nn.Module, X: Rows, basis: torch.Tensor | None) -> None:
        self.whole, self.basis = network, basis
        self.network, self.X = network, X
        if basis is None or not torch.is_tensor(X):
            return
        first, others = _split(copy.deepcopy(network))
        if basis.ndim == 1:
            weight = first.weight.detach() / basis
            self.X = X * basis
        else:
            weight = first.weight.detach() @ basis
            self.X = X @ basis
        self.network = nn.Sequential(linear_layer(weight, first.bias), *others)

    @torch.no_grad()
    def fold(self) -> None:
        """Transfer what the map of the image has learned to the map of rows."""
        if self.basis is None:
            return
        first, others = _split(self.network)
        weight: torch.Tensor = first.weight
        weight = weight * self.basis if self.basis.ndim == 1 else weight @ self.basis.T
        trained = [weight, first.bias, *nn.Sequential(*others).parameters()]
        for parameter, value in zip(self.whole.parameters(), trained, strict=True):
            parameter.copy_(value)


def principal_components(network: nn.Module, X: Rows) -> torch.Tensor | None:
    """Find the components that hold 95 % of the variance of wide rows.

    For images, these are far fewer than the pixels. Training on them is faster, and the
    network maps new rows better.

    Parameters
    ----------
    network : torch.nn.Module
        The map of scaled rows.
    X : {Tensor, SparseRows} of shape (n_rows, n_features)
        Scaled rows.

    Returns
    -------
    Tensor of shape (n_features, n_components) or None
        The components as columns. None if rows are narrow or sparse, if they need more
        than half of the components, or if the network is custom.
    """
    if not reads_images(X, network) or X.shape[1] < _MIN_FEATURES:
        return None
    n_features = X.shape[1]
    if n_features <= _MAX_COLUMNS:
        rows = X[:: max(1, len(X) // _MAX_ROWS)]
        variances, vectors = torch.linalg.eigh(rows.T @ rows)
    else:
        rows = X[:: max(1, len(X) // _MAX_COLUMNS)]
        variances, vectors = torch.linalg.eigh(rows @ rows.T)
        vectors = nn.functional.normalize(rows.T @ vectors, dim=0)
    shares = variances.flip(0).clamp(min=0).cumsum(0)
    n_kept = int((shares < _KEPT_VARIANCE * shares[-1]).sum()) + 1
    if n_kept > n_features // 2:
        return None
    return vectors.flip(1)[:, :n_kept].contiguous()


def column_factors(X: torch.Tensor) -> torch.Tensor:
    """Find the factors that give every column the same standard deviation.

    Parameters
    ----------
    X : Tensor of shape (n_rows, n_features)
        Scaled rows.

    Returns
    -------
    Tensor of shape (n_features,)
        One over the deviation of each column, or one if the column is constant.
    """
    deviations = X.std(dim=0, correction=0)
    is_constant = deviations <= torch.finfo(X.dtype).eps * X.abs().amax(dim=0)
    return 1.0 / deviations.masked_fill(is_constant, 1.0)


def reads_images(X: Rows, network: nn.Module) -> TypeGuard[torch.Tensor]:
    """Tell whether a map can be trained on a linear image of its rows.

    Parameters
    ----------
    X : {Tensor, SparseRows} of shape (n_rows, n_features)
        Scaled rows.
    network : torch.nn.Module
        The map of scaled rows.

    Returns
    -------
    bool
        Whether it is a perceptron of this package, and the rows are dense.
    """
    return torch.is_tensor(X) and not is_custom(network)


def _split(network: nn.Module) -> tuple[nn.Linear, list[nn.Module]]:
    """Split a perceptron into its first layer and the others."""
    first, *others = cast(nn.Sequential, network)
    return cast(nn.Linear, first), others
