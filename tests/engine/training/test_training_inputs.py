"""Training on a linear image of rows."""

import numpy as np
import pytest
import torch
from scipy import sparse
from torch import nn

from sknet_spectral._engine.networks.input_statistics import input_statistics
from sknet_spectral._engine.networks.network import new_map
from sknet_spectral._engine.networks.perceptron import multilayer_perceptron
from sknet_spectral._engine.rows import training_rows
from sknet_spectral._engine.training.training_inputs import (
    TrainingInputs,
    column_factors,
    other_bases,
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
    basis = principal_components(perceptron(n_features), X, 0)
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
    assert principal_components(network, X, 0) is None


def sparse_rows(n_rows=600, n_features=700, shift=0.0):
    """Rows of three topics with words of their own, some columns shifted."""
    words = np.kron(np.eye(3), np.ones((n_rows // 3, n_features // 3)))
    words = 0.2 * np.pad(words, ((0, 0), (0, n_features - words.shape[1])))
    X = (rng.random((n_rows, n_features)) < words + 0.02).astype(float)
    X[:, :2] += shift
    X = sparse.csr_matrix(X)
    center, scale = (torch.as_tensor(part) for part in input_statistics(X))
    return training_rows(X, lambda x: x.standardize(center, scale), torch.device("cpu"))


@pytest.mark.parametrize("shift", [0.0, 1e4])
def test_the_first_components_of_wide_sparse_rows_are_taken(shift):
    X = sparse_rows(shift=shift)
    basis = principal_components(perceptron(700), X, seed=0)
    assert basis.shape == (700, 256)
    torch.testing.assert_close(basis.T @ basis, torch.eye(256), atol=1e-5, rtol=0)
    rows = X[torch.arange(600)].to_dense()
    exact = torch.linalg.svd(rows)[2][:2].T
    assert (basis.T @ exact).square().sum() > 1.99
    again = principal_components(perceptron(700), X, seed=0)
    assert torch.equal(basis, again)


def test_what_is_trained_on_components_of_sparse_rows_becomes_a_map_of_rows():
    X, network = sparse_rows(), perceptron(700)
    basis = principal_components(network, X, seed=0)
    inputs = TrainingInputs(network, X, basis)
    rows = X[torch.arange(600)]
    torch.testing.assert_close(inputs.X, rows.to_dense() @ basis, rtol=1e-4, atol=1e-4)
    with torch.no_grad():
        for parameter in inputs.network.parameters():
            parameter.add_(0.1)
        expected = inputs.network(inputs.X)
    inputs.fold()
    torch.testing.assert_close(network(rows).detach(), expected, rtol=1e-3, atol=1e-3)


def test_sparse_rows_that_scaling_fills_are_read_as_they_are():
    filled = sparse_rows().X
    X = training_rows(filled, lambda x: x.to_dense(), torch.device("cpu"))
    assert principal_components(perceptron(700), X, seed=0) is None


def test_rows_that_are_hard_to_learn_from_are_tried_as_they_are():
    dense, wide = rows_of_rank(3, 6), sparse_rows()
    factors = column_factors(dense)
    assert other_bases(wide, None) == []
    assert other_bases(wide, torch.eye(700)) == [None]
    (found,) = other_bases(dense, None)
    assert torch.equal(found, factors)
    none, found = other_bases(dense, torch.eye(6))
    assert none is None
    assert torch.equal(found, factors)


def test_rows_that_are_all_equal_have_finite_components():
    basis = principal_components(perceptron(150), torch.zeros(20, 150), 0)
    assert torch.isfinite(basis).all()
