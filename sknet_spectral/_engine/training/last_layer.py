"""The exact optimum of the last linear layer, by least squares on its inputs."""

import torch
from torch import nn

from ..distributed import share_of, sum_over_ranks
from ..rows import Batch, Rows

_CHUNK_ROWS = 4096


class LastLayer:
    """Weighted least squares for the last linear layer of a network, in float64.

    The network stays as it is if it does not end in a linear layer, or if that layer is
    frozen.

    Parameters
    ----------
    network : torch.nn.Module
        The map of scaled rows; its last layer is changed in place.
    X : {Tensor, SparseRows} of shape (n_rows, n_features)
        Scaled rows.
    targets : Tensor of shape (n_rows, k)
        The wanted outputs.
    weights : Tensor of shape (n_rows, 1)
        Weights of the rows.
    rows : Tensor of shape (n_used,)
        Positions of the rows to use.
    """

    @torch.no_grad()
    def __init__(
        self,
        network: nn.Module,
        X: Rows,
        targets: torch.Tensor,
        weights: torch.Tensor,
        rows: torch.Tensor,
    ) -> None:
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

    def _add(
        self, inputs: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor
    ) -> None:
        H = nn.functional.pad(inputs, (0, 1), value=1.0).double()
        residual = targets - H @ self.coefficients
        weighted = H * weights
        self.gram += weighted.T @ H
        self.moment += weighted.T @ residual
        self.squares += (weights * residual.square()).sum()
        self.n_targets += residual.numel()

    @torch.no_grad()
    def solve(self, ridge: float) -> float:
        """Set the layer to the optimum.

        Parameters
        ----------
        ridge : float
            Strength of the ridge towards the initial weights of the layer, in units of
            the mean square of its inputs.

        Returns
        -------
        float
            The mean squared residual that is left, or infinity if nothing is solved.
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
        # Rounding may make the difference negative.
        return max(0.0, float((self.squares - explained) / self.n_targets))


@torch.no_grad()
def forget_last_layer(network: nn.Module, x: Batch) -> None:
    """Set the last linear layer to zero, if it is one that can be solved.

    Parameters
    ----------
    network : torch.nn.Module
        The map of scaled rows, changed in place.
    x : {Tensor, SparseBatch} of shape (n_rows, n_features)
        Some scaled rows.
    """
    layer = _last_layer(network, x)
    if layer is not None:
        layer.weight.zero_()
        layer.bias.zero_()


def _coefficients(layer: nn.Linear) -> torch.Tensor:
    return torch.cat([layer.weight, layer.bias[:, None]], dim=1).double().T


def _read_inputs(layer: nn.Linear, network: nn.Module, x: Batch) -> torch.Tensor:
    """Return the inputs of a layer when the network maps rows."""
    seen: list[torch.Tensor] = []
    handle = layer.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
    network(x)
    handle.remove()
    return seen.pop()


def _last_layer(network: nn.Module, x: Batch) -> nn.Linear | None:
    """Return the linear layer that computes the network's output, if there is one."""
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
    if not layers or layers[-1].bias is None or not layers[-1].weight.requires_grad:
        return None
    outputs: list[torch.Tensor] = []
    handle = layers[-1].register_forward_hook(lambda _, __, y: outputs.append(y))
    result = network(x)
    handle.remove()
    return layers[-1] if len(outputs) == 1 and outputs[0] is result else None
