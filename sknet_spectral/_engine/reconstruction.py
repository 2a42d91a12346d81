"""The autoencoder: a code from which rows can be rebuilt."""

import math

import torch
from torch import nn

from .._forked_process import prepare_forked_process
from .automatic import automatic_epochs
from .device import on_device, resolve_device
from .modes import default_modes
from .network import StandardizedNetwork, n_weights
from .rows import SparseBatch, apply_in_chunks, input_statistics, training_rows
from .threads import threads_for
from .training import adam_throughout, train


def code_epochs(n_samples, batch_size):
    """Epochs of an autoencoder: 50, and on small data at least 1,000 steps."""
    n_steps = math.ceil(n_samples / batch_size)
    return automatic_epochs(n_steps, min_epochs=50, min_steps=1000)


@default_modes()
def fit_codes(X, encoder, decoder, *, dropout, batch_size, seed, device, **options):
    """Train an autoencoder.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        Training rows.
    encoder, decoder : torch.nn.Module
        Scaled rows to codes, and back; trained in place.
    dropout : float
        Share of the inputs that is dropped.
    batch_size : int
        Rows of a batch.
    seed : int
        Shuffles the rows and drops inputs.
    device : str
        Where to train.
    **options
        Passed on to `train`.

    Returns
    -------
    network : StandardizedNetwork
        The trained encoder, frozen, in float64 on the CPU.
    loss_curve : list of float
        The loss of each epoch.
    """
    device = resolve_device(device)
    network = StandardizedNetwork(*input_statistics(X), encoder)
    objective = Reconstruction(
        training_rows(X, network.standardize, device),
        dropout,
        batch_size,
        torch.Generator().manual_seed(seed),
    )
    autoencoder = Autoencoder(encoder, decoder)
    work = batch_size * n_weights(autoencoder)
    with threads_for(work), on_device(autoencoder, device):
        loss_curve = train(
            autoencoder, objective, optimizers=adam_throughout, **options
        )
    network.freeze()
    decoder.double().requires_grad_(False)
    return network, loss_curve


@default_modes()
def rebuild(network, decoder, Z):
    """Decode codes and undo the input scaling, in float64."""
    prepare_forked_process()
    return apply_in_chunks(
        lambda z: decoder(z) * network.scale + network.center, Z
    ).numpy()


class Autoencoder(nn.Module):
    """An encoder and a decoder, trained as one map of rows to themselves.

    Parameters
    ----------
    encoder, decoder : torch.nn.Module
        Rows to codes, and back.
    """

    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x):
        """Encode rows and decode them again."""
        return self.decoder(self.encoder(x))


class Reconstruction:
    """Mean squared error of rows rebuilt from what is left of them.

    A share of each row's inputs is set to zero, the mean of a scaled column, and the
    whole row has to be rebuilt (Vincent et al., "Extracting and composing robust
    features with denoising autoencoders", 2008).

    Parameters
    ----------
    X : Tensor or SparseRows of shape (n_rows, n_features)
        Scaled rows.
    dropout : float
        Share of the inputs that is dropped.
    batch_size : int
        Rows of a batch.
    generator : torch.Generator
        Shuffles the rows and drops inputs.
    """

    def __init__(self, X, dropout, batch_size, generator):
        self.X, self.dropout, self.generator = X, dropout, generator
        self.n_batches = math.ceil(len(X) / batch_size)

    def batches(self):
        """Shuffle the rows once and cut them into batches."""
        order = torch.randperm(len(self.X), generator=self.generator)
        return order.tensor_split(self.n_batches)

    def loss(self, network, rows):
        """Mean squared error of the rebuilt rows."""
        x = self.X[rows].to_dense()
        return (
            (network(drop_inputs(x, self.dropout, self.generator)) - x).square().mean()
        )


def drop_inputs(x, share, generator):
    """Set a random share of the entries of a batch to zero."""
    if isinstance(x, SparseBatch):
        return x.map_entries(lambda entries: drop_inputs(entries, share, generator))
    if not share:
        return x
    level = torch.rand(x.shape, generator=generator, dtype=torch.float32)
    kept = level >= share
    return x * kept.to(x.device)
