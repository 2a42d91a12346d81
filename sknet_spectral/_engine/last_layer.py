"""The last linear layer at its exact optimum, by least squares on its inputs."""

import torch
from torch import nn

from .distributed import share_of, sum_over_ranks

_CHUNK_ROWS = 4096


class LastLayer:
    """Weighted least squares for the last linear layer of a network, in float64.

    A network that does not end in a linear layer, or in a frozen one, has nothing to
    solve: it stays as it is.

    Parameters
    ----------
    network : torch.nn.Module
        The map of scaled rows; its last layer is changed in place.
    X : {Tensor, SparseRows} of shape (n_rows, n_features)
        Scaled rows.
    targets : Tensor of shape (n_rows, k)
        What the outputs should be.
    weights : Tensor of shape (n_rows, 1)
        Weights of the rows.
    rows : Tensor of shape (n_used,)
        Which rows to use.
    """

    @torch.no_grad()
    def __init__(self, network, X, targets, weights, rows):
        self.layer = _last_layer(network, X[rows[:1]])
        if self.layer is None:
            return
        self.coefficients = _coefficients(self.layer)
        n_coefficients = len(self.coefficients)
        self.gram = self.coefficients.new_zeros(n_coefficients, n_coefficients)
        self.moment = torch.zeros_like(self.coefficients)
        self.squares = self.coefficients.new_zeros(())
        self.n_targets = self.coefficients.new_zeros(())
        for chunk in share_of(rows).split(_CHUNK_ROWS):
            self._add(
                _read_inputs(self.layer, network, X[chunk]),
                targets[chunk],
                weights[chunk],
            )
        sum_over_ranks([self.gram, self.moment, self.squares, self.n_targets])

    def _add(self, inputs, targets, weights):
        H = nn.functional.pad(inputs, (0, 1), value=1.0).double()
        residual = targets - H @ self.coefficients
        weighted = H * weights
        self.gram += weighted.T @ H
        self.moment += weighted.T @ residual
        self.squares += (weights * residual.square()).sum()
        self.n_targets += residual.numel()

    @torch.no_grad()
    def solve(self, ridge):
        """Set the layer to the optimum.

        Parameters
        ----------
        ridge : float
            Strength of a ridge towards the weights that the layer had at first, as a
            multiple of its inputs' mean square.

        Returns
        -------
        float
            The mean squared residual that is left, infinite where nothing is solved.
        """
        if self.layer is None:
            return float("inf")
        shift = ridge * self.gram.diagonal().mean()
        identity = torch.eye(len(self.gram), dtype=shift.dtype, device=shift.device)
        factor = torch.linalg.cholesky(self.gram + shift * identity)
        change = torch.cholesky_solve(self.moment, factor)
        solution = self.coefficients + change
        self.layer.weight.copy_(solution[:-1].T)
        self.layer.bias.copy_(solution[-1])
        explained = (change * (2 * self.moment - self.gram @ change)).sum()
        # Roundings may leave less than nothing.
        return max(0.0, float((self.squares - explained) / self.n_targets))


@torch.no_grad()
def forget_last_layer(network, x):
    """Set the last linear layer to zero, if it is one that can be solved.

    Parameters
    ----------
    network : torch.nn.Module
        The map of scaled rows, changed in place.
    x : {Tensor, SparseBatch} of shape (n_rows, n_features)
        Some of them.
    """
    layer = _last_layer(network, x)
    if layer is not None:
        layer.weight.zero_()
        layer.bias.zero_()


def _coefficients(layer):
    return torch.cat([layer.weight, layer.bias[:, None]], dim=1).double().T


def _read_inputs(layer, network, x):
    """Return what reaches a layer when the network maps rows."""
    seen = []
    handle = layer.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
    network(x)
    handle.remove()
    return seen.pop()


def _last_layer(network, x):
    """Return the linear layer that gives the network's output, if one does."""
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
    if not layers or layers[-1].bias is None or not layers[-1].weight.requires_grad:
        return None
    outputs = []
    handle = layers[-1].register_forward_hook(lambda _, __, y: outputs.append(y))
    result = network(x)
    handle.remove()
    return layers[-1] if len(outputs) == 1 and outputs[0] is result else None
