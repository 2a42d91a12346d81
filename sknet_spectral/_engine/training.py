"""The training loop: one loop, one schedule, for every objective."""

import math
from contextlib import contextmanager
from functools import partial

import torch
from torch import nn

from .device import matmul_dtype, seed_temporarily
from .distributed import average_gradients, from_first_rank
from .network import is_custom
from .optimizers import Adam, Muon
from .training_state import TrainingState

_MUON_TO_ADAM = 20.0  # ratio of the rates, as Muon's authors use them
_WARM_UP = 0.1
# Beyond this side of a matrix Muon's products dwarf a step on sparse rows, which
# alone are ever so wide.
_WIDEST_OF_MUON = 10_000


def muon_inside(network, learning_rate, dtype):
    """Muon for inner matrices, Adam for biases, very wide ones and the last layer.

    Orthogonalised steps need several times fewer epochs than Adam's.

    Parameters
    ----------
    network : torch.nn.Module
        What is trained.
    learning_rate : float
        Largest rate of Adam; Muon's is 20 times as large.
    dtype : torch.dtype
        Precision of Muon's matrix products.

    Returns
    -------
    list of (optimizer, rate)
        The optimisers and their largest rates.
    """
    last = [m for m in network.modules() if isinstance(m, nn.Linear)][-1:]
    outer = {id(p) for m in last for p in m.parameters()}
    parameters = list(network.parameters())
    outer |= {
        id(p) for p in parameters if p.ndim != 2 or max(p.shape) > _WIDEST_OF_MUON
    }
    inner = [p for p in parameters if id(p) not in outer]
    rest = [p for p in parameters if id(p) in outer]
    muon_rate = learning_rate * _MUON_TO_ADAM
    return [(Adam(rest), learning_rate), (Muon(inner, dtype), muon_rate)]


def adam_throughout(network, learning_rate, dtype):
    """Adam for all parameters: cheaper steps, for wide networks and small batches.

    An autoencoder of MNIST with a layer of 2,048 units, batches of 256: a step took a
    third of the time of `muon_inside`.

    Parameters
    ----------
    network, learning_rate, dtype
        As in `muon_inside`; no product of the optimiser's needs a precision.

    Returns
    -------
    list of (optimizer, rate)
        The one optimiser and its largest rate.
    """
    return [(Adam(list(network.parameters())), learning_rate)]


def train(
    network,
    objective,
    *,
    n_epochs,
    learning_rate,
    tol,
    progress,
    checkpoint,
    optimizers=muon_inside,
):
    """Minimise an objective over the parameters of a map.

    Matrix products are in bfloat16 where the processor is made for it.

    Parameters
    ----------
    network : torch.nn.Module
        The map of standardised rows.
    objective : object
        With `n_batches`, `batches()` and `loss(network, batch)`.
    n_epochs : int
        Epochs at the most.
    learning_rate : float
        Largest rate of Adam; Muon's is 20 times as large.
    tol : float
        Training ends once the mean loss of an epoch is below it.
    progress : callable
        Called with the losses so far after each epoch; returns whether to stop.
    checkpoint : object
        With `read(stage, check)`, `write(stage, arrays)` and `is_due()`: where
        training goes on from, if it was interrupted.
    optimizers : {muon_inside, adam_throughout}
        Which optimisers follow which parameters.

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
    dtype = matmul_dtype(device)

    def forward(x):
        # A cache would keep the rounded weights of a step within a caller's autocast.
        rounds = dtype != torch.float32
        with torch.autocast(device.type, dtype, rounds, cache_enabled=False):
            return network(x).float()

    optimizers, rates = zip(*optimizers(network, learning_rate, dtype), strict=True)
    state = TrainingState(network, optimizers, objective.generator)
    n_steps = n_epochs * objective.n_batches

    def run_epoch(n_done):
        losses = []
        for step, batch in enumerate(objective.batches(), n_done * objective.n_batches):
            loss = objective.loss(forward, batch)
            network.zero_grad()
            loss.backward()
            average_gradients(network)
            for optimizer, rate in zip(optimizers, rates, strict=True):
                optimizer.step(rate * _schedule(step / n_steps))
            losses.append(loss.detach())
        return float(torch.stack(losses).mean())

    network.train()
    seed = objective.generator.initial_seed()
    with torch.enable_grad(), _own_randomness(network, seed):
        kept = checkpoint.read("training", partial(state.check, n_epochs=n_epochs))
        loss_curve, is_over = ([], False) if kept is None else state.restore(kept)
        while not is_over:
            try:
                loss_curve.append(run_epoch(len(loss_curve)))
            except torch.linalg.LinAlgError:  # Cholesky's, of outputs that are NaN
                loss_curve.append(math.nan)
            if not math.isfinite(loss_curve[-1]):
                raise ValueError(
                    f"Training diverged in epoch {len(loss_curve)}, its loss is "
                    f"{loss_curve[-1]}: lower learning_rate_init={learning_rate}, or "
                    "look for extreme entries of X."
                )
            is_over = bool(progress(loss_curve)) or loss_curve[-1] < tol
            is_over = is_over or len(loss_curve) == n_epochs
            is_over = from_first_rank(lambda decision=is_over: decision)
            if is_over or checkpoint.is_due():
                checkpoint.write("training", state.arrays(loss_curve, is_over))
    network.zero_grad()
    network.eval()
    return loss_curve


def _schedule(elapsed):
    """Rise linearly over a tenth of the steps, then fall linearly to zero."""
    return min(elapsed / _WARM_UP + 1e-3, (1.0 - elapsed) / (1.0 - _WARM_UP), 1.0)


@contextmanager
def _own_randomness(network, seed):
    """Seed torch's global generator for a user's network, which may drop units.

    It is put back. This package's networks draw nothing from it, and threads share it.
    """
    if not is_custom(network):
        yield
        return
    with seed_temporarily(seed, next(network.parameters()).device):
        yield
