"""Training in the principal components of wide rows."""

from contextlib import contextmanager

import torch
from torch import nn

from .network import is_users, linear_layer

_KEPT_VARIANCE = 0.95
_MIN_FEATURES = 128
# A covariance of at most so many columns; of wider rows the products of rows do.
_MAX_COLUMNS, _MAX_ROWS = 1024, 4096


@contextmanager
def principal_inputs(network, X):
    """Train a perceptron on the principal components of its rows.

    The components that hold 95 % of the variance are a fraction of an image's
    pixels. Training on them costs less by that fraction, and what it learns maps new
    rows better. They are folded into the first layer at the end, which then reads the
    rows as they are.

    Parameters
    ----------
    network : torch.nn.Module
        The map of scaled rows, changed in place. A network of the user's reads the
        rows as they are.
    X : {Tensor, SparseRows} of shape (n_rows, n_features)
        Scaled rows.

    Yields
    ------
    network : torch.nn.Sequential
        A map of components, which shares all layers but the first.
    X : Tensor of shape (n_rows, n_components)
        The components, or the rows where they are sparse or have few columns, or where
        less than half of the components do not do.
    """
    components = _principal_components(network, X)
    if components is None:
        yield network, X
        return
    first, *others = network
    reduced = linear_layer(first.weight.detach() @ components, first.bias)
    yield nn.Sequential(reduced, *others), X @ components
    with torch.no_grad():
        first.weight.copy_(reduced.weight @ components.T)
        first.bias.copy_(reduced.bias)


def _principal_components(network, X):
    """Return components as columns, or None where the rows themselves do better."""
    if is_users(network) or not torch.is_tensor(X) or X.shape[1] < _MIN_FEATURES:
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
