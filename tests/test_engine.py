"""The engine: the orthonormal layer, the losses and the network's scaling."""

import numpy as np
import pytest
import torch
from scipy import sparse

from sknet_spectral._engine.device import resolve_device
from sknet_spectral._engine.spectral_loss import SpectralLoss, orthonormalize
from sknet_spectral._engine.rows import input_statistics
from sknet_spectral._graph.laplacian import Laplacian


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


@pytest.mark.parametrize("uniform_mass", [False, True])
def test_sampled_loss_estimates_the_rayleigh_quotient(uniform_mass):
    rng = np.random.default_rng(0)
    W = sparse.random(60, 60, 0.2, random_state=0)
    W = sparse.csr_matrix(sparse.triu(W, k=1) + sparse.triu(W, k=1).T)
    laplacian = Laplacian(W, "unnormalized" if uniform_mass else "normalized")
    F = rng.normal(size=(60, 3))
    expected = laplacian.ritz(F - laplacian.centre(F))[0].mean()
    if uniform_mass:  # per unit of volume rather than per row
        expected *= laplacian.volume / laplacian.degrees.sum()
    edges = sparse.triu(W, k=1).tocoo()
    objective = SpectralLoss(
        torch.from_numpy(F),
        torch.from_numpy(np.column_stack([edges.row, edges.col]).astype(np.int64)),
        torch.from_numpy(edges.data),
        uniform_mass,
        50_000,
        torch.Generator().manual_seed(0),
    )
    (rows,) = objective.batches()
    loss = float(objective.loss(torch.nn.Identity(), rows))
    assert loss == pytest.approx(expected, rel=0.03)


def test_input_statistics_survive_extremes():
    X = np.random.default_rng(0).normal(size=(100, 3))
    for factor in (1e-30, 1.0, 1e30, 1e200):
        center, scale = input_statistics(factor * X)
        np.testing.assert_allclose(center, factor * X.mean(axis=0))
        assert scale == pytest.approx(factor * (X - X.mean(axis=0)).std())
    assert input_statistics(np.full((50, 2), 0.1))[1] == 1.0


def test_unknown_device_is_named():
    with pytest.raises(ValueError, match="device='warp'"):
        resolve_device("warp")
