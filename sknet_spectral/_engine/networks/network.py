"""The networks: input scaling, a map, and the orthonormal output layer."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from ..._forked_process import prepare_forked_process
from ..modes import default_modes
from ..rows import Matrix
from ..sparse_batch import Batch, SparseBatch, moderate
from .custom_network import BuildNetwork, CustomMap, custom_network
from .perceptron import multilayer_perceptron
from .pickling import PickledAsArrays
from .row_forms import FORMS, form_statistics


class StandardizedNetwork(PickledAsArrays):
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
        return moderate((x.to_dense() - self.center) / self.scale)

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
    """Add the scaling of rows and an orthonormal output layer to a map.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The training rows.
    trained_map : torch.nn.Module
        The map of scaled rows.
    n_outputs : int
        Number of its outputs.
    form : str, default="as_given"
        The form in which rows are read.

    Returns
    -------
    SpectralNetwork
        The network.
    """
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
