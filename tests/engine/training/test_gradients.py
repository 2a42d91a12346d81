"""Gradients of a batch: of all rows at once, or of its halves in two threads."""

import numpy as np
import pytest
import torch

from sknet_spectral._engine import threads
from sknet_spectral._engine.networks.inference import evaluate_map
from sknet_spectral._engine.networks.network import new_map, spectral_network
from sknet_spectral._engine.objectives.regression import fit_targets
from sknet_spectral._engine.training.gradients import (
    gradients_at_once,
    gradients_by_halves,
)
from tests.engine.options import training_config

rng = np.random.default_rng(0)
X = rng.normal(size=(301, 4)).astype(np.float32)
ROWS = torch.arange(301)


@pytest.fixture(params=[1, 2])
def n_threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


def linear_and_loss():
    """A linear map, and its mean squared error on rows of the identity."""
    torch.manual_seed(0)
    linear = torch.nn.Linear(4, 4)
    inputs = torch.tensor(X)
    return linear, lambda rows: (linear(inputs[rows]) - inputs[rows]).square().mean()


def test_halves_have_the_gradient_of_the_whole(n_threads):
    found = []
    for gradients in (gradients_at_once, gradients_by_halves):
        linear, loss = linear_and_loss()
        with gradients(loss) as add:
            value = add(ROWS)
        assert torch.get_num_threads() == n_threads
        found.append((value, linear.weight.grad, linear.bias.grad))
    for whole, halves in zip(*found, strict=True):
        assert not halves.requires_grad
        torch.testing.assert_close(halves, whole, rtol=1e-5, atol=1e-7)


def test_an_error_of_either_half_is_raised():
    def refuse(rows):
        if bad in rows:
            raise ValueError(f"row {bad}")
        return torch.zeros((), requires_grad=True)

    for bad in (0, 300):
        with (
            pytest.raises(ValueError, match=f"row {bad}"),
            gradients_by_halves(refuse) as add,
        ):
            add(ROWS)


def test_training_by_halves_has_the_same_bits_with_any_number_of_threads(monkeypatch):
    monkeypatch.setattr(threads, "_WORK_TO_SHARE", 1)
    targets = np.column_stack([np.sin(2 * X[:, 0]), X[:, 1] * X[:, 2]])
    before, maps = torch.get_num_threads(), []
    try:
        for n_threads in (1, 2, 2):
            torch.set_num_threads(n_threads)
            layers = new_map(4, 2, hidden_layer_sizes=[64], network=None, seed=0)
            network = spectral_network(X, layers, 2)
            config = training_config(batch_size=64)
            fit_targets(network, X, targets, np.ones(len(X)), config, is_new=True)
            maps.append(evaluate_map(network, X))
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(maps[1], maps[0])
    np.testing.assert_array_equal(maps[2], maps[0])
    assert np.square(maps[0] - targets).mean() < 0.01
