"""The losses of pairs, against values worked out by hand."""

import math

import numpy as np
import pytest
import torch

from sknet_spectral._engine.networks.perceptron import multilayer_perceptron
from sknet_spectral._engine.objectives.pair_loss import (
    PAIR_LOSSES,
    contrastive,
    cross_entropy,
    fit_pairs,
    pair_epochs,
)
from tests.engine.options import training_config

ROWS = torch.arange(2)


def test_cross_entropy_of_two_pairs_by_hand():
    first = torch.tensor([[0.0], [3.0]])
    # Squared distances 0 and 9 to the partner and to the other's: 1 against 1 / 10.
    loss = cross_entropy(first, first, ROWS, ROWS + 2)
    assert float(loss) == pytest.approx(-math.log(1 / (1 + 0.1)), rel=1e-6)


def test_cross_entropy_leaves_out_rows_that_stand_twice():
    first = torch.tensor([[0.0], [3.0]])
    same_partner = torch.tensor([5, 5])
    assert float(cross_entropy(first, first, ROWS, same_partner)) == 0.0
    partner_is_the_other = torch.tensor([5, 0])
    loss = cross_entropy(first, first, ROWS, partner_is_the_other)
    assert float(loss) == pytest.approx(0.5 * math.log(1.1), rel=1e-6)


def test_contrastive_loss_by_hand():
    first = torch.tensor([[0.0], [0.4]])
    second = torch.tensor([[0.25], [0.4]])
    # Positives 0.25 and 0 apart, margin 0.05; negatives 0.4 and 0.15, margin 1.
    expected = 0.5 * np.mean([0.2**2 + 0.6**2, 0.0 + 0.85**2])
    loss = contrastive(first, second, ROWS, ROWS)
    assert float(loss) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("loss", sorted(PAIR_LOSSES))
def test_gradient_is_finite_if_rows_coincide(loss):
    first = torch.zeros(4, 3, requires_grad=True)
    rows = torch.arange(4)
    PAIR_LOSSES[loss](first, first * 1.0, rows, rows + 4).backward()
    assert torch.isfinite(first.grad).all()


@pytest.mark.parametrize("loss", sorted(PAIR_LOSSES))
def test_training_brings_partners_together(loss):
    rng = np.random.default_rng(0)
    X = np.repeat(rng.normal(size=(5, 4)), 20, axis=0) + 0.3 * rng.normal(size=(100, 4))
    pairs = np.column_stack([np.arange(100), np.roll(np.arange(100), 1)])
    pairs = pairs[pairs[:, 0] // 20 == pairs[:, 1] // 20]
    network, losses = fit_pairs(
        X,
        multilayer_perceptron([4, 32, 2], torch.Generator().manual_seed(0)),
        pairs,
        training_config(batch_size=50, learning_rate=1e-3),
        loss=loss,
        dropout=0.0,
    )
    assert losses[-1] < losses[0]
    Z = network(torch.from_numpy(X)).numpy().reshape(5, 20, 2)
    within = Z.std(axis=1).mean()
    between = Z.mean(axis=1).std(axis=0).mean()
    assert between > 2 * within


def test_epochs_give_small_data_enough_steps():
    assert pair_epochs(60_000, 256) == 15
    assert pair_epochs(10_000, 1024) == 30
    assert pair_epochs(150, 1024) == 100
