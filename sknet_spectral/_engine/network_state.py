"""A fitted network as plain values and arrays, and back."""

import numpy as np
import torch
from torch import nn

from .modes import default_modes
from .network import SpectralNetwork, StandardizedNetwork, is_custom, new_map

# Another network of equal weights errs more; the same network, in another version
# of torch, less.
_TRIAL_ROWS, _TRIAL_ERROR = 3, 1e-4


@default_modes()
def network_state(network):
    """Describe a frozen network.

    Parameters
    ----------
    network : StandardizedNetwork
        The network, a `SpectralNetwork` or not.

    Returns
    -------
    dict
        Strings, numbers, lists and arrays, from which `restore_network` makes it.
    """
    buffers = dict(network.named_buffers(recurse=False))
    return {
        "class": type(network).__name__,
        "form": network.form,
        **{name: buffer.numpy(force=True) for name, buffer in buffers.items()},
        "map": map_state(network.map, len(network.center)),
    }


@default_modes()
def restore_network(state, build):
    """Make a network of its description.

    Parameters
    ----------
    state : dict
        What `network_state` returned.
    build : callable or None
        The user's function that builds the map, if one did.

    Returns
    -------
    StandardizedNetwork
        The network, frozen, in float64 on the CPU.

    Raises
    ------
    ValueError
        If `build` makes another network than the one described.
    """
    parts = state["center"], state["scale"], restore_map(state["map"], build)
    form = state.get("form", "as_given")  # which files of earlier versions lack
    if state["class"] == StandardizedNetwork.__name__:
        network = StandardizedNetwork(*parts, form)
        network.freeze()
        return network
    network = SpectralNetwork(*parts, len(state["output_weight"]), form)
    network.fix_output(state["output_weight"], state["output_bias"])
    return network


@default_modes()
def map_state(module, n_features):
    """Describe a map by its sizes, its weights and what it makes of a few rows.

    Parameters
    ----------
    module : torch.nn.Module
        The map, frozen, in float64.
    n_features : int
        Number of its inputs.

    Returns
    -------
    dict
        Numbers, lists and arrays, from which `restore_map` makes it.
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
def restore_map(state, build):
    """Make a map of its description.

    Parameters
    ----------
    state : dict
        What `map_state` returned.
    build : callable or None
        The user's function that builds it, if one did.

    Returns
    -------
    torch.nn.Module
        The map, frozen, in float64 on the CPU.

    Raises
    ------
    ValueError
        If `build` makes another map than the one described.
    """
    module = _new_map(state["sizes"], build if state["user's"] else None)
    weights = {name: torch.from_numpy(W) for name, W in state["weights"].items()}
    explanation = (
        "network= does not build the network that was saved: give the function with "
        "which the estimator was fitted."
    )
    try:
        # Assigned, not copied: products of another memory order round otherwise.
        module.double().load_state_dict(weights, assign=True)
    except RuntimeError as error:
        raise ValueError(f"{explanation} {error}") from error
    module.eval().requires_grad_(False)
    difference = _trial_outputs(module, state["sizes"][0]) - state["trial"]
    if np.abs(difference).max() > _TRIAL_ERROR * np.abs(state["trial"]).max():
        raise ValueError(explanation)
    return module


def _layer_sizes(module, n_features, n_outputs):
    layers = [layer for layer in module.modules() if isinstance(layer, nn.Linear)]
    return [n_features, *(layer.in_features for layer in layers[1:]), n_outputs]


def _new_map(sizes, network):
    # All of its random weights are replaced.
    return new_map(
        sizes[0], sizes[-1], hidden_layer_sizes=sizes[1:-1], network=network, seed=0
    )


def _trial_outputs(module, n_features):
    rows = torch.linspace(-1, 1, _TRIAL_ROWS * n_features, dtype=torch.float64)
    with torch.inference_mode():
        outputs = module(rows.reshape(_TRIAL_ROWS, n_features))
    return np.nan_to_num(outputs.numpy())
