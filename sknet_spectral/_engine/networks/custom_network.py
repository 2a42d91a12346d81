"""The user's network as a map: it is checked, and reads sparse rows as dense ones."""

from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

import torch
from torch import nn

from ..device import seed_temporarily
from ..modes import float32_by_default
from ..sparse_batch import Batch

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

    def __reduce__(self) -> NoReturn:
        """Say what to use instead of skops, which calls this."""
        raise TypeError(
            "network: skops cannot write the torch network that this function built. "
            "Write the estimator with its method save, and pass network to load."
        )

    def __reduce_ex__(self, protocol: Any) -> tuple:
        """Return what pickle and copy ask for, which can write the network."""
        return object.__new__, (type(self),), self.__getstate__()


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
        If the function does not return a module, or the module no tensor.
    ValueError
        If the network does not map (n_rows, n_features) to (n_rows, n_outputs), or has
        no parameters to train.
    """
    with float32_by_default(), seed_temporarily(seed):
        network = build(n_features, n_outputs)
    if not isinstance(network, nn.Module):
        raise TypeError(
            f"network must return a torch.nn.Module, got {type(network).__name__}."
        )
    network.float().eval()
    with torch.no_grad():
        outputs = network(torch.zeros(2, n_features, dtype=torch.float32))
    if not isinstance(outputs, torch.Tensor):
        raise TypeError(
            "network must return a module whose output is a tensor, got "
            f"{type(outputs).__name__}."
        )
    if not any(parameter.requires_grad for parameter in network.parameters()):
        raise ValueError(
            "network must have parameters to train, but none of them requires a "
            "gradient."
        )
    shape = tuple(outputs.shape)
    if shape != (2, n_outputs):
        raise ValueError(
            f"network must map rows of {n_features} features to {n_outputs} outputs; "
            f"two rows gave shape {shape}."
        )
    return network


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
