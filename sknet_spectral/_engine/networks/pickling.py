"""Modules whose pickles have arrays in place of tensors."""

from typing import Any, TypeAlias

import torch
from torch import nn

from ..modes import default_modes

_Weights: TypeAlias = dict[str, torch.Tensor | None]
# Where torch keeps the parameters and the buffers of a module itself.
_PLACES = "_parameters", "_buffers"


class PickledAsArrays(nn.Module):
    """A module whose state has its own weights as arrays, without loss.

    skops writes what a pickle has, but no tensors.
    """

    def __getstate__(self) -> dict[str, Any]:
        state = vars(self).copy()
        state.update((place, _as_arrays(state[place])) for place in _PLACES)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        weights = {place: _as_tensors(state[place]) for place in _PLACES}
        parameters = weights["_parameters"]
        for name, weight in parameters.items():
            if weight is not None:
                parameters[name] = nn.Parameter(weight, weight.requires_grad)
        super().__setstate__({**state, **weights})


def _as_arrays(weights: _Weights) -> dict[str, dict[str, Any] | None]:
    return {
        name: None if weight is None else _parts(weight)
        for name, weight in weights.items()
    }


@default_modes()
def _as_tensors(weights: dict[str, dict[str, Any] | None]) -> _Weights:
    return {
        name: None if parts is None else _tensor(**parts)
        for name, parts in weights.items()
    }


def _parts(tensor: torch.Tensor) -> dict[str, Any]:
    return {
        "values": tensor.numpy(force=True),
        # Another memory order would change the rounding.
        "strides": tensor.stride(),
        "device": str(tensor.device),
        "requires_grad": tensor.requires_grad,
    }


def _tensor(
    values: Any, strides: tuple[int, ...], device: str, requires_grad: bool
) -> torch.Tensor:
    dtype = getattr(torch, values.dtype.name)
    tensor = torch.empty_strided(values.shape, strides, dtype=dtype)
    # Copied by numpy: a memory map is read-only, and torch would hang in a fork.
    tensor.numpy()[...] = values
    return tensor.to(device).requires_grad_(requires_grad)
