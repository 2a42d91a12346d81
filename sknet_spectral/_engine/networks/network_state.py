"""A fitted network as plain values and arrays, and back."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ..modes import default_modes
from .custom_network import BuildNetwork, is_custom
from .network import SpectralNetwork, StandardizedNetwork, new_map

# The outputs for a few rows differ by less if the network is the same, even in another
# version of torch; they differ by more if another network has the same weights.
_TRIAL_ROWS, _TRIAL_ERROR = 3, 1e-4


@default_modes()
def network_state(network: StandardizedNetwork) -> dict[str, Any]:
    """Describe a frozen network.

    Parameters
    ----------
    network : StandardizedNetwork
        The network, which may be a `SpectralNetwork`.

    Returns
    -------
    dict
        Strings, numbers, lists and arrays that `restore_network` takes.
    """
    buffers = dict(network.named_buffers(recurse=False))
    return {
        "class": type(network).__name__,
        "form": network.form,
        **{name: buffer.numpy(force=True) for name, buffer in buffers.items()},
        "map": map_state(network.map, len(network.center)),
    }


@default_modes()
def restore_network(
    state: dict[str, Any], build: BuildNetwork | None
) -> StandardizedNetwork:
    """Build a network from its description.

    Parameters
    ----------
    state : dict
        The result of `network_state`.
    build : callable or None
        The user's function that built the map, if there was one.

    Returns
    -------
    StandardizedNetwork
        The network, frozen, in float64 on the CPU.

    Raises
    ------
    ValueError
        If `build` does not build the described network.
    """
    parts = state["center"], state["scale"], restore_map(state["map"], build)
    form = state.get("form", "as_given")  # missing in files of earlier versions
    if state["class"] == StandardizedNetwork.__name__:
        network = StandardizedNetwork(*parts, form)
        network.freeze()
        return network
    spectral = SpectralNetwork(*parts, len(state["output_weight"]), form)
    spectral.fix_output(state["output_weight"], state["output_bias"])
    return spectral


@default_modes()
def map_state(module: nn.Module, n_features: int) -> dict[str, Any]:
    """Describe a map by its sizes, its weights and its outputs for a few rows.

    Parameters
    ----------
    module : torch.nn.Module
        The map, frozen, in float64.
    n_features : int
        Number of its inputs.

    Returns
    -------
    dict
        Numbers, lists and arrays that `restore_map` takes.
    """
    trial = _trial_outputs(module, n_features)
    return {
        "user's": is_custom(module),
        "sizes": _layer_sizes(module, n_features, trial.shape[1]),
        "weights": {
            name: tensor.numpy(force=True)
            for name, tensor in module.state_dict().items()
        },
        "trial": trial,
    }


@default_modes()
def restore_map(state: dict[str, Any], build: BuildNetwork | None) -> nn.Module:
    """Build a map from its description.

    Parameters
    ----------
    state : dict
        The result of `map_state`.
    build : callable or None
        The user's function that built the map, if there was one.

    Returns
    -------
    torch.nn.Module
        The map, frozen, in float64 on the CPU.

    Raises
    ------
    ValueError
        If `build` does not build the described map.
    """
    module = _new_map(state["sizes"], build if state["user's"] else None)
    weights = {name: torch.from_numpy(W) for name, W in state["weights"].items()}
    explanation = (
        "network= does not build the network that was saved: pass the function that "
        "was used in the fit."
    )
    try:
        # Assigned, not copied: another memory order would change the rounding.
        module.double().load_state_dict(weights, assign=True)
    except RuntimeError as error:
        raise ValueError(f"{explanation} {error}") from error
    module.eval().requires_grad_(False)
    difference = _trial_outputs(module, state["sizes"][0]) - state["trial"]
    if np.abs(difference).max() > _TRIAL_ERROR * np.abs(state["trial"]).max():
        raise ValueError(explanation)
    return module


def _layer_sizes(module: nn.Module, n_features: int, n_outputs: int) -> list[int]:
    layers = [layer for layer in module.modules() if isinstance(layer, nn.Linear)]
    return [n_features, *(layer.in_features for layer in layers[1:]), n_outputs]


def _new_map(sizes: Sequence[int], network: BuildNetwork | None) -> nn.Module:
    # The seed does not matter, since all weights are replaced.
    return new_map(
        sizes[0], sizes[-1], hidden_layer_sizes=sizes[1:-1], network=network, seed=0
    )


def _trial_outputs(module: nn.Module, n_features: int) -> NDArray[np.float64]:
    rows = torch.linspace(-1, 1, _TRIAL_ROWS * n_features, dtype=torch.float64)
    with torch.inference_mode():
        outputs = module(rows.reshape(_TRIAL_ROWS, n_features))
    return np.nan_to_num(outputs.numpy())
