"""The training loop: one loop, one schedule, for every objective."""

import torch
from torch import nn

_MOMENTUM_RATIO = 20.0  # of Muon's rate to Adam's, as its authors use them
_WARM_UP = 0.1
_WEIGHT_DECAY = 0.1
# Of Newton-Schulz: 3 generalise better on MNIST than 5, and cost less.
_ORTHOGONALIZATION_STEPS = 3


def train(network, objective, *, n_epochs, learning_rate, tol, progress):
    """Minimise an objective over the parameters of a map.

    The inner matrices follow Muon, whose orthogonalised steps need several times
    fewer epochs than Adam's; biases and the last layer follow Adam.

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
        Called with the loss after each epoch.

    Returns
    -------
    list of float
        Mean loss of each epoch.
    """
    optimizers = _optimizers(network, learning_rate)
    n_steps = n_epochs * objective.n_batches
    step, loss_curve = 0, []
    network.train()
    for _ in range(n_epochs):
        total = 0.0
        for batch in objective.batches():
            loss = objective.loss(network, batch)
            network.zero_grad()
            loss.backward()
            for optimizer, rate in optimizers:
                optimizer.param_groups[0]["lr"] = rate * _schedule(step / n_steps)
                optimizer.step()
            step += 1
            total += float(loss.detach())
        loss_curve.append(total / objective.n_batches)
        progress(loss_curve[-1])
        if loss_curve[-1] < tol:
            break
    network.eval()
    return loss_curve


def _schedule(elapsed):
    """Rise linearly over a tenth of the steps, then fall linearly to zero."""
    return min(elapsed / _WARM_UP + 1e-3, (1.0 - elapsed) / (1.0 - _WARM_UP), 1.0)


def _optimizers(network, learning_rate):
    last = [m for m in network.modules() if isinstance(m, nn.Linear)][-1:]
    outer = {id(p) for m in last for p in m.parameters()}
    parameters = list(network.parameters())
    inner = [p for p in parameters if p.ndim == 2 and id(p) not in outer]
    rest = [p for p in parameters if p.ndim != 2 or id(p) in outer]
    optimizers = [(torch.optim.Adam(rest, fused=True), learning_rate)]
    if inner:
        muon = torch.optim.Muon(
            inner, weight_decay=_WEIGHT_DECAY, ns_steps=_ORTHOGONALIZATION_STEPS
        )
        optimizers.append((muon, learning_rate * _MOMENTUM_RATIO))
    return optimizers
