"""The network: input scaling, hidden layers, and the orthonormal output layer."""

import torch
from torch import nn


class SpectralNetwork(nn.Module):
    """A map of rows to the eigenspace, ``y = f((x - center) / scale) @ A + b``.

    Scaling and output layer are buffers: they are part of the fitted state and
    never depend on the rows of a query.

    Parameters
    ----------
    center : ndarray of shape (n_features,)
        Column means of the training rows.
    scale : float
        Root mean square deviation of all training entries.
    layer_sizes : sequence of int
        Widths of the hidden layers.
    n_outputs : int
        Number of outputs of f.
    generator : torch.Generator
        Source of the initial weights.
    """

    def __init__(self, center, scale, layer_sizes, n_outputs, generator):
        super().__init__()
        self.register_buffer("center", torch.tensor(center, dtype=torch.float64))
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float64))
        self.map = multilayer_perceptron(len(center), layer_sizes, n_outputs, generator)
        identity = torch.eye(n_outputs, dtype=torch.float64)
        self.register_buffer("output_weight", identity)
        self.register_buffer("output_bias", identity.new_zeros(n_outputs))

    def standardize(self, x):
        """Scale rows by the statistics of the training rows."""
        return (x.double() - self.center) / self.scale

    def output(self, f):
        """Apply the orthonormal output layer to outputs of the trained map."""
        return f @ self.output_weight + self.output_bias

    def forward(self, x):
        """Map rows, of shape (n_rows, n_features), to (n_rows, n_components)."""
        return self.output(self.map(self.standardize(x)))

    def freeze(self, weight, bias):
        """Fix the output layer, and keep all of the network in float64."""
        self.output_weight = torch.as_tensor(weight, dtype=torch.float64)
        self.output_bias = torch.as_tensor(bias, dtype=torch.float64)
        self.double().eval().requires_grad_(False)


def multilayer_perceptron(n_inputs, layer_sizes, n_outputs, generator):
    """Build linear layers with GELU between them, drawn from `generator`."""
    layers = []
    for width in layer_sizes:
        layers += [_Linear(n_inputs, width, generator), nn.GELU()]
        n_inputs = width
    return nn.Sequential(*layers, _Linear(n_inputs, n_outputs, generator))


class _Linear(nn.Linear):
    """A linear layer whose weights come from a generator, not torch's global one."""

    def __init__(self, n_inputs, n_outputs, generator):
        super().__init__(n_inputs, n_outputs)
        bound = n_inputs**-0.5
        nn.init.uniform_(self.weight, -bound, bound, generator=generator)
        nn.init.uniform_(self.bias, -bound, bound, generator=generator)

    def reset_parameters(self):
        """Draw nothing: torch would use its global state."""
