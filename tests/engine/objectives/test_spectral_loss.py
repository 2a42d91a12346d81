"""The orthonormal layer, and the spectral loss of sampled edges."""

import numpy as np
import pytest
import torch
from scipy import sparse

from sknet_spectral._engine.networks.network import spectral_network
from sknet_spectral._engine.networks.perceptron import multilayer_perceptron
from sknet_spectral._engine.objectives.spectral_loss import (
    SpectralLoss,
    add_guard_outputs,
    fit_spectral_loss,
    orthonormalize,
    spectral_epochs,
)
from sknet_spectral._graph.edges import edges_of
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from tests.engine.options import training_config


def random_graph():
    upper = sparse.triu(sparse.random(60, 60, 0.2, random_state=0), k=1)
    return sparse.csr_matrix(upper + upper.T)


def spectral_loss(W, X, uniform_mass=False, batch_size=50_000):
    edges, weights = edges_of(W)
    return SpectralLoss(
        torch.from_numpy(X),
        torch.from_numpy(edges.astype(np.int64)),
        torch.from_numpy(weights),
        uniform_mass,
        batch_size,
        torch.Generator().manual_seed(0),
    )


@pytest.mark.parametrize("rank", range(5))
def test_orthonormal_layer_is_finite_at_every_rank(rank):
    generator = torch.Generator().manual_seed(0)
    F = torch.randn(50, rank, generator=generator, dtype=torch.float64) @ torch.randn(
        rank, 4, generator=generator, dtype=torch.float64
    )
    F.requires_grad_(True)
    Y = orthonormalize(F, F.T @ F / 50)
    Y.square().diff(dim=0).square().mean().backward()
    assert torch.isfinite(Y).all()
    assert torch.isfinite(F.grad).all()
    if rank == 4:
        moment = (Y.T @ Y / 50).detach().numpy()
        np.testing.assert_allclose(moment, np.eye(4), atol=1e-4)


@pytest.mark.parametrize("factor", [1e-30, 1.0, 1e30])
def test_orthonormal_layer_is_finite_at_every_scale(factor):
    F = factor * torch.randn(
        50, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    assert torch.isfinite(orthonormalize(F, F.T @ F / 50)).all()


@pytest.mark.parametrize("uniform_mass", [False, True])
def test_sampled_loss_estimates_the_rayleigh_quotient(uniform_mass):
    W = random_graph()
    laplacian = Laplacian(W, "unnormalized" if uniform_mass else "normalized")
    F = np.random.default_rng(0).normal(size=(60, 3))
    expected = laplacian.ritz(F - laplacian.centre(F))[0].mean()
    if uniform_mass:  # per unit of volume rather than per row
        expected *= laplacian.volume / laplacian.degrees.sum()
    objective = spectral_loss(W, F, uniform_mass)
    (rows,) = objective.batches()
    loss = float(objective.loss(torch.nn.Identity(), rows))
    assert loss == pytest.approx(expected, rel=0.03)


def test_edges_are_drawn_by_their_weight():
    W = random_graph()
    (rows,) = spectral_loss(W, np.zeros((60, 1))).batches()
    first, second = rows.numpy().reshape(2, -1)
    drawn = sparse.csr_matrix((np.ones(50_000), (first, second)), shape=W.shape)
    excess = drawn / 50_000 - sparse.triu(W) * (2 / W.sum())
    assert abs(excess).max() < 0.0015


def test_an_epoch_reads_as_many_rows_as_there_are():
    objective = spectral_loss(random_graph(), np.zeros((60, 1)), batch_size=10)
    assert sum(len(rows) for rows in objective.batches()) == 60


def test_training_lowers_the_loss():
    W = random_graph()
    X = np.random.default_rng(0).normal(size=(60, 5))
    generator = torch.Generator().manual_seed(0)
    network = spectral_network(X, multilayer_perceptron([5, 32, 4], generator), 4)
    losses = fit_spectral_loss(
        network,
        X,
        *edges_of(W),
        training_config(),
        uniform_mass=False,
    )
    assert losses[-1] < 0.8 * losses[0]


def test_small_data_get_enough_steps():
    assert add_guard_outputs(4) == 9
    assert add_guard_outputs(30) == 45
    assert spectral_epochs(100, 1024) == 600
    assert spectral_epochs(10**6, 1024) == 30
    assert spectral_epochs(4 * 2048, 1024) == 150
    # 2,048 rows a step: 100 edges for each of 20 outputs, but no fewer than 1,024.
    assert spectral_epochs(40_000, 2000) == 60
    assert spectral_epochs(40_000, 4000) == 120
