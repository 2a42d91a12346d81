"""The Siamese network: distances learned from pairs that belong together."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ..augmented_rows import Augment, AugmentedRows, augmented_rows
from ..automatic import automatic_epochs
from ..device import on_device, resolve_device
from ..dropped_inputs import drop_inputs
from ..modes import default_modes
from ..networks.input_statistics import input_statistics
from ..networks.network import StandardizedNetwork, n_weights
from ..rows import Matrix, Rows, training_rows
from ..sparse_batch import Batch
from ..threads import threads_for
from ..training.training import Map, train
from ..training.training_config import TrainingConfig

_POSITIVE_MARGIN, _NEGATIVE_MARGIN = 0.05, 1.0  # the paper's


def cross_entropy(
    first: torch.Tensor,
    second: torch.Tensor,
    rows: torch.Tensor,
    other_rows: torch.Tensor,
) -> torch.Tensor:
    """Tell a row's partner from the partners of all other rows of the batch.

    The logits are -log(1 + d^2), the Student kernel of t-SNE.

    Parameters
    ----------
    first, second : Tensor of shape (n_pairs, n_outputs)
        Outputs for the two rows of each pair.
    rows, other_rows : Tensor of shape (n_pairs,)
        Positions of these rows. A row is never a negative of itself.

    Returns
    -------
    Tensor
        The mean cross-entropy.
    """
    squares = torch.cdist(first, second).square()
    logits = -torch.log1p(squares)
    same = other_rows[:, None] == other_rows[None, :]
    same |= rows[:, None] == other_rows[None, :]
    same.fill_diagonal_(False)
    logits = logits.masked_fill(same, -torch.inf)
    return nn.functional.cross_entropy(
        logits, torch.arange(len(rows), device=rows.device)
    )


def contrastive(
    first: torch.Tensor,
    second: torch.Tensor,
    rows: torch.Tensor,
    other_rows: torch.Tensor,
) -> torch.Tensor:
    """Compute the paper's loss: positives within a margin, negatives beyond another.

    Parameters
    ----------
    first, second, rows, other_rows
        As in `cross_entropy`. The negatives are pairs shifted by one position.

    Returns
    -------
    Tensor
        The mean of squared distances beyond the margins (Hadsell et al., 2006).
    """
    attraction = (_distances(first, second) - _POSITIVE_MARGIN).clamp(min=0.0)
    repulsion = _NEGATIVE_MARGIN - _distances(first, second.roll(1, dims=0))
    return 0.5 * (attraction.square() + repulsion.clamp(min=0.0).square()).mean()


PairLossFunction = Callable[
    [torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor
]
PAIR_LOSSES: dict[str, PairLossFunction] = {
    "cross_entropy": cross_entropy,
    "contrastive": contrastive,
}


def pair_epochs(n_samples: int, batch_size: int) -> int:
    """Choose the epochs of a Siamese network: 15, and on small data 300 steps.

    Parameters
    ----------
    n_samples : int
        Number of training rows.
    batch_size : int
        Number of pairs in a batch.

    Returns
    -------
    int
        The number of epochs.
    """
    n_steps = math.ceil(n_samples / batch_size)
    return automatic_epochs(n_steps, min_epochs=15, min_steps=300)


@default_modes()
def fit_pairs(
    X: Matrix,
    trained_map: nn.Module,
    pairs: NDArray[np.integer],
    config: TrainingConfig,
    *,
    loss: str,
    dropout: float,
    augment: Augment | None = None,
) -> tuple[StandardizedNetwork, list[float]]:
    """Train a Siamese network.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        Training rows.
    trained_map : torch.nn.Module
        The map from scaled rows to the learned space; it is trained in place.
    pairs : ndarray of shape (n_pairs, 2)
        Rows that belong together.
    config : TrainingConfig
        The options.
    loss : {"cross_entropy", "contrastive"}
        The loss.
    dropout : float
        Share of the inputs that is dropped.
    augment : callable, default=None
        The user's function (rows, generator) -> rows.

    Returns
    -------
    network : StandardizedNetwork
        The trained map, frozen, in float64 on the CPU.
    loss_curve : list of float
        The loss of each epoch.
    """
    device = resolve_device(config.device)
    network = StandardizedNetwork(*input_statistics(X), trained_map)
    generator = torch.Generator().manual_seed(config.seed)
    objective = PairLoss(
        training_rows(X, network.standardize, device),
        torch.from_numpy(np.asarray(pairs, dtype=np.int64)),
        PAIR_LOSSES[loss],
        dropout,
        config.batch_size,
        generator,
        augmented_rows(X, augment, network.standardize, device, generator),
    )
    work = 2 * config.batch_size * n_weights(trained_map)
    with threads_for(work), on_device(trained_map, device):
        loss_curve = train(trained_map, objective, config)
    network.freeze()
    return network, loss_curve


class PairLoss:
    """A loss of pairs of rows that belong together.

    Parameters
    ----------
    X : Tensor or SparseRows of shape (n_rows, n_features)
        Scaled rows.
    pairs : Tensor of shape (n_pairs, 2)
        Rows that belong together.
    loss : callable
        One of `PAIR_LOSSES`.
    dropout : float
        Share of the inputs that is dropped.
    batch_size : int
        Number of pairs in a batch.
    generator : torch.Generator
        Draws the pairs and drops inputs.
    augmented : AugmentedRows or None, default=None
        Changed copies of the rows. A row is then paired with a copy of its partner,
        and with one of its own.
    """

    can_halve = False

    def __init__(
        self,
        X: Rows,
        pairs: torch.Tensor,
        loss: PairLossFunction,
        dropout: float,
        batch_size: int,
        generator: torch.Generator,
        augmented: AugmentedRows | None = None,
    ) -> None:
        self.X, self.pair_loss, self.augmented = X, loss, augmented
        self.pairs = pairs if augmented is None else _with_own_copies(pairs, len(X))
        self.dropout, self.generator = dropout, generator
        self.batch_size = batch_size
        # An epoch draws as many pairs as X has rows.
        self.n_batches = math.ceil(len(X) / batch_size)

    def batches(self) -> Iterator[torch.Tensor]:
        """Draw the pairs of each batch."""
        size = self.n_batches, self.batch_size
        drawn = torch.randint(len(self.pairs), size, generator=self.generator)
        return (self.pairs[batch] for batch in drawn)

    def loss(self, network: Map, pairs: torch.Tensor) -> torch.Tensor:
        """Compute the loss of a batch of pairs."""
        x = drop_inputs(self._inputs(pairs), self.dropout, self.generator)
        first, second = network(x).chunk(2)
        rows, other_rows = pairs.T.to(first.device)
        return self.pair_loss(first, second, rows, other_rows)

    def _inputs(self, pairs: torch.Tensor) -> Batch:
        """Return the first rows of the pairs, and then the second ones."""
        if self.augmented is None:
            return self.X[pairs.T.reshape(-1)]
        rows, other_rows = pairs.T
        return torch.cat([self.X[rows].to_dense(), self.augmented[other_rows]])


def _with_own_copies(pairs: torch.Tensor, n_rows: int) -> torch.Tensor:
    """Add a pair of each row with itself."""
    return torch.cat([pairs, torch.arange(n_rows)[:, None].expand(-1, 2)])


def _distances(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    # The derivative of the square root is infinite at zero.
    return (first - second).square().sum(dim=1).clamp(min=1e-12).sqrt()
