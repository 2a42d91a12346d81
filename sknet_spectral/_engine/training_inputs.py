"""What a perceptron is trained on: its rows, or a linear image that suits it better."""

import copy

import torch
from torch import nn

from .network import is_custom
from .perceptron import linear_layer

_KEPT_VARIANCE = 0.95
_MIN_FEATURES = 128
# A covariance of at most so many columns; of wider rows the products of rows do.
_MAX_COLUMNS, _MAX_ROWS = 1024, 4096


class TrainingInputs:
    """A linear image of rows, and the map that is trained on it.

    Parameters
    ----------
    network : torch.nn.Module
        The map of scaled rows. It is trained itself if there is no image, else a copy
        that reads the image, of which `fold` takes the weights.
    X : {Tensor, SparseRows} of shape (n_rows, n_features)
        Scaled rows.
    basis : Tensor of shape (n_features, n_components) or (n_features,) or None
        Columns on which rows are projected, or factors of their own columns.

    Attributes
    ----------
    network : torch.nn.Module
        The map to train.
    X : {Tensor, SparseRows} of shape (n_rows, n_components)
        What it is trained on.
    """

    def __init__(self, network, X, basis):
        self.whole, self.basis = network, basis
        self.network, self.X = network, X
        if basis is None:
            return
        first, *others = copy.deepcopy(network)
        if basis.ndim == 1:
            weight = first.weight.detach() / basis
            self.X = X * basis
        else:
            weight = first.weight.detach() @ basis
            self.X = X @ basis
        self.network = nn.Sequential(linear_layer(weight, first.bias), *others)

    @torch.no_grad()
    def fold(self):
        """Give the map of rows what that of the image has learned."""
        if self.basis is None:
            return
        first, *others = self.network
        weight = first.weight
        weight = weight * self.basis if self.basis.ndim == 1 else weight @ self.basis.T
        trained = [weight, first.bias, *nn.Sequential(*others).parameters()]
        for parameter, value in zip(self.whole.parameters(), trained, strict=True):
            parameter.copy_(value)


def principal_components(network, X):
    """Find the components that hold 95 % of the variance of wide rows.

    They are a fraction of an image's pixels. Training on them costs less by that
    fraction, and what it learns maps new rows better.

    Parameters
    ----------
    network : torch.nn.Module
        The map of scaled rows.
    X : {Tensor, SparseRows} of shape (n_rows, n_features)
        Scaled rows.

    Returns
    -------
    Tensor of shape (n_features, n_components) or None
        The components as columns; None where rows are narrow, or sparse, or need more
        than half of the components, or are read by a network of the user's.
    """
    if not reads_images(network, X) or X.shape[1] < _MIN_FEATURES:
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


def column_factors(X):
    """Find the factors that give every column of rows the same deviation.

    Parameters
    ----------
    X : Tensor of shape (n_rows, n_features)
        Scaled rows.

    Returns
    -------
    Tensor of shape (n_features,)
        One over the deviation of each column, one for constant ones.
    """
    deviations = X.std(dim=0, correction=0)
    is_constant = deviations <= torch.finfo(X.dtype).eps * X.abs().amax(dim=0)
    return 1.0 / deviations.masked_fill(is_constant, 1.0)


def reads_images(network, X):
    """Tell whether a map can be trained on a linear image of its rows.

    Parameters
    ----------
    network : torch.nn.Module
        The map of scaled rows.
    X : {Tensor, SparseRows} of shape (n_rows, n_features)
        Scaled rows.

    Returns
    -------
    bool
        Whether it is a perceptron of this package, and the rows are dense.
    """
    return torch.is_tensor(X) and not is_custom(network)
