"""The regression onto eigenvectors, and its exact last layer."""

import numpy as np
import pytest
import torch
from scipy import sparse
from torch import nn

from sknet_spectral._engine.networks.inference import evaluate_map
from sknet_spectral._engine.networks.network import spectral_network
from sknet_spectral._engine.networks.perceptron import multilayer_perceptron
from sknet_spectral._engine.objectives import regression
from sknet_spectral._engine.objectives.regression import (
    EigenvectorRegression,
    fit_targets,
)
from tests.engine.options import training_config

generator = np.random.default_rng(0)
X = generator.normal(size=(90, 4))
MASS = generator.uniform(0.5, 1.5, size=90)
ALL = torch.arange(90)
TARGETS = np.column_stack([np.sin(2 * X[:, 0]), X[:, 1] * X[:, 2]])


def objective(batch_size=32):
    return EigenvectorRegression(
        torch.tensor(X, dtype=torch.float32),
        torch.tensor(TARGETS, dtype=torch.float32),
        torch.tensor(MASS / MASS.mean(), dtype=torch.float32),
        batch_size,
        torch.Generator().manual_seed(0),
    )


def perceptron(*hidden):
    sizes = [4, *(hidden or [16]), 2]
    return multilayer_perceptron(sizes, torch.Generator().manual_seed(0))


def test_an_epoch_reads_every_row_once():
    rows = torch.cat(list(objective().batches()))
    np.testing.assert_array_equal(rows.sort().values, np.arange(90))


def test_the_loss_is_the_weighted_mean_of_squares():
    loss = objective().loss(lambda x: torch.zeros(len(x), 2), torch.arange(90))
    expected = (MASS[:, None] / MASS.mean() * TARGETS**2).mean()
    assert float(loss) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("hidden", [(), (12, 16)])
def test_the_last_layer_is_the_least_squares_one(hidden):
    network = perceptron(*hidden)
    objective().last_layer(network, ALL).solve(1e-6)
    with torch.no_grad():
        features = network[:-1](torch.tensor(X, dtype=torch.float32)).numpy()
        fitted = network(torch.tensor(X, dtype=torch.float32)).numpy()
    root = np.sqrt(MASS)[:, None]
    H = np.column_stack([features, np.ones(90)])
    best = H @ np.linalg.lstsq(root * H, root * TARGETS, rcond=None)[0]
    residual, least = (np.square(root * (Y - TARGETS)).sum() for Y in (fitted, best))
    assert least <= residual <= 1.001 * least


def test_the_last_layer_of_many_rows_is_solved_on_some_of_them(monkeypatch):
    assert objective().rows_for_last_layer().equal(ALL)
    monkeypatch.setattr(regression, "_LAST_ROWS", 60)
    rows = objective().rows_for_last_layer()
    assert len(rows) == len(rows.unique()) == 60
    losses = []
    for used in (ALL, rows):
        network = perceptron(4)
        objective().last_layer(network, used).solve(1e-6)
        losses.append(float(objective().loss(network, ALL).detach()))
    assert losses[0] < losses[1] < 1.2 * losses[0]


def test_a_ridge_keeps_the_last_layer_near_the_weights_that_it_has():
    distances, losses = [], []
    for ridge in (1e-6, 1.0, 1e6):
        network = perceptron()
        before = network[-1].weight.detach().clone()
        objective().last_layer(network, ALL).solve(ridge)
        distances.append(float((network[-1].weight.detach() - before).norm()))
        losses.append(float(objective().loss(network, torch.arange(90)).detach()))
    assert distances[0] > distances[1] > distances[2]
    assert losses[0] < losses[1] < losses[2]
    assert distances[2] < 1e-3


def test_training_starts_from_a_solved_last_layer():
    config = training_config(n_epochs=1, learning_rate=1e-9)
    network = spectral_network(X, perceptron(), 2)
    first = float(objective().loss(perceptron(), torch.arange(90)).detach())
    (loss,), _ = fit_targets(network, X, TARGETS, MASS, config, is_new=True)
    assert loss < 0.8 * first


def test_the_unit_of_the_mass_does_not_matter():
    losses = [
        fit_targets(
            spectral_network(X, perceptron(), 2),
            X,
            TARGETS,
            mass,
            training_config(n_epochs=2),
            is_new=True,
        )
        for mass in (MASS, 64 * MASS)
    ]
    assert losses[0] == losses[1]


def mirrored(rows, generator):
    return -rows


@pytest.mark.parametrize("n_features", [4, 200], ids=["narrow", "components"])
def test_values_are_learned_from_changed_copies(n_features):
    # Four columns decide; in 200, most of the variance is in few components.
    axes = np.random.default_rng(0).normal(size=(4, n_features))
    rows = X if n_features == 4 else X @ axes
    hidden = multilayer_perceptron(
        [n_features, 16, 2], torch.Generator().manual_seed(0)
    )
    network = spectral_network(rows, hidden, 2)
    config = training_config(n_epochs=200)
    options = {"is_new": True, "augment": mirrored}
    losses, missed = fit_targets(network, rows, TARGETS, MASS, config, **options)
    assert missed == losses[-1]
    errors = [
        np.square(evaluate_map(network, changed) - TARGETS).mean()
        for changed in (rows, -rows)
    ]
    assert errors[1] < 0.5 * errors[0]


class NotLinearAtItsEnd(nn.Module):
    def __init__(self, bias=True):
        super().__init__()
        self.linear = nn.Linear(4, 2, bias=bias)

    def forward(self, x):
        return torch.tanh(self.linear(x))


@pytest.mark.parametrize(
    "network",
    [
        NotLinearAtItsEnd(),
        nn.Sequential(nn.Linear(4, 2, bias=False)),
        nn.Sequential(nn.Tanh()),
    ],
    ids=["an activation", "no bias", "no linear layer"],
)
def test_a_network_of_another_end_stays_as_it_is(network):
    before = [p.clone() for p in network.parameters()]
    objective().last_layer(network, ALL).solve(1e-6)
    for old, new in zip(before, network.parameters(), strict=True):
        assert torch.equal(old, new)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_training_fits_the_eigenvectors(container):
    rows = container(X)
    network = spectral_network(rows, perceptron(), 2)
    losses, missed = fit_targets(
        network,
        rows,
        TARGETS,
        MASS,
        training_config(),
        is_new=True,
    )
    # The start is solved: a lower loss can only come from training.
    zero = objective().loss(lambda x: torch.zeros(len(x), 2), torch.arange(90))
    assert missed <= losses[-1] < losses[0]
    assert losses[-1] < 0.25 * float(zero)
