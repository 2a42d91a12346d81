"""The one training loop: its schedule, its stop, its parameters."""

import numpy as np
import pytest
import torch
from torch import nn

from sknet_spectral._engine.networks.network import new_map
from sknet_spectral._engine.training import training
from sknet_spectral._engine.training.training import adam_throughout, muon_inside, train
from sknet_spectral._persistence.checkpoint import NullCheckpoint
from tests.engine.options import training_config


class Line:
    """Fit y = 3 x, two batches an epoch."""

    n_batches, can_halve = 2, False
    x = torch.linspace(-1, 1, 20)[:, None]

    def __init__(self):
        self.generator = torch.Generator().manual_seed(0)

    def batches(self):
        return self.x[torch.randperm(20, generator=self.generator)].split(10)

    def loss(self, network, x):
        return (network(x) - 3 * x).square().mean()


class Kept:
    """A checkpoint in memory."""

    def __init__(self):
        self.arrays = None

    def read(self, stage, check):
        if self.arrays is not None:
            check(self.arrays)
        return self.arrays

    def write(self, stage, arrays):
        self.arrays = [np.copy(array) for array in arrays]

    def is_due(self):
        return True


class Killed(Exception):
    pass


def fit(
    network,
    n_epochs=50,
    tol=0.0,
    learning_rate=0.05,
    progress=None,
    checkpoint=None,
    optimizers=muon_inside,
):
    return train(
        network,
        Line(),
        training_config(
            n_epochs=n_epochs,
            learning_rate=learning_rate,
            tol=tol,
            progress=progress or (lambda losses: None),
            checkpoint=checkpoint or NullCheckpoint(),
        ),
        optimizers,
    )


def perceptron():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))


def test_the_loss_falls_and_each_epoch_is_reported():
    seen = []
    losses = fit(perceptron(), progress=lambda losses: seen.append(losses[-1]))
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


def test_muon_leaves_wide_matrices_and_the_last_layer_to_adam():
    network = nn.Sequential(nn.Linear(7, 5), nn.Linear(5, 6), nn.Linear(6, 2))
    (adam, rate), (muon, muon_rate) = training.muon_inside(
        network, 1.0, torch.float32, max_side=6
    )
    assert [tuple(state[0].shape) for state in muon.state] == [(6, 5)]
    assert len(adam.state) == 5
    assert muon_rate > rate


def test_the_schedule_rises_and_falls():
    rates = [training._schedule(step / 100) for step in range(100)]
    assert max(rates) == 1.0
    assert 0 < rates[0] < 0.01
    assert (np.diff(rates[:10]) > 0).all()
    assert (np.diff(rates[11:]) < 0).all()


def deep():
    return new_map(1, 1, hidden_layer_sizes=[8, 8], network=None, seed=0)


def dropping(n_features, n_outputs):
    return nn.Sequential(
        nn.Linear(n_features, 8), nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, 1)
    )


def of_user():
    return new_map(1, 1, hidden_layer_sizes=[], network=dropping, seed=0)


@pytest.mark.parametrize("optimizers", [muon_inside, adam_throughout])
@pytest.mark.parametrize("build", [deep, of_user])
def test_a_training_that_died_goes_on_with_the_same_bits(build, optimizers):
    def die(losses):
        if len(losses) == 7:
            raise Killed

    whole = build()
    losses = fit(whole, n_epochs=12, optimizers=optimizers)
    kept = Kept()
    with pytest.raises(Killed):
        fit(build(), 12, progress=die, checkpoint=kept, optimizers=optimizers)
    resumed, seen = build(), []
    again = fit(
        resumed,
        12,
        progress=lambda losses: seen.append(len(losses)),
        checkpoint=kept,
        optimizers=optimizers,
    )
    assert again == losses
    assert seen == list(range(7, 13))
    for name, value in resumed.state_dict().items():
        assert torch.equal(value, whole.state_dict()[name])


@pytest.mark.parametrize("options", [{"n_epochs": 3}, {"tol": 1.0}])
def test_a_training_that_is_over_stays_so(options):
    kept, whole, resumed = Kept(), deep(), deep()
    losses = fit(whole, checkpoint=kept, **options)
    assert fit(resumed, checkpoint=kept, **options) == losses
    for mine, other in zip(resumed.parameters(), whole.parameters(), strict=True):
        assert torch.equal(mine, other)


def test_dropped_units_come_from_the_seed_alone():
    losses = fit(of_user(), n_epochs=3)
    torch.rand(1)
    state = torch.get_rng_state()
    assert fit(of_user(), n_epochs=3) == losses
    assert torch.equal(torch.get_rng_state(), state)


def test_training_that_diverges_names_its_rate():
    with pytest.raises(ValueError, match=r"diverged in epoch .*learning_rate_init=1e"):
        fit(perceptron(), learning_rate=1e30, optimizers=adam_throughout)
