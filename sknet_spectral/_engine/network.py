"""The network: input scaling, hidden layers, and the orthonormal output layer."""

import numpy as np
import torch
from torch import nn

# Rows that pass the network at once: large enough for full speed.
_CHUNK_ROWS = 4096


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
    n_components : int
        Number of columns of y.
    generator : torch.Generator
        Source of the initial weights.
    """

    def __init__(self, center, scale, layer_sizes, n_outputs, n_components, generator):
        super().__init__()
        self.register_buffer("center", torch.tensor(center, dtype=torch.float64))
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float64))
        self.map = multilayer_perceptron(len(center), layer_sizes, n_outputs, generator)
        zeros = torch.zeros(n_outputs, n_components, dtype=torch.float64)
        self.register_buffer("output_weight", zeros)
        self.register_buffer("output_bias", zeros.new_zeros(n_components))

    def standardize(self, x):
        """Scale rows by the statistics of the training rows."""
        return (x.double() - self.center) / self.scale

    def forward(self, x):
        """Map rows, of shape (n_rows, n_features), to (n_rows, n_components)."""
        return self.map(self.standardize(x)) @ self.output_weight + self.output_bias

    def freeze(self, rotation, center):
        """Fix the output layer and keep all of the network in float64."""
        rotation = torch.as_tensor(rotation, dtype=torch.float64)
        self.output_weight.copy_(rotation)
        self.output_bias.copy_(-torch.as_tensor(center, dtype=torch.float64) @ rotation)
        self.double().eval().requires_grad_(False)


def multilayer_perceptron(n_inputs, layer_sizes, n_outputs, generator):
    """Build linear layers with GELU between them, drawn from `generator`."""
    layers = []
    for width in layer_sizes:
        layers += [_linear(n_inputs, width, generator), nn.GELU()]
        n_inputs = width
    return nn.Sequential(*layers, _linear(n_inputs, n_outputs, generator))


def _linear(n_inputs, n_outputs, generator):
    # On the meta device nothing is drawn, so torch's global state is untouched.
    layer = nn.Linear(n_inputs, n_outputs, device="meta").to_empty(device="cpu")
    bound = n_inputs**-0.5
    with torch.no_grad():
        layer.weight.uniform_(-bound, bound, generator=generator)
        layer.bias.uniform_(-bound, bound, generator=generator)
    return layer


def input_statistics(X):
    """Column means and one common scale of an array, in float64.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Finite rows; entries up to 1e300 do not overflow.

    Returns
    -------
    center : ndarray of shape (n_features,)
        Column means.
    scale : float
        Root mean square deviation of all entries, one for constant data.
    """
    largest = float(np.abs(X).max(initial=0.0)) or 1.0
    center = (X / np.float64(largest)).mean(axis=0)
    squares = 0.0
    for start in range(0, len(X), _CHUNK_ROWS):
        chunk = X[start : start + _CHUNK_ROWS] / np.float64(largest) - center
        squares += float(np.square(chunk).sum())
    scale = np.sqrt(squares / X.size)
    # Rounding alone gives constant columns a deviation of this order.
    rounding = 16 * np.finfo(np.float64).eps
    return center * largest, float(scale * largest) if scale > rounding else 1.0


def apply_in_chunks(function, X):
    """Apply a function of tensors to the rows of an array, chunk by chunk.

    This is the one place where arrays become tensors: each chunk is copied, so
    read-only, strided and memory-mapped input is safe.

    Parameters
    ----------
    function : callable
        Maps a float64 tensor of rows to a tensor with as many rows.
    X : ndarray of shape (n_rows, n_features)
        The rows.

    Returns
    -------
    torch.Tensor
        The results, one under the other.
    """
    with torch.inference_mode():
        chunks = [
            function(torch.from_numpy(np.array(X[i : i + _CHUNK_ROWS], np.float64)))
            for i in range(0, len(X), _CHUNK_ROWS)
        ]
        return torch.cat(chunks)
