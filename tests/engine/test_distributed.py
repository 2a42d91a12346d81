"""Several ranks: the loss, the gradient and the network of one process."""

import numpy as np
import pytest
import torch
from scipy import sparse
from torch import nn

from sknet_spectral._engine.distributed import (
    average_gradients,
    from_first_rank,
    is_alike,
    is_first_rank,
    mean_over_ranks,
    n_ranks,
    one_network,
    share_of,
    sum_over_ranks,
)
from sknet_spectral._engine.networks.network import new_map
from sknet_spectral._engine.objectives.regression import EigenvectorRegression
from sknet_spectral._engine.objectives.spectral_loss import SpectralLoss
from sknet_spectral._engine.training import training
from sknet_spectral._graph.edges import edges_of
from tests.engine.options import training_config
from tests.ranks import on_two_ranks

pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")

X = torch.from_numpy(np.random.default_rng(0).normal(size=(90, 4)))
# Odd, so that the ranks' shares differ in size.
BATCH_SIZE = 31


def spectral_loss(uniform_mass=False, dtype=torch.float64):
    upper = sparse.triu(sparse.random(90, 90, 0.2, random_state=0), k=1)
    edges, weights = edges_of(sparse.csr_matrix(upper + upper.T))
    return SpectralLoss(
        X.to(dtype),
        torch.from_numpy(edges.astype(np.int64)),
        torch.from_numpy(weights),
        uniform_mass,
        BATCH_SIZE,
        torch.Generator().manual_seed(0),
    )


def regression(dtype=torch.float64):
    targets = torch.stack([torch.sin(2 * X[:, 0]), X[:, 1] * X[:, 2]], dim=1)
    mass = torch.linspace(0.5, 1.5, 90, dtype=torch.float64)
    generator = torch.Generator().manual_seed(0)
    return EigenvectorRegression(
        X.to(dtype), targets.to(dtype), mass.to(dtype), BATCH_SIZE, generator
    )


OBJECTIVES = [spectral_loss, lambda **kwargs: spectral_loss(True, **kwargs), regression]
objectives = pytest.mark.parametrize(
    "objective", OBJECTIVES, ids=["spectral", "spectral, uniform mass", "regression"]
)


def perceptron(seed=0):
    return new_map(4, 2, hidden_layer_sizes=[16, 16], network=None, seed=seed)


def values(network):
    return [tensor.detach().numpy() for tensor in network.state_dict().values()]


def assert_same_bits(results):
    first, second = results
    for mine, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_without_a_group_everything_is_left_as_it_is():
    batch = torch.arange(5.0, requires_grad=True)
    network = perceptron()
    assert (n_ranks(), is_first_rank(), is_alike(batch)) == (1, True, True)
    assert share_of(batch) is batch
    assert mean_over_ranks(batch, 3) is batch
    assert from_first_rank(lambda: batch) is batch
    average_gradients(network)
    sum_over_ranks([batch])
    assert all(p.grad is None for p in network.parameters())
    np.testing.assert_array_equal(batch.detach(), np.arange(5.0))


def test_a_group_of_one_rank_is_none(tmp_path):
    store = torch.distributed.FileStore(str(tmp_path / "store"), 1)
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        test_without_a_group_everything_is_left_as_it_is()
    finally:
        torch.distributed.destroy_process_group()


def test_shares_make_up_the_batch(tmp_path):
    shares = on_two_ranks(lambda rank: share_of(torch.arange(7)).numpy(), tmp_path)
    assert [len(share) for share in shares] == [4, 3]
    np.testing.assert_array_equal(np.concatenate(shares), np.arange(7))


def test_a_batch_smaller_than_the_group_is_refused(tmp_path):
    def refusal(rank):
        with pytest.raises(ValueError, match=r"A batch of 1 .* 2 ranks.*batch_size"):
            share_of(torch.arange(1))

    on_two_ranks(refusal, tmp_path)


def test_the_mean_over_ranks_counts_rows_and_has_a_gradient(tmp_path):
    rows = torch.arange(10.0).reshape(5, 2)

    def mean_and_gradient(rank):
        own = share_of(rows).clone().requires_grad_(True)
        mean = mean_over_ranks(own.mean(dim=0), len(own))
        loss = mean_over_ranks((own - mean).square().mean(), len(own))
        loss.backward()
        return mean.detach().numpy(), loss.item(), own.grad.numpy() / n_ranks()

    means, losses, gradients = zip(
        *on_two_ranks(mean_and_gradient, tmp_path), strict=True
    )
    assert_same_bits(means)
    np.testing.assert_allclose(means[0], [4.0, 5.0])
    assert losses == pytest.approx([8.0, 8.0])
    whole = rows.clone().requires_grad_(True)
    (whole - whole.mean(dim=0)).square().mean().backward()
    np.testing.assert_allclose(np.concatenate(gradients), whole.grad, rtol=1e-6)


def losses_and_gradients(objective):
    """Return the losses and gradients of the batches of an epoch, in float64."""
    network = perceptron().double()
    made = objective()
    found = []
    for batch in made.batches():
        network.zero_grad()
        loss = made.loss(network, batch)
        loss.backward()
        average_gradients(network)
        found.append(loss.detach().numpy())
        found += [parameter.grad.numpy() for parameter in network.parameters()]
    return found


@objectives
def test_loss_and_gradient_equal_those_of_one_process(objective, tmp_path):
    results = on_two_ranks(lambda rank: losses_and_gradients(objective), tmp_path)
    assert_same_bits(results)
    for mine, whole in zip(results[0], losses_and_gradients(objective), strict=True):
        np.testing.assert_allclose(mine, whole, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("ridge", [3.0, 1e-6])
def test_the_last_layer_equals_that_of_one_process(ridge, tmp_path):
    def solved(rank):
        network = perceptron().double()
        regression().last_layer(network, torch.arange(len(X))).solve(ridge)
        return values(network)

    results = on_two_ranks(solved, tmp_path)
    assert_same_bits(results)
    for mine, whole in zip(results[0], solved(None), strict=True):
        np.testing.assert_allclose(mine, whole, rtol=1e-6, atol=1e-8)


def trained(objective, progress=lambda losses: None):
    network = perceptron()
    losses = training.train(
        network,
        objective(dtype=torch.float32),
        training_config(n_epochs=5, progress=progress),
    )
    return [np.array(losses), *values(network)]


@objectives
def test_steps_keep_the_ranks_equal_to_the_bit(objective, tmp_path):
    assert_same_bits(on_two_ranks(lambda rank: trained(objective), tmp_path))


@objectives
def test_training_equals_that_of_one_process(objective, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "matmul_dtype", lambda device: torch.float32)
    two, _ = on_two_ranks(lambda rank: trained(objective), tmp_path)
    # The last bias is free where the loss subtracts the mean.
    for mine, whole in zip(two[:-1], trained(objective)[:-1], strict=True):
        np.testing.assert_allclose(mine, whole, atol=1e-5)


def test_the_first_rank_says_when_to_stop(tmp_path):
    """It is the one whose callbacks count: else the others would wait for a batch."""

    def stopped(rank):
        n_epochs = 2 if rank == 0 else 4
        return trained(regression, lambda losses: len(losses) == n_epochs)

    results = on_two_ranks(stopped, tmp_path)
    assert_same_bits(results)
    assert len(results[0][0]) == 2


def test_ranks_begin_and_end_with_one_network(tmp_path):
    def begin_and_end(rank):
        network = nn.Sequential(perceptron(seed=rank), nn.BatchNorm1d(2))
        with one_network(network):
            begun = [np.copy(value) for value in values(network)]
            network(torch.full((5, 4), float(rank)))
        return [*begun, *values(network)]

    results = on_two_ranks(begin_and_end, tmp_path)
    assert_same_bits(results)
    np.testing.assert_array_equal(results[1][0], values(perceptron(seed=0))[0])


def test_the_first_rank_computes_for_all(tmp_path):
    def compute(rank):
        return from_first_rank(lambda: ("first", rank))

    assert on_two_ranks(compute, tmp_path) == [("first", 0)] * 2


def test_an_error_of_the_first_rank_is_raised_on_all(tmp_path):
    def fail(rank):
        with pytest.raises(ZeroDivisionError):
            from_first_rank(lambda: 1 / rank)
        return from_first_rank(lambda: "and on it goes")

    assert on_two_ranks(fail, tmp_path) == ["and on it goes"] * 2


def test_all_ranks_learn_of_a_difference(tmp_path):
    def compare(rank):
        return is_alike("same"), is_alike(rank)

    assert on_two_ranks(compare, tmp_path) == [(True, False)] * 2
