"""The multilayer perceptron, whose layers read dense and sparse rows."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from ..sparse_batch import Batch, SparseBatch
from .pickling import PickledAsArrays


def multilayer_perceptron(
    sizes: Sequence[int], generator: torch.Generator
) -> nn.Sequential:
    """Build linear layers with GELU between them.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of inputs, of units in each hidden layer, and of outputs.
    generator : torch.Generator
        Source of the initial weights.

    Returns
    -------
    torch.nn.Sequential
        The layers.
    """
    layers: list[nn.Module] = []
    for n_inputs, n_outputs in pairwise(sizes):
        layers += [_Linear(n_inputs, n_outputs, generator), nn.GELU()]
    return nn.Sequential(*layers[:-1])


def linear_layer(weight: torch.Tensor, bias: torch.Tensor) -> nn.Linear:
    """Build a linear layer with given weights.

    Parameters
    ----------
    weight : Tensor of shape (n_outputs, n_inputs)
        The weights, which are copied.
    bias : Tensor of shape (n_outputs,)
        The bias, which is copied.

    Returns
    -------
    torch.nn.Linear
        The layer, on the device of the weights.
    """
    n_outputs, n_inputs = weight.shape
    layer = _Linear(n_inputs, n_outputs, torch.Generator()).to(weight.device)
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
    return layer


class _Linear(PickledAsArrays, nn.Linear):
    """A linear layer for dense and sparse rows.

    Its weights are drawn from a given generator, not from torch's global one.
    """

    def __init__(
        self, n_inputs: int, n_outputs: int, generator: torch.Generator
    ) -> None:
        super().__init__(n_inputs, n_outputs, dtype=torch.float32)
        # The weights of a column are adjacent, since sparse rows look them up.
        self.weight = nn.Parameter(self.weight.new_empty(n_inputs, n_outputs).T)
        bound = n_inputs**-0.5
        nn.init.uniform_(self.weight, -bound, bound, generator=generator)
        nn.init.uniform_(self.bias, -bound, bound, generator=generator)

    def forward(self, x: Batch) -> torch.Tensor:
        """Map rows of shape (n_rows, n_inputs)."""
        if isinstance(x, SparseBatch):
            return x.matmul(self.weight.T) + self.bias
        return super().forward(x)

    def reset_parameters(self) -> None:
        """Do nothing: torch's version would draw from its global generator."""
