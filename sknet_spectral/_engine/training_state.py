"""All that training changes, as arrays: to go on from, in another process too."""

import numpy as np
import torch

from .network import is_users


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
        self.draws_globally = is_users(network)

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
        global_state = torch.get_rng_state() if self.draws_globally else torch.empty(0)
        tensors = self.generator.get_state(), global_state, *self.tensors
        arrays = [tensor.numpy(force=True) for tensor in tensors]
        return [np.array(loss_curve), np.array(is_over), *arrays]

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
