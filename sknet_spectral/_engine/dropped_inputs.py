"""Inputs that are dropped at random, as a denoising autoencoder drops them."""

import torch

from .sparse_batch import Batch, SparseBatch


def drop_inputs(x: Batch, share: float, generator: torch.Generator) -> Batch:
    """Set a random share of the entries of a batch to zero.

    Parameters
    ----------
    x : {Tensor, SparseBatch} of shape (n_rows, n_features)
        The batch.
    share : float
        The share.
    generator : torch.Generator
        Source of randomness.

    Returns
    -------
    {Tensor, SparseBatch} of shape (n_rows, n_features)
        The batch with fewer entries.
    """
    if isinstance(x, SparseBatch):
        return x.map_entries(lambda entries: _drop_entries(entries, share, generator))
    return _drop_entries(x, share, generator)


def _drop_entries(
    x: torch.Tensor, share: float, generator: torch.Generator
) -> torch.Tensor:
    if not share:
        return x
    level = torch.rand(x.shape, generator=generator, dtype=torch.float32)
    kept = level >= share
    return x * kept.to(x.device)
