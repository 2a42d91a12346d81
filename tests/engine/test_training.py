"""The one training loop: its schedule, its stop, its parameters."""

import numpy as np
import pytest
import torch
from torch import nn

from sknet_spectral._engine import training
from sknet_spectral._engine.training import train


class Line:
    """Fit y = 3 x, two batches an epoch."""

    n_batches = 2
    x = torch.linspace(-1, 1, 20)[:, None]

    def batches(self):
        return self.x.split(10)

    def loss(self, network, x):
        return (network(x) - 3 * x).square().mean()


def fit(network, n_epochs=50, tol=0.0, learning_rate=0.05, progress=None):
    return train(
        network,
        Line(),
        n_epochs=n_epochs,
        learning_rate=learning_rate,
        tol=tol,
        progress=progress or (lambda loss: None),
    )


def perceptron():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))


def test_the_loss_falls_and_each_epoch_is_reported():
    seen = []
    losses = fit(perceptron(), progress=seen.append)
    assert len(losses) == 50
    assert seen == losses
    assert losses[-1] < 0.1 * losses[0]


def test_training_ends_below_the_tolerance():
    losses = fit(perceptron(), n_epochs=500, tol=0.1)
    assert losses[-1] < 0.1 <= min(losses[:-1])
    assert len(losses) < 500


def test_the_network_is_left_for_inference_without_gradients():
    network = perceptron()
    fit(network, n_epochs=1)
    assert not network.training
    assert all(p.grad is None for p in network.parameters())


def test_a_single_layer_can_be_trained():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = nn.Linear(1, 1)
    losses = fit(network, n_epochs=100)
    assert losses[-1] < 0.1 * losses[0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_either_precision_trains(monkeypatch, dtype):
    monkeypatch.setattr(training, "matmul_dtype", lambda device: dtype)
    losses = fit(perceptron())
    assert losses[-1] < 0.1 * losses[0]


def test_muon_leaves_wide_matrices_and_the_last_layer_to_adam(monkeypatch):
    monkeypatch.setattr(training, "_WIDEST_OF_MUON", 6)
    network = nn.Sequential(nn.Linear(7, 5), nn.Linear(5, 6), nn.Linear(6, 2))
    (adam, rate), (muon, muon_rate) = training.muon_inside(network, 1.0, torch.float32)
    assert [tuple(state[0].shape) for state in muon.state] == [(6, 5)]
    assert len(adam.state) == 5
    assert muon_rate > rate


def test_the_schedule_rises_and_falls():
    rates = [training._schedule(step / 100) for step in range(100)]
    assert max(rates) == 1.0
    assert 0 < rates[0] < 0.01
    assert (np.diff(rates[:10]) > 0).all()
    assert (np.diff(rates[11:]) < 0).all()
