"""The networks: input scaling, a map, and the orthonormal output layer."""

import torch
from torch import nn

from .._forked_process import prepare_forked_process
from .device import seed_temporarily
from .modes import default_modes, float32_by_default
from .perceptron import multilayer_perceptron
from .row_forms import FORMS, form_statistics
from .rows import SparseBatch


class StandardizedNetwork(nn.Module):
    """A network that reads rows, in a form, as ``(x - center) / scale``.

    The scaling is a buffer: part of the fitted state, it never depends on the rows
    of a query.

    Parameters
    ----------
    center : ndarray of shape (n_features,)
        Column means of the training rows.
    scale : float
        Root mean square deviation of all training entries.
    network : torch.nn.Module
        The map of scaled rows.
    form : str, default="as_given"
        One of `row_forms.FORMS`: what is read of a row.
    """

    def __init__(self, center, scale, network, form="as_given"):
        super().__init__()
        self.form = form
        self.register_buffer("center", torch.tensor(center, dtype=torch.float64))
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float64))
        self.map = network

    def standardize(self, x):
        """Scale rows by the statistics of the training rows."""
        x = FORMS[self.form](x.double())
        if isinstance(x, SparseBatch):
            return x.standardize(self.center, self.scale)
        return (x.to_dense() - self.center) / self.scale

    def forward(self, x):
        """Map rows, of shape (n_rows, n_features)."""
        return self.map(self.standardize(x))

    def freeze(self):
        """Keep all of the network in float64, no longer to be trained."""
        self.double().eval().requires_grad_(False)


class SpectralNetwork(StandardizedNetwork):
    """A map of rows to the eigenspace, ``y = f((x - center) / scale) @ A + b``.

    Parameters
    ----------
    center, scale, network, form
        As in `StandardizedNetwork`.
    n_outputs : int
        Number of outputs of the network.
    """

    def __init__(self, center, scale, network, n_outputs, form="as_given"):
        super().__init__(center, scale, network, form)
        identity = torch.eye(n_outputs, dtype=torch.float64)
        self.register_buffer("output_weight", identity)
        self.register_buffer("output_bias", identity.new_zeros(n_outputs))

    def output(self, f):
        """Apply the orthonormal output layer to outputs of the trained map."""
        return f @ self.output_weight + self.output_bias

    def forward(self, x):
        """Map rows, of shape (n_rows, n_features), to (n_rows, n_components)."""
        return self.output(super().forward(x))

    @default_modes()
    def fix_output(self, weight, bias):
        """Fix the output layer, and with it the network."""
        self.output_weight = torch.as_tensor(weight, dtype=torch.float64)
        self.output_bias = torch.as_tensor(bias, dtype=torch.float64)
        self.freeze()


@default_modes()
def new_map(n_features, n_outputs, *, hidden_layer_sizes, network, seed):
    """Build an untrained map: a multilayer perceptron, or the user's network.

    Parameters
    ----------
    n_features, n_outputs : int
        What it maps.
    hidden_layer_sizes : sequence of int
        Widths of the hidden layers of the perceptron.
    network : callable or None
        The user's function (n_features, n_outputs) -> torch.nn.Module.
    seed : int
        Source of the initial weights.

    Returns
    -------
    torch.nn.Module
        The map, on the CPU, in float32.
    """
    prepare_forked_process()
    if network is not None:
        return nn.Sequential(
            _Dense(), custom_network(network, n_features, n_outputs, seed)
        )
    generator = torch.Generator().manual_seed(seed)
    return multilayer_perceptron(
        [n_features, *hidden_layer_sizes, n_outputs], generator
    )


@default_modes()
def spectral_network(X, trained_map, n_outputs, form="as_given"):
    """Give a map the scaling of rows in a form, and an orthonormal output layer."""
    return SpectralNetwork(*form_statistics(X, form), trained_map, n_outputs, form)


@default_modes()
def continue_network(network, trained_map, n_outputs):
    """Give a map the scaling and the weights of a network of an earlier fit.

    Parameters
    ----------
    network : SpectralNetwork
        The earlier network.
    trained_map : torch.nn.Module
        A new map; its last linear layer stays new where it has other outputs.
    n_outputs : int
        Number of its outputs.

    Returns
    -------
    SpectralNetwork
        The network to train on.

    Raises
    ------
    ValueError
        If the maps differ in more than the outputs.
    """
    weights, new = network.map.state_dict(), trained_map.state_dict()
    shapes = {name: tensor.shape for name, tensor in weights.items()}
    differing = [name for name in new if shapes.get(name) != new[name].shape]
    n_earlier = len(network.output_weight)
    spared = [] if n_outputs == n_earlier else list(new)[-2:]
    if len(weights) != len(new) or not set(differing) <= set(spared):
        raise ValueError(
            "warm_start=True trains the network of the last fit on, and this fit asks "
            f"for another one (they differ in {differing or 'their layers'}): set "
            "warm_start=False."
        )
    kept = {name: w for name, w in weights.items() if name not in differing}
    trained_map.load_state_dict(kept, strict=False)
    scaling = network.center.numpy(), float(network.scale)
    return SpectralNetwork(*scaling, trained_map, n_outputs, network.form)


def custom_network(build, n_features, n_outputs, seed):
    """Call the user's function, and check the network that it returns.

    Parameters
    ----------
    build : callable
        Takes the numbers of features and outputs, returns a `torch.nn.Module`.
    n_features, n_outputs : int
        What the network has to map.
    seed : int
        Source of its initial weights; torch's global state is put back.

    Returns
    -------
    torch.nn.Module
        The network.

    Raises
    ------
    TypeError
        If it is not a module.
    ValueError
        If it does not map (n_rows, n_features) to (n_rows, n_outputs).
    """
    with float32_by_default(), seed_temporarily(seed):
        network = build(n_features, n_outputs)
    if not isinstance(network, nn.Module):
        raise TypeError(
            f"network must return a torch.nn.Module, got {type(network).__name__}."
        )
    network.float().eval()
    with torch.no_grad():
        shape = tuple(network(torch.zeros(2, n_features, dtype=torch.float32)).shape)
    if shape != (2, n_outputs):
        raise ValueError(
            f"network must map rows of {n_features} features to {n_outputs} outputs; "
            f"two rows gave shape {shape}."
        )
    return network


def n_weights(network):
    """Count the parameters of a network.

    Parameters
    ----------
    network : torch.nn.Module
        The network.

    Returns
    -------
    int
        How many numbers they hold.
    """
    return sum(parameter.numel() for parameter in network.parameters())


def is_custom(network):
    """Tell a network of the user's from those of this package.

    Parameters
    ----------
    network : torch.nn.Module
        A map, or what holds one.

    Returns
    -------
    bool
        Whether only the user's function can build it.
    """
    return any(isinstance(module, _Dense) for module in network.modules())


class _Dense(nn.Module):
    """Sparse rows become dense, for a network that knows no others."""

    def forward(self, x):
        """Return the rows as a tensor."""
        return x.to_dense()
