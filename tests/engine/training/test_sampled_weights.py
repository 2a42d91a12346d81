"""Hidden layers drawn from pairs of rows."""

import numpy as np
import pytest
import torch
from scipy import sparse

from sknet_spectral._engine.networks.perceptron import multilayer_perceptron
from sknet_spectral._engine.rows import SparseRows, training_rows
from sknet_spectral._engine.training.sampled_weights import sample_hidden_layers

X = torch.tensor(np.random.default_rng(0).normal(size=(60, 3)), dtype=torch.float32)
STEP = (X[:, :1] > 0).float()


def sampled(X, targets, seed=0, sizes=(3, 16, 8, 1)):
    network = multilayer_perceptron(sizes, torch.Generator().manual_seed(1))
    sample_hidden_layers(network, X, targets, torch.Generator().manual_seed(seed))
    return network


def ends(first, unit):
    """Return the two rows between which a unit of the first layer steps."""
    values = first(X).detach()[:, unit]
    sums, differences = values[:, None] + values, values[:, None] - values
    # The unit is at 2 at one of them, and at -2 at the other.
    found = (sums.abs() < 1e-4) & ((differences - 4).abs() < 1e-4)
    return found.nonzero()[0]


def test_a_unit_is_a_step_between_two_rows():
    first = sampled(X, STEP)[0]
    for unit, weight in enumerate(first.weight.detach()):
        i, j = ends(first, unit)
        difference = X[i] - X[j]
        torch.testing.assert_close(weight, 4 * difference / difference.square().sum())


def test_units_are_placed_where_the_targets_change():
    first = sampled(X, STEP)[0]
    for unit in range(16):
        i, j = ends(first, unit)
        assert STEP[i] != STEP[j]


def test_the_last_layer_stays_as_it_is():
    before = multilayer_perceptron((3, 16, 8, 1), torch.Generator().manual_seed(1))
    torch.testing.assert_close(sampled(X, STEP)[-1].weight, before[-1].weight)


@pytest.mark.parametrize(
    ("X", "targets"),
    [
        (torch.ones(5, 3), torch.ones(5, 1)),
        (torch.ones(5, 3), torch.arange(5.0)[:, None]),
        (X, torch.ones(60, 1)),
        (X[:2], STEP[:2]),
        (1e15 * X, STEP),
    ],
    ids=["equal", "equal rows", "equal targets", "two rows", "huge"],
)
def test_weights_are_finite_whatever_the_rows(X, targets):
    for parameter in sampled(X, targets).parameters():
        assert torch.isfinite(parameter).all()


def test_sparse_rows_give_the_weights_of_dense_ones():
    rows = sparse.csr_matrix(X.numpy().astype(float))
    thin = training_rows(rows, lambda x: x, torch.device("cpu"))
    assert isinstance(thin, SparseRows)
    for mine, theirs in zip(
        sampled(thin, STEP).parameters(), sampled(X, STEP).parameters(), strict=True
    ):
        torch.testing.assert_close(mine, theirs)


def test_the_seed_decides():
    weights = [sampled(X, STEP, seed)[0].weight for seed in (0, 0, 1)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
