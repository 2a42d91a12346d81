"""Training in the principal components of wide rows."""

import numpy as np
import pytest
import torch
from scipy import sparse
from torch import nn

from sknet_spectral._engine.network import multilayer_perceptron, new_map
from sknet_spectral._engine.principal_inputs import principal_inputs
from sknet_spectral._engine.rows import training_rows

rng = np.random.default_rng(0)


def rows_of_rank(rank, n_features, noise=1e-3):
    X = rng.normal(size=(300, rank)) @ rng.normal(size=(rank, n_features))
    X += noise * rng.normal(size=X.shape)
    return torch.tensor((X - X.mean(axis=0)) / X.std(), dtype=torch.float32)


def perceptron(n_features):
    sizes = [n_features, 8, 2]
    return multilayer_perceptron(sizes, torch.Generator().manual_seed(0))


@pytest.mark.parametrize("n_features", [128, 1100])
def test_a_trained_map_of_components_becomes_one_of_rows(n_features):
    X, network = rows_of_rank(5, n_features), perceptron(n_features)
    before = network(X).detach()
    with principal_inputs(network, X) as (inner, components):
        assert components.shape[1] <= 5
        with torch.no_grad():
            assert (inner(components) - before).abs().max() < 0.1 * before.abs().max()
            for parameter in inner.parameters():
                parameter.add_(0.1)
        expected = inner(components).detach()
    torch.testing.assert_close(network(X).detach(), expected, rtol=1e-3, atol=1e-4)


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
    with principal_inputs(network, X) as (inner, rows):
        assert inner is network
        assert rows is X


def test_rows_that_are_all_equal_do():
    network = perceptron(150)
    with principal_inputs(network, torch.zeros(20, 150)) as (inner, rows):
        assert torch.isfinite(inner(rows)).all()
    assert all(torch.isfinite(p).all() for p in network.parameters())
