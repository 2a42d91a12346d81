"""The inputs of training: the rows, or a linear image that is easier to learn from."""

import copy
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from ..networks.custom_network import is_custom
from ..networks.perceptron import linear_layer
from ..rows import Rows, SparseRows

_KEPT_VARIANCE = 0.95
_MIN_FEATURES = 128
# For at most this many columns, the covariance is computed from at most this many rows.
# For wider rows, the products between rows are used instead.
_MAX_COLUMNS, _MAX_ROWS = 1024, 4096
# Of sparse rows, a few components seldom hold most of the variance. The first ones are
# taken, found on a sample by iterations that are enough for text.
_SPARSE_COMPONENTS, _MAX_SPARSE_ROWS, _ITERATIONS = 256, 20_000, 5


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
        if basis is None:
            return
        self.X = self.image(X)
        first, others = _split(copy.deepcopy(network))
        weight = first.weight.detach()
        weight = weight / basis if basis.ndim == 1 else weight @ basis
        self.network = nn.Sequential(linear_layer(weight, first.bias), *others)

    def image(self, X: Rows) -> Any:
        """Return the linear image of scaled rows."""
        if self.basis is None:
            return X
        if not torch.is_tensor(X):
            return X.project(self.basis)
        return X * self.basis if self.basis.ndim == 1 else X @ self.basis

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


def principal_components(network: nn.Module, X: Rows, seed: int) -> torch.Tensor | None:
    """Find the components that hold most of the variance of wide rows.

    Of images, far fewer components than pixels hold 95 % of it. Training on them is
    faster, and the network maps new rows better. Of sparse rows, the first 256
    components are taken, without centring.

    Parameters
    ----------
    network : torch.nn.Module
        The map of scaled rows.
    X : {Tensor, SparseRows} of shape (n_rows, n_features)
        Scaled rows.
    seed : int
        Seed of the search for the components of sparse rows.

    Returns
    -------
    Tensor of shape (n_features, n_components) or None
        Orthonormal columns that span the components. None if rows are narrow, if dense
        rows need more than half of the components, or if the network is custom.
    """
    if is_custom(network):
        return None
    return _dense_components(X) if torch.is_tensor(X) else _sparse_components(X, seed)


def other_bases(X: Rows, basis: torch.Tensor | None) -> list[torch.Tensor | None]:
    """List what to try if rows are hard to learn from.

    Parameters
    ----------
    X : {Tensor, SparseRows} of shape (n_rows, n_features)
        Scaled rows.
    basis : Tensor or None
        The basis that was tried.

    Returns
    -------
    list of (Tensor or None)
        None for the rows themselves, and the factors of dense columns.
    """
    others: list[torch.Tensor | None] = [] if basis is None else [None]
    return [*others, column_factors(X)] if torch.is_tensor(X) else others


def _dense_components(X: torch.Tensor) -> torch.Tensor | None:
    n_features = X.shape[1]
    if n_features < _MIN_FEATURES:
        return None
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


def _sparse_components(X: SparseRows, seed: int) -> torch.Tensor | None:
    n_rows, n_features = X.X.shape
    if min(n_rows, n_features) < 2 * _SPARSE_COMPONENTS:
        return None
    entries = X.entries(slice(None, None, max(1, n_rows // _MAX_SPARSE_ROWS)))
    if entries is None:
        return None
    # Subspace iteration (Halko, Martinsson and Tropp, SIAM Review 53, 2011).
    basis = np.random.default_rng(seed).normal(size=(n_features, _SPARSE_COMPONENTS))
    for _ in range(_ITERATIONS):
        basis = np.linalg.qr(entries.T @ np.linalg.qr(entries @ basis)[0])[0]
    return torch.from_numpy(basis.astype(np.float32)).to(X.device)


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


def _split(network: nn.Module) -> tuple[nn.Linear, list[nn.Module]]:
    """Split a perceptron into its first layer and the others."""
    first, *others = cast(nn.Sequential, network)
    return cast(nn.Linear, first), others
