"""Everything that training changes, as arrays from which it can be resumed."""

import hashlib
import inspect
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ..networks.custom_network import is_custom
from .optimizers import Optimizer

# The losses, whether training is over, and the states of two generators; the layers.
_N_BEFORE_TENSORS, _N_AFTER_TENSORS = 4, 1
_PACKAGES = "torch", __name__.partition(".")[0]


class TrainingState:
    """The tensors and generators of a training in progress.

    Parameters
    ----------
    network : torch.nn.Module
        The network in training.
    optimizers : list of Optimizer
        The optimisers.
    generator : torch.Generator
        Draws the batches.
    """

    def __init__(
        self,
        network: nn.Module,
        optimizers: Sequence[Optimizer],
        generator: torch.Generator,
    ) -> None:
        self.tensors: list[torch.Tensor] = [
            *network.parameters(),
            *network.buffers(),
            *(tensor for optimizer in optimizers for tensor in optimizer.tensors()),
        ]
        self.generator = generator
        # This package's networks draw nothing from torch's global generator. Its state
        # then belongs to other code.
        self.draws_globally = is_custom(network)
        self.layers = np.empty(0, dtype=np.uint8)
        if self.draws_globally:
            self.layers = _hash_of_layers(network)

    def arrays(self, loss_curve: list[float], is_over: bool) -> list[NDArray[Any]]:
        """Return the state, the losses so far, and whether training is over.

        Parameters
        ----------
        loss_curve : list of float
            Loss of each epoch.
        is_over : bool
            Whether no epochs are left.

        Returns
        -------
        list of ndarray
            Arrays that `restore` takes.
        """
        unused = torch.empty(0, dtype=torch.float32)
        global_state = torch.get_rng_state() if self.draws_globally else unused
        tensors = self.generator.get_state(), global_state, *self.tensors
        arrays = [tensor.numpy(force=True) for tensor in tensors]
        return [np.array(loss_curve), np.array(is_over), *arrays, self.layers]

    def check(self, arrays: Sequence[NDArray[Any]], n_epochs: int) -> None:
        """Raise a ValueError or TypeError if arrays are not a state of this training.

        Parameters
        ----------
        arrays : list of ndarray
            Arrays from a checkpoint.
        n_epochs : int
            Maximum number of epochs.
        """
        n_arrays = _N_BEFORE_TENSORS + len(self.tensors) + _N_AFTER_TENSORS
        if len(arrays) != n_arrays:
            raise ValueError(f"{len(arrays)} arrays instead of {n_arrays}.")
        loss_curve, is_over, own, global_state, *values, layers = arrays
        _check_losses(loss_curve, is_over, n_epochs)
        if not np.array_equal(layers, self.layers):
            raise ValueError("it was left by a network of other layers.")
        _check_generator_state(own)
        if self.draws_globally:
            _check_generator_state(global_state)
        for tensor, value in zip(self.tensors, values, strict=True):
            _check_alike(tensor, torch.from_numpy(value))

    @torch.no_grad()
    def restore(self, arrays: Sequence[NDArray[Any]]) -> tuple[list[float], bool]:
        """Restore a state.

        Parameters
        ----------
        arrays : list of ndarray
            The result of `arrays`.

        Returns
        -------
        loss_curve : list of float
            Loss of each epoch.
        is_over : bool
            Whether no epochs are left.
        """
        loss_curve, is_over, own, global_state, *values, _ = arrays
        self.generator.set_state(torch.from_numpy(own))
        if self.draws_globally:
            torch.set_rng_state(torch.from_numpy(global_state))
        for tensor, value in zip(self.tensors, values, strict=True):
            tensor.copy_(torch.from_numpy(value))
        return loss_curve.tolist(), bool(is_over)


def _hash_of_layers(network: nn.Module) -> NDArray[np.uint8]:
    """Hash the layers and their code, which tell networks of the same shapes apart."""
    kinds = {type(module) for module in network.modules()}
    sources = sorted(_source(kind) for kind in kinds)
    text = re.sub("0x[0-9a-f]+", "", "\n".join([repr(network), *sources]))
    return np.frombuffer(hashlib.sha256(text.encode()).digest(), dtype=np.uint8)


def _source(kind: type) -> str:
    """Return the source of a class of the user's: packages have versions."""
    if kind.__module__.partition(".")[0] in _PACKAGES:
        return ""
    try:
        return inspect.getsource(kind)
    except (OSError, TypeError):  # typed at a prompt
        return ""


def _check_losses(
    loss_curve: NDArray[Any], is_over: NDArray[Any], n_epochs: int
) -> None:
    if loss_curve.ndim != 1 or is_over.ndim or not np.isfinite(loss_curve).all():
        raise ValueError("its losses are not one finite number per epoch.")
    n_left = n_epochs - len(loss_curve)
    if n_left < 0 or not (n_left or is_over):
        raise ValueError(f"it has {len(loss_curve)} losses of {n_epochs} epochs.")


def _check_generator_state(state: NDArray[Any]) -> None:
    try:
        torch.Generator().set_state(torch.from_numpy(state))
    except RuntimeError as error:
        raise ValueError(str(error)) from error


def _check_alike(tensor: torch.Tensor, value: torch.Tensor) -> None:
    if (value.shape, value.dtype) != (tensor.shape, tensor.dtype):
        raise ValueError(
            f"a tensor is {value.dtype} of shape {tuple(value.shape)} instead of "
            f"{tensor.dtype} of shape {tuple(tensor.shape)}."
        )
    # A custom network may have buffers that are not finite.
    if tensor.isfinite().all() and not value.isfinite().all():
        raise ValueError("a tensor is not finite.")
