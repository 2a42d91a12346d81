"""All that training changes, as arrays: to go on from, in another process too."""

import numpy as np
import torch

from .network import is_custom

# The losses, whether training is over, and the states of two generators.
_N_BEFORE_TENSORS = 4


class TrainingState:
    """The tensors and generators of a training that is under way.

    Parameters
    ----------
    network : torch.nn.Module
        What is trained.
    optimizers : list
        The optimisers, each with its `tensors`.
    generator : torch.Generator
        Draws the batches.
    """

    def __init__(self, network, optimizers, generator):
        self.tensors = [
            *network.parameters(),
            *network.buffers(),
            *(tensor for optimizer in optimizers for tensor in optimizer.tensors()),
        ]
        self.generator = generator
        # Of a network that draws nothing from torch's global generator, it is others'.
        self.draws_globally = is_custom(network)

    def arrays(self, loss_curve, is_over):
        """Return the state, the losses so far, and whether training is over.

        Parameters
        ----------
        loss_curve : list of float
            Loss of each epoch.
        is_over : bool
            Whether no epoch is to come.

        Returns
        -------
        list of ndarray
            What `restore` takes.
        """
        unused = torch.empty(0, dtype=torch.float32)
        global_state = torch.get_rng_state() if self.draws_globally else unused
        tensors = self.generator.get_state(), global_state, *self.tensors
        arrays = [tensor.numpy(force=True) for tensor in tensors]
        return [np.array(loss_curve), np.array(is_over), *arrays]

    def check(self, arrays, n_epochs):
        """Raise a ValueError or TypeError where arrays are no state of this training.

        Parameters
        ----------
        arrays : list of ndarray
            What `arrays` returned, perhaps.
        n_epochs : int
            Epochs at the most.
        """
        n_arrays = _N_BEFORE_TENSORS + len(self.tensors)
        if len(arrays) != n_arrays:
            raise ValueError(f"{len(arrays)} arrays instead of {n_arrays}.")
        loss_curve, is_over, own, global_state, *values = arrays
        _check_losses(loss_curve, is_over, n_epochs)
        _check_generator_state(own)
        if self.draws_globally:
            _check_generator_state(global_state)
        for tensor, value in zip(self.tensors, values, strict=True):
            _check_alike(tensor, torch.from_numpy(value))

    @torch.no_grad()
    def restore(self, arrays):
        """Take over a state.

        Parameters
        ----------
        arrays : list of ndarray
            What `arrays` returned.

        Returns
        -------
        loss_curve : list of float
            Loss of each epoch.
        is_over : bool
            Whether no epoch is to come.
        """
        loss_curve, is_over, own, global_state, *values = arrays
        self.generator.set_state(torch.from_numpy(own))
        if self.draws_globally:
            torch.set_rng_state(torch.from_numpy(global_state))
        for tensor, value in zip(self.tensors, values, strict=True):
            tensor.copy_(torch.from_numpy(value))
        return loss_curve.tolist(), bool(is_over)


def _check_losses(loss_curve, is_over, n_epochs):
    if loss_curve.ndim != 1 or is_over.ndim or not np.isfinite(loss_curve).all():
        raise ValueError("its losses are not one finite number an epoch.")
    n_left = n_epochs - len(loss_curve)
    if n_left < 0 or not (n_left or is_over):
        raise ValueError(f"it has {len(loss_curve)} losses of {n_epochs} epochs.")


def _check_generator_state(state):
    try:
        torch.Generator().set_state(torch.from_numpy(state))
    except RuntimeError as error:
        raise ValueError(str(error)) from error


def _check_alike(tensor, value):
    if (value.shape, value.dtype) != (tensor.shape, tensor.dtype):
        raise ValueError(
            f"a tensor is {value.dtype} of shape {tuple(value.shape)} instead of "
            f"{tensor.dtype} of shape {tuple(tensor.shape)}."
        )
    # A user's network may have buffers that are not.
    if tensor.isfinite().all() and not value.isfinite().all():
        raise ValueError("a tensor is not finite.")
