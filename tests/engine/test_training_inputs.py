"""Training on a linear image of rows."""

import numpy as np
import pytest
import torch
from scipy import sparse
from torch import nn

from sknet_spectral._engine.network import new_map
from sknet_spectral._engine.perceptron import multilayer_perceptron
from sknet_spectral._engine.rows import training_rows
from sknet_spectral._engine.training_inputs import (
    TrainingInputs,
    column_factors,
    principal_components,
)

rng = np.random.default_rng(0)


def rows_of_rank(rank, n_features, noise=1e-3):
    X = rng.normal(size=(300, rank)) @ rng.normal(size=(rank, n_features))
    X += noise * rng.normal(size=X.shape)
    return torch.tensor((X - X.mean(axis=0)) / X.std(), dtype=torch.float32)


def perceptron(n_features):
    sizes = [n_features, 8, 2]
    return multilayer_perceptron(sizes, torch.Generator().manual_seed(0))


@pytest.mark.parametrize("n_features", [128, 1100])
def test_components_hold_the_variance_of_wide_rows(n_features):
    X = rows_of_rank(5, n_features)
    basis = principal_components(perceptron(n_features), X)
    assert basis.shape[1] <= 5
    torch.testing.assert_close(basis.T @ basis, torch.eye(basis.shape[1]))
    assert (X @ basis).square().sum() >= 0.949 * X.square().sum()


BASES = {
    "all rows' space": lambda X: torch.linalg.qr(torch.randn(6, 6))[0],
    "scaled columns": column_factors,
}


@pytest.mark.parametrize("basis", BASES)
def test_what_is_trained_on_an_image_becomes_a_map_of_rows(basis):
    X, network = rows_of_rank(6, 6), perceptron(6)
    before = network(X).detach()
    inputs = TrainingInputs(network, X, BASES[basis](X))
    torch.testing.assert_close(inputs.network(inputs.X).detach(), before)
    with torch.no_grad():
        for parameter in inputs.network.parameters():
            parameter.add_(0.1)
    expected = inputs.network(inputs.X).detach()
    torch.testing.assert_close(network(X).detach(), before)
    inputs.fold()
    torch.testing.assert_close(network(X).detach(), expected, rtol=1e-4, atol=1e-5)


def test_rows_without_an_image_train_the_map_itself():
    X, network = rows_of_rank(3, 6), perceptron(6)
    inputs = TrainingInputs(network, X, None)
    assert inputs.network is network
    assert inputs.X is X
    inputs.fold()


def test_scaled_columns_have_the_same_deviation():
    X = torch.tensor(rng.normal(size=(50, 3)) * [1e-3, 1.0, 1e3], dtype=torch.float32)
    X = torch.cat([X, torch.full((50, 1), 7.0)], dim=1)
    factors = column_factors(X)
    assert factors[3] == 1
    torch.testing.assert_close(
        (X * factors).std(dim=0, correction=0)[:3], torch.ones(3)
    )


def custom(n_features, n_outputs):
    return nn.Linear(n_features, n_outputs)


@pytest.mark.parametrize(
    ("network", "X"),
    [
        (perceptron(30), rows_of_rank(3, 30)),
        (perceptron(200), rows_of_rank(200, 200)),
        (
            new_map(200, 2, hidden_layer_sizes=(), network=custom, seed=0),
            rows_of_rank(5, 200),
        ),
        (
            perceptron(200),
            training_rows(
                sparse.random(50, 200, 0.1, format="csr", random_state=0),
                lambda x: x,
                torch.device("cpu"),
            ),
        ),
    ],
    ids=["narrow", "most components count", "custom network", "sparse"],
)
def test_other_rows_are_read_as_they_are(network, X):
    assert principal_components(network, X) is None


def test_rows_that_are_all_equal_have_finite_components():
    basis = principal_components(perceptron(150), torch.zeros(20, 150))
    assert torch.isfinite(basis).all()
