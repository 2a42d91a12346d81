"""The two optimisers against torch's, and Muon's orthogonal steps."""

import numpy as np
import pytest
import torch

from sknet_spectral._engine.training import optimizers
from sknet_spectral._engine.training.optimizers import Adam, Muon


def parameter(*shape):
    return torch.nn.Parameter(
        torch.randn(*shape, generator=torch.Generator().manual_seed(0))
    )


def gradients(shape, count=5):
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(*shape, generator=generator) for _ in range(count)]


def by_columns(matrix):
    return matrix.detach().T.contiguous().T


@pytest.mark.parametrize("shape", [(4, 3), (5, 5)])
@pytest.mark.parametrize("stored", [torch.clone, by_columns], ids=["rows", "columns"])
@pytest.mark.parametrize("order", [torch.clone, by_columns], ids=["rows", "columns"])
def test_adam_takes_the_steps_of_torch_s(shape, stored, order):
    ours = torch.nn.Parameter(stored(parameter(*shape).detach()))
    theirs = parameter(*shape)
    optimizer, reference = Adam([ours]), torch.optim.Adam([theirs], lr=0.01)
    for gradient in gradients(shape):
        ours.grad, theirs.grad = order(gradient), gradient.clone()
        optimizer.step(0.01)
        reference.step()
    np.testing.assert_allclose(ours.detach(), theirs.detach(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("shape", [(6, 6), (12, 4), (4, 12), (3, 40), (40, 3)])
def test_muon_steps_along_an_orthogonal_matrix(shape):
    matrix = parameter(*shape)
    before = matrix.detach().clone()
    matrix.grad = gradients(shape)[0]
    Muon([matrix], torch.float32).step(0.01)
    # Less the weight decay, the step has singular values near twice the rate, as it
    # stands for two.
    step = matrix.detach() - (1 - 0.02 * 0.1) * before
    sizes = torch.linalg.svdvals(step) / 0.02 / max(1.0, shape[0] / shape[1]) ** 0.5
    assert 0.3 < sizes.min() <= sizes.max() < 1.4


@pytest.mark.parametrize("shape", [(8, 100), (100, 8)])
def test_long_matrices_take_the_same_steps_through_their_gram_matrix(
    monkeypatch, shape
):
    # Singular values from 1 to 1e-3, as those of a gradient.
    gradient = gradients(shape)[0]
    left, _, right = torch.linalg.svd(gradient, full_matrices=False)
    gradient = left @ torch.diag(torch.logspace(-3, 0, 8)) @ right
    steps = []
    for ratio in (4, 1000):
        monkeypatch.setattr(optimizers, "_LONG", ratio)
        matrix = parameter(*shape)
        matrix.grad = gradient.clone()
        Muon([matrix], torch.float32).step(0.01)
        steps.append(matrix.detach())
    assert not torch.equal(*steps)  # they are rounded in another order
    torch.testing.assert_close(*steps, rtol=1e-5, atol=1e-7)


def test_matrices_take_turns_and_follow_all_gradients():
    matrices = [parameter(4, 3), parameter(3, 3), parameter(5, 3)]
    optimizer, moved = Muon(matrices, torch.float32), []
    for gradient in gradients((1,), 3):
        before = [matrix.detach().clone() for matrix in matrices]
        for matrix in matrices:
            matrix.grad = gradient.expand(matrix.shape).clone()
        optimizer.step(0.01)
        moved.append(
            [not torch.equal(a, b) for a, b in zip(before, matrices, strict=True)]
        )
    assert moved == [[True, False, True], [False, True, False], [True, False, True]]
    n_steps, *momenta = optimizer.tensors()
    assert n_steps == 3
    assert len({float(momentum[0, 0]) for momentum in momenta}) == 1


def test_muon_descends():
    matrix, target = parameter(6, 6), torch.eye(6)
    optimizer = Muon([matrix], torch.float32)
    losses = []
    for _ in range(150):
        loss = (matrix - target).square().mean()
        matrix.grad = torch.autograd.grad(loss, matrix)[0]
        optimizer.step(0.03)
        losses.append(loss.item())
    assert losses[-1] < 0.05 * losses[0]


def test_a_zero_gradient_is_allowed():
    matrix = parameter(3, 3)
    matrix.grad = torch.zeros(3, 3)
    Muon([matrix], torch.float32).step(0.1)
    assert torch.isfinite(matrix).all()


@pytest.mark.parametrize("optimizer", [Adam, lambda p: Muon(p, torch.float32)])
def test_a_parameter_without_a_gradient_stays(optimizer):
    used, unused = (torch.nn.Parameter(torch.ones(3, 3)) for _ in range(2))
    used.square().sum().backward()
    optimizer([unused, used]).step(0.1)
    optimizer([used, unused]).step(0.1)
    assert (unused == 1).all()
    assert (used < 1).any()
