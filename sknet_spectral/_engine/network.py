"""The networks: input scaling, a map, and the orthonormal output layer."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from .._forked_process import prepare_forked_process
from .device import seed_temporarily
from .modes import default_modes, float32_by_default
from .perceptron import multilayer_perceptron
from .row_forms import FORMS, form_statistics
from .rows import Batch, Matrix, SparseBatch

# The user's function: takes the numbers of features and of outputs, returns a network.
BuildNetwork: TypeAlias = Callable[[int, int], nn.Module]


class CustomMap(nn.Sequential):
    """A map by the user's network, which reads sparse rows as dense ones.

    Parameters
    ----------
    network : torch.nn.Module
        The user's network.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__(_Dense(), network)


class StandardizedNetwork(nn.Module):
    """A network that reads rows in a form, scaled as ``(x - center) / scale``.

    The scaling is part of the fitted state. It never depends on the rows of a query.

    Parameters
    ----------
    center : ndarray of shape (n_features,)
        Column means of the training rows.
    scale : float
        Root mean square deviation of all training entries.
    network : torch.nn.Module
        The map of scaled rows.
    form : str, default="as_given"
        The form in which rows are read, one of `row_forms.FORMS`.
    """

    center: torch.Tensor
    scale: torch.Tensor

    def __init__(
        self,
        center: NDArray[np.floating],
        scale: float,
        network: nn.Module,
        form: str = "as_given",
    ) -> None:
        super().__init__()
        self.form = form
        self.register_buffer("center", torch.tensor(center, dtype=torch.float64))
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float64))
        self.map = network

    def standardize(self, x: Batch) -> Batch:
        """Scale rows using the statistics of the training rows."""
        x = FORMS[self.form](x.double())
        if isinstance(x, SparseBatch):
            return x.standardize(self.center, self.scale)
        return (x.to_dense() - self.center) / self.scale

    def forward(self, x: Batch) -> torch.Tensor:
        """Map rows of shape (n_rows, n_features)."""
        return self.map(self.standardize(x))

    def freeze(self) -> None:
        """Convert the network to float64 and end its training."""
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

    output_weight: torch.Tensor
    output_bias: torch.Tensor

    def __init__(
        self,
        center: NDArray[np.floating],
        scale: float,
        network: nn.Module,
        n_outputs: int,
        form: str = "as_given",
    ) -> None:
        super().__init__(center, scale, network, form)
        identity = torch.eye(n_outputs, dtype=torch.float64)
        self.register_buffer("output_weight", identity)
        self.register_buffer("output_bias", identity.new_zeros(n_outputs))

    def output(self, f: torch.Tensor) -> torch.Tensor:
        """Apply the orthonormal output layer to the outputs of the trained map."""
        return f @ self.output_weight + self.output_bias

    def forward(self, x: Batch) -> torch.Tensor:
        """Map rows of shape (n_rows, n_features) to (n_rows, n_components)."""
        return self.output(super().forward(x))

    @default_modes()
    def fix_output(self, weight: ArrayLike, bias: ArrayLike) -> None:
        """Set the output layer, and freeze the network."""
        self.output_weight = torch.as_tensor(weight, dtype=torch.float64)
        self.output_bias = torch.as_tensor(bias, dtype=torch.float64)
        self.freeze()


@default_modes()
def new_map(
    n_features: int,
    n_outputs: int,
    *,
    hidden_layer_sizes: Sequence[int],
    network: BuildNetwork | None,
    seed: int,
) -> nn.Module:
    """Build an untrained map: a multilayer perceptron, or the user's network.

    Parameters
    ----------
    n_features, n_outputs : int
        Numbers of inputs and outputs.
    hidden_layer_sizes : sequence of int
        Widths of the hidden layers of the perceptron.
    network : callable or None
        The user's function (n_features, n_outputs) -> torch.nn.Module.
    seed : int
        Seed of the initial weights.

    Returns
    -------
    torch.nn.Module
        The map, on the CPU, in float32.
    """
    prepare_forked_process()
    if network is not None:
        return CustomMap(custom_network(network, n_features, n_outputs, seed))
    generator = torch.Generator().manual_seed(seed)
    return multilayer_perceptron(
        [n_features, *hidden_layer_sizes, n_outputs], generator
    )


@default_modes()
def spectral_network(
    X: Matrix, trained_map: nn.Module, n_outputs: int, form: str = "as_given"
) -> SpectralNetwork:
    """Add the scaling of rows and an orthonormal output layer to a map."""
    return SpectralNetwork(*form_statistics(X, form), trained_map, n_outputs, form)


@default_modes()
def continue_network(
    network: SpectralNetwork, trained_map: nn.Module, n_outputs: int
) -> SpectralNetwork:
    """Copy the scaling and the weights of an earlier fit's network into a new map.

    Parameters
    ----------
    network : SpectralNetwork
        The earlier network.
    trained_map : torch.nn.Module
        The new map. Its last linear layer stays new if the number of outputs differs.
    n_outputs : int
        Number of outputs of the new map.

    Returns
    -------
    SpectralNetwork
        The network whose training continues.

    Raises
    ------
    ValueError
        If the maps differ in more than their outputs.
    """
    weights, new = network.map.state_dict(), trained_map.state_dict()
    shapes = {name: tensor.shape for name, tensor in weights.items()}
    differing = [name for name in new if shapes.get(name) != new[name].shape]
    n_earlier = len(network.output_weight)
    spared = set() if n_outputs == n_earlier else _last_layer_weights(trained_map)
    if len(weights) != len(new) or not set(differing) <= spared:
        raise ValueError(
            "warm_start=True trains the network of the last fit further, but this fit "
            f"needs another network (they differ in {differing or 'their layers'}): "
            "set warm_start=False."
        )
    kept = {name: w for name, w in weights.items() if name not in differing}
    trained_map.load_state_dict(kept, strict=False)
    scaling = network.center.numpy(), float(network.scale)
    return SpectralNetwork(*scaling, trained_map, n_outputs, network.form)


def _last_layer_weights(network: nn.Module) -> set[str]:
    """Return the names of the weights of a network's last linear layer."""
    names = [n for n, layer in network.named_modules() if isinstance(layer, nn.Linear)]
    return {f"{name}.{part}" for name in names[-1:] for part in ("weight", "bias")}


def custom_network(
    build: BuildNetwork, n_features: int, n_outputs: int, seed: int
) -> nn.Module:
    """Call the user's function, and check the network that it returns.

    Parameters
    ----------
    build : callable
        Takes the numbers of features and outputs, returns a `torch.nn.Module`.
    n_features, n_outputs : int
        Numbers of inputs and outputs that the network must have.
    seed : int
        Seed of the initial weights. torch's global state is restored.

    Returns
    -------
    torch.nn.Module
        The network.

    Raises
    ------
    TypeError
        If the function does not return a module.
    ValueError
        If the network does not map (n_rows, n_features) to (n_rows, n_outputs).
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


def n_weights(network: nn.Module) -> int:
    """Count the parameters of a network.

    Parameters
    ----------
    network : torch.nn.Module
        The network.

    Returns
    -------
    int
        Number of entries of all parameters.
    """
    return sum(parameter.numel() for parameter in network.parameters())


def is_custom(network: nn.Module) -> bool:
    """Tell whether the user's function has built a network.

    Parameters
    ----------
    network : torch.nn.Module
        A map, or a module that contains one.

    Returns
    -------
    bool
        Whether the network is the user's own.
    """
    return any(isinstance(module, CustomMap) for module in network.modules())


class _Dense(nn.Module):
    """Makes sparse rows dense."""

    def forward(self, x: Batch) -> torch.Tensor:
        """Return the rows as a tensor."""
        return x.to_dense()
