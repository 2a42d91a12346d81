"""The engine: orthonormal at full rank, and finite at any rank and any scale."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sknet_spectral._engine.networks.perceptron import multilayer_perceptron
from sknet_spectral._engine.objectives.pair_loss import PAIR_LOSSES
from sknet_spectral._engine.objectives.regression import EigenvectorRegression
from sknet_spectral._engine.objectives.spectral_loss import SpectralLoss, orthonormalize
from sknet_spectral._graph.edges import edges_of
from tests.strategies import graphs, maps, powers_of_two, seeds

n_rows = st.integers(2, 12)


def tensor(F):
    return torch.from_numpy(F).requires_grad_()


def spectral_loss(W, X, uniform_mass, batch_size, seed):
    edges, weights = (torch.from_numpy(part) for part in edges_of(W))
    generator = torch.Generator().manual_seed(seed)
    return SpectralLoss(X, edges.long(), weights, uniform_mass, batch_size, generator)


@given(n_rows=st.integers(6, 12), seed=seeds, data=st.data())
def test_outputs_of_full_rank_become_orthonormal_under_any_mass(n_rows, seed, data):
    rng = np.random.default_rng(seed)
    F = data.draw(maps(n_rows, full_rank=True)) * data.draw(powers_of_two)
    mass = rng.uniform(0.1, 1.0, size=n_rows)
    moment = F.T @ (mass[:, None] * F) / mass.sum()
    Y = orthonormalize(*map(torch.from_numpy, (F, moment))).numpy()
    spread = np.linalg.eigvalsh(moment)
    # The ridge shrinks the direction of the smallest spread by this share.
    ridge = 1e-6 * spread.mean() + 1e-12
    error = Y.T @ (mass[:, None] * Y) / mass.sum() - np.eye(F.shape[1])
    assert np.linalg.norm(error, 2) <= 1.01 * ridge / (spread[0] + ridge)


@given(n_rows=n_rows, data=st.data())
def test_orthonormal_outputs_and_their_gradient_are_finite_at_any_rank(n_rows, data):
    F = tensor(data.draw(maps(n_rows)) * data.draw(powers_of_two))
    Y = orthonormalize(F, F.T @ F / n_rows)
    Y.diff(dim=0).square().mean().backward()
    assert torch.isfinite(Y).all()
    assert torch.isfinite(F.grad).all()
    # No direction is longer than it would be without the ridge.
    assert torch.linalg.matrix_norm(Y.T @ Y / n_rows, 2) <= 1 + 1e-6


@pytest.mark.parametrize("uniform_mass", [False, True])
@given(W=graphs(), batch_size=st.integers(2, 20), seed=seeds, data=st.data())
def test_spectral_loss_and_its_gradient_are_finite_at_any_rank(
    uniform_mass, W, batch_size, seed, data
):
    F = tensor(data.draw(maps(len(W))) * data.draw(powers_of_two))
    objective = spectral_loss(W, F, uniform_mass, batch_size, seed)
    for rows in objective.batches():
        loss = objective.loss(torch.nn.Identity(), rows)
        F.grad = None
        loss.backward()
        assert 0 <= loss < np.inf
        assert torch.isfinite(F.grad).all()


@pytest.mark.parametrize("loss", PAIR_LOSSES)
@given(n_pairs=st.integers(2, 10), seed=seeds, data=st.data())
def test_pair_losses_and_their_gradients_are_finite_at_any_rank(
    loss, n_pairs, seed, data
):
    rng = np.random.default_rng(seed)
    F = tensor(data.draw(maps(n_pairs)).astype(np.float32))
    rows, partners = torch.from_numpy(rng.integers(n_pairs, size=(2, n_pairs)))
    value = PAIR_LOSSES[loss](F[rows], F[partners], rows, partners)
    value.backward()
    assert 0 <= value < np.inf
    assert torch.isfinite(F.grad).all()


@given(n_rows=n_rows, n_hidden=st.integers(1, 8), seed=seeds, data=st.data())
def test_the_last_layer_s_solution_is_no_worse_at_any_rank(
    n_rows, n_hidden, seed, data
):
    rng = np.random.default_rng(seed)
    X = torch.from_numpy(data.draw(maps(n_rows))).float()
    targets = torch.from_numpy(rng.normal(size=(n_rows, 2))).float()
    mass = torch.from_numpy(rng.uniform(0.1, 1.0, size=n_rows)).float()
    generator = torch.Generator().manual_seed(seed)
    network = multilayer_perceptron([X.shape[1], n_hidden, 2], generator)
    objective = EigenvectorRegression(X, targets, mass, n_rows, generator)
    before = float(objective.loss(network, torch.arange(n_rows)).detach())
    objective.last_layer(network, torch.arange(n_rows)).solve(1e-6)
    after = float(objective.loss(network, torch.arange(n_rows)).detach())
    assert after <= before * (1 + 1e-5)
