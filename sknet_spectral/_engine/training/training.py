"""The training loop: one loop, one schedule, for every objective."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Protocol, TypeAlias

import torch
from torch import nn

from ..device import matmul_dtype, seed_temporarily
from ..distributed import average_gradients, from_first_rank, n_ranks
from ..networks.custom_network import is_custom
from ..networks.network import n_weights
from ..rows import Batch
from ..threads import is_shared
from .gradients import Gradients, Loss, gradients_at_once, gradients_by_halves
from .optimizers import Adam, Muon, Optimizer
from .training_config import TrainingConfig
from .training_state import TrainingState

_MUON_TO_ADAM = 20.0  # ratio of the rates, as Muon's authors use them
_WARM_UP = 0.1
# Only sparse rows are wider. Muon's products with such matrices would take much longer
# than the rest of a step.
_MAX_SIDE_OF_MUON = 10_000

Map: TypeAlias = Callable[[Batch], torch.Tensor]
RatedOptimizers: TypeAlias = Sequence[tuple[Optimizer, float]]
ChooseOptimizers: TypeAlias = Callable[[nn.Module, float, torch.dtype], RatedOptimizers]


class Objective(Protocol):
    """A loss and its batches.

    Attributes
    ----------
    n_batches : int
        Number of batches in an epoch.
    generator : torch.Generator
        Draws the batches.
    can_halve : bool
        Whether the loss is a mean over the rows of a batch that draws nothing.
    """

    n_batches: int
    generator: torch.Generator
    can_halve: bool

    def batches(self) -> Iterable[torch.Tensor]:
        """Draw the batches of an epoch."""

    def loss(self, network: Map, batch: torch.Tensor, /) -> torch.Tensor:
        """Compute the loss of a batch."""


def muon_inside(
    network: nn.Module,
    learning_rate: float,
    dtype: torch.dtype,
    max_side: int = _MAX_SIDE_OF_MUON,
) -> RatedOptimizers:
    """Use Muon for inner matrices, and Adam for biases and the last layer.

    Adam also optimises very wide matrices. Orthogonalised steps need several times
    fewer epochs than Adam's.

    Parameters
    ----------
    network : torch.nn.Module
        The network in training.
    learning_rate : float
        Largest rate of Adam; Muon's is 20 times as large.
    dtype : torch.dtype
        Precision of Muon's matrix products.
    max_side : int
        Maximum length of the longer side of a matrix for Muon.

    Returns
    -------
    list of (optimizer, rate)
        The optimisers and their largest rates.
    """
    last = [m for m in network.modules() if isinstance(m, nn.Linear)][-1:]
    outer = {id(p) for m in last for p in m.parameters()}
    parameters = list(network.parameters())
    outer |= {id(p) for p in parameters if p.ndim != 2 or max(p.shape) > max_side}
    inner = [p for p in parameters if id(p) not in outer]
    rest = [p for p in parameters if id(p) in outer]
    muon_rate = learning_rate * _MUON_TO_ADAM
    return [(Adam(rest), learning_rate), (Muon(inner, dtype), muon_rate)]


def adam_throughout(
    network: nn.Module, learning_rate: float, dtype: torch.dtype
) -> RatedOptimizers:
    """Use Adam for all parameters.

    Its steps are cheaper for wide networks and small batches. An autoencoder of MNIST
    with a layer of 2,048 units and batches of 256 took a third of the time per step.

    Parameters
    ----------
    network, learning_rate, dtype
        As in `muon_inside`; `dtype` is not used.

    Returns
    -------
    list of (optimizer, rate)
        The optimiser and its largest rate.
    """
    return [(Adam(list(network.parameters())), learning_rate)]


def train(
    network: nn.Module,
    objective: Objective,
    config: TrainingConfig,
    choose_optimizers: ChooseOptimizers = muon_inside,
) -> list[float]:
    """Minimise an objective over the parameters of a map.

    Parameters
    ----------
    network : torch.nn.Module
        The map of standardised rows, already on the device.
    objective : Objective
        The loss and its batches.
    config : TrainingConfig
        The options; the objective knows the batch size and the seed.
    choose_optimizers : {muon_inside, adam_throughout}
        Assigns optimisers to parameters.

    Returns
    -------
    list of float
        Mean loss of each epoch.

    Raises
    ------
    ValueError
        If the loss is not finite.
    """
    device = next(network.parameters()).device
    dtype = matmul_dtype(device)  # of matrix products

    def forward(x: Batch) -> torch.Tensor:
        # A cache would keep the rounded weights of a step within a caller's autocast.
        rounds = dtype != torch.float32
        with torch.autocast(device.type, dtype, rounds, cache_enabled=False):
            return network(x).float()

    rated = choose_optimizers(network, config.learning_rate, dtype)
    state = TrainingState(network, [each for each, _ in rated], objective.generator)
    n_steps = config.n_epochs * objective.n_batches

    def run_epoch(n_done: int) -> float:
        losses = []
        for step, batch in enumerate(objective.batches(), n_done * objective.n_batches):
            network.zero_grad()
            loss = add_gradients(batch)
            average_gradients(network)
            for optimizer, rate in rated:
                optimizer.step(rate * _schedule(step / n_steps))
            losses.append(loss)
        return float(torch.stack(losses).mean())

    network.train()
    seed = objective.generator.initial_seed()
    find_gradients = _gradients(network, objective, config)
    with (
        torch.enable_grad(),
        _own_randomness(network, seed),
        find_gradients(partial(objective.loss, forward)) as add_gradients,
    ):
        loss_curve = _run_epochs(run_epoch, state, config)
    network.zero_grad()
    network.eval()
    return loss_curve


def _gradients(
    network: nn.Module, objective: Objective, config: TrainingConfig
) -> Callable[[Loss], AbstractContextManager[Gradients]]:
    """Choose how gradients are found: by halves if there is enough work for two."""
    is_large = is_shared(config.batch_size * n_weights(network))
    is_ours = n_ranks() == 1 and not is_custom(network)
    is_here = next(network.parameters()).device.type == "cpu"
    can_halve = objective.can_halve and is_large and is_ours and is_here
    return gradients_by_halves if can_halve else gradients_at_once


def _run_epochs(
    run_epoch: Callable[[int], float], state: TrainingState, config: TrainingConfig
) -> list[float]:
    """Run the epochs that the checkpoint does not have; return all losses."""
    check = partial(state.check, n_epochs=config.n_epochs)
    kept = config.checkpoint.read("training", check)
    loss_curve: list[float] = []
    is_over = False
    if kept is not None:
        loss_curve, is_over = state.restore(kept)
    while not is_over:
        try:
            loss_curve.append(run_epoch(len(loss_curve)))
        except torch.linalg.LinAlgError:  # from Cholesky if outputs are NaN
            loss_curve.append(math.nan)
        if not math.isfinite(loss_curve[-1]):
            raise ValueError(
                f"Training diverged in epoch {len(loss_curve)} with a loss of "
                f"{loss_curve[-1]}: lower learning_rate_init={config.learning_rate}, "
                "or look for extreme entries of X."
            )
        is_over = bool(config.progress(loss_curve)) or loss_curve[-1] < config.tol
        is_over = is_over or len(loss_curve) == config.n_epochs
        is_over = from_first_rank(partial(bool, is_over))
        if is_over or config.checkpoint.is_due():
            config.checkpoint.write("training", state.arrays(loss_curve, is_over))
    return loss_curve


def _schedule(elapsed: float) -> float:
    """Rise linearly over a tenth of the steps, then fall linearly to zero."""
    return min(elapsed / _WARM_UP + 1e-3, (1.0 - elapsed) / (1.0 - _WARM_UP), 1.0)


@contextmanager
def _own_randomness(network: nn.Module, seed: int) -> Iterator[None]:
    """Seed torch's global generator for a custom network, which may have dropout.

    Its state is restored. For this package's networks, nothing is seeded: they do not
    use the global generator, which threads share.
    """
    if not is_custom(network):
        yield
        return
    with seed_temporarily(seed, next(network.parameters()).device):
        yield
