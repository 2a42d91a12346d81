"""The autoencoder: a code from which rows can be rebuilt."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ..._forked_process import prepare_forked_process
from ..augmented_rows import Augment, AugmentedRows, augmented_rows
from ..automatic import automatic_epochs
from ..device import on_device, resolve_device
from ..dropped_inputs import drop_inputs
from ..modes import default_modes
from ..networks.input_statistics import input_statistics
from ..networks.network import StandardizedNetwork, n_weights
from ..rows import Matrix, Rows, apply_in_chunks, training_rows
from ..sparse_batch import Batch
from ..threads import threads_for
from ..training.training import Map, adam_throughout, train
from ..training.training_config import TrainingConfig


def code_epochs(n_samples: int, batch_size: int) -> int:
    """Choose the epochs of an autoencoder: 50, and on small data 1,000 steps.

    Parameters
    ----------
    n_samples : int
        Number of training rows.
    batch_size : int
        Number of rows in a batch.

    Returns
    -------
    int
        The number of epochs.
    """
    n_steps = math.ceil(n_samples / batch_size)
    return automatic_epochs(n_steps, min_epochs=50, min_steps=1000)


@default_modes()
def fit_codes(
    X: Matrix,
    encoder: nn.Module,
    decoder: nn.Module,
    config: TrainingConfig,
    *,
    dropout: float,
    augment: Augment | None = None,
) -> tuple[StandardizedNetwork, list[float]]:
    """Train an autoencoder.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        Training rows.
    encoder, decoder : torch.nn.Module
        The maps from scaled rows to codes, and back; they are trained in place.
    config : TrainingConfig
        The options.
    dropout : float
        Share of the inputs that is dropped.
    augment : callable, default=None
        The user's function (rows, generator) -> rows. The rows of its inputs are
        rebuilt from its outputs.

    Returns
    -------
    network : StandardizedNetwork
        The trained encoder, frozen, in float64 on the CPU.
    loss_curve : list of float
        The loss of each epoch.
    """
    device = resolve_device(config.device)
    network = StandardizedNetwork(*input_statistics(X), encoder)
    generator = torch.Generator().manual_seed(config.seed)
    objective = Reconstruction(
        training_rows(X, network.standardize, device),
        dropout,
        config.batch_size,
        generator,
        augmented_rows(X, augment, network.standardize, device, generator),
    )
    autoencoder = Autoencoder(encoder, decoder)
    work = config.batch_size * n_weights(autoencoder)
    with threads_for(work), on_device(autoencoder, device):
        loss_curve = train(autoencoder, objective, config, adam_throughout)
    network.freeze()
    decoder.double().requires_grad_(False)
    return network, loss_curve


@default_modes()
def rebuild(
    network: StandardizedNetwork, decoder: nn.Module, Z: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Decode codes and undo the input scaling, in float64.

    Parameters
    ----------
    network : StandardizedNetwork
        The encoder, whose input scaling is undone.
    decoder : torch.nn.Module
        The map from codes to scaled rows.
    Z : ndarray of shape (n_rows, n_components)
        The codes.

    Returns
    -------
    ndarray of shape (n_rows, n_features)
        The rows.
    """
    prepare_forked_process()
    return apply_in_chunks(
        lambda z: decoder(z) * network.scale + network.center, Z
    ).numpy()


class Autoencoder(nn.Module):
    """An encoder and a decoder, trained as one map of rows to themselves.

    Parameters
    ----------
    encoder, decoder : torch.nn.Module
        The maps from rows to codes, and back.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x: Batch) -> torch.Tensor:
        """Encode rows and decode them again."""
        return self.decoder(self.encoder(x))


class Reconstruction:
    """Mean squared error of rows that are rebuilt from a part of their inputs.

    A share of each row's inputs is set to zero, which is the mean of a scaled column.
    The network then rebuilds the whole row (Vincent et al., "Extracting and composing
    robust features with denoising autoencoders", 2008).

    Parameters
    ----------
    X : Tensor or SparseRows of shape (n_rows, n_features)
        Scaled rows.
    dropout : float
        Share of the inputs that is dropped.
    batch_size : int
        Number of rows in a batch.
    generator : torch.Generator
        Shuffles the rows and drops inputs.
    augmented : AugmentedRows or None, default=None
        Changed copies of the rows, from which the rows are rebuilt.
    """

    can_halve = False

    def __init__(
        self,
        X: Rows,
        dropout: float,
        batch_size: int,
        generator: torch.Generator,
        augmented: AugmentedRows | None = None,
    ) -> None:
        self.X, self.dropout, self.generator = X, dropout, generator
        self.augmented = augmented
        self.n_batches = math.ceil(len(X) / batch_size)

    def batches(self) -> Sequence[torch.Tensor]:
        """Shuffle the rows once and cut them into batches."""
        order = torch.randperm(len(self.X), generator=self.generator)
        return order.tensor_split(self.n_batches)

    def loss(self, network: Map, rows: torch.Tensor) -> torch.Tensor:
        """Compute the mean squared error of the rebuilt rows."""
        x = self.X[rows].to_dense()
        inputs = x if self.augmented is None else self.augmented[rows]
        rebuilt = network(drop_inputs(inputs, self.dropout, self.generator))
        return (rebuilt - x).square().mean()
