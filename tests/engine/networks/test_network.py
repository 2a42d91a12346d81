"""The networks: their scaling, their output layer, their weights."""

import numpy as np
import pytest
import torch

from sknet_spectral._engine.networks.custom_network import custom_network
from sknet_spectral._engine.networks.network import (
    continue_network,
    new_map,
    spectral_network,
)
from sknet_spectral._engine.networks.perceptron import multilayer_perceptron

X = np.random.default_rng(0).normal(size=(50, 3)) * 7 + 4


def perceptron(seed=0, sizes=(3, 8, 2)):
    return multilayer_perceptron(sizes, torch.Generator().manual_seed(seed))


def test_rows_are_scaled_by_the_training_rows_alone():
    network = spectral_network(X, perceptron(), 2)
    scaled = network.standardize(torch.from_numpy(X))
    np.testing.assert_allclose(scaled.mean(dim=0), 0, atol=1e-12)
    assert float(scaled.square().mean()) == pytest.approx(1.0)
    one = network.standardize(torch.from_numpy(X[7:8]))
    np.testing.assert_array_equal(one, scaled[7:8])


def test_the_output_layer_is_part_of_the_saved_state():
    network = spectral_network(X, perceptron(), 2)
    network.fix_output(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 6.0]))
    saved = network.state_dict()
    assert {"center", "scale", "output_weight", "output_bias"} <= set(saved)
    other = spectral_network(X**2, perceptron(1), 2)
    other.fix_output(np.eye(2), np.zeros(2))
    other.load_state_dict(saved)
    rows = torch.from_numpy(X[:5])
    np.testing.assert_array_equal(other(rows), network(rows))


def test_a_fixed_network_is_float64_and_not_to_be_trained():
    network = spectral_network(X, perceptron(), 2)
    network.fix_output(np.eye(2), np.zeros(2))
    assert not any(p.requires_grad for p in network.parameters())
    assert {p.dtype for p in network.parameters()} == {torch.float64}
    assert not network.training


def test_weights_come_from_the_seed_and_nothing_else():
    state = torch.get_rng_state()
    first, second, other = (
        new_map(3, 2, hidden_layer_sizes=[8], network=None, seed=seed)
        for seed in (5, 5, 6)
    )
    assert torch.equal(first[0].weight, second[0].weight)
    assert not torch.equal(first[0].weight, other[0].weight)
    assert torch.equal(state, torch.get_rng_state())


def test_the_perceptron_has_the_layers_asked_for():
    layers = perceptron(sizes=[3, 8, 5, 2])
    shapes = [tuple(p.shape) for p in layers.parameters() if p.ndim == 2]
    assert shapes == [(8, 3), (5, 8), (2, 5)]
    assert isinstance(layers[-1], torch.nn.Linear)


def test_the_users_network_is_built_from_the_seed():
    state = torch.get_rng_state()
    first, second = (
        new_map(3, 2, hidden_layer_sizes=[8], network=torch.nn.Linear, seed=5)
        for _ in range(2)
    )
    assert torch.equal(first[-1].weight, second[-1].weight)
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize(
    ("build", "error", "match"),
    [
        (lambda n, k: "no module", TypeError, "network must return a torch.nn.Module"),
        (
            lambda n, k: torch.nn.Linear(n, k + 1),
            ValueError,
            r"network must map rows of 3 features to 2 outputs; .* \(2, 3\)",
        ),
        (
            lambda n, k: torch.nn.LSTM(n, k),
            TypeError,
            "network must return a module whose output is a tensor, got tuple",
        ),
        (
            lambda n, k: torch.nn.Linear(n, k).requires_grad_(False),
            ValueError,
            "network must have parameters to train",
        ),
        (
            lambda n, k: torch.nn.AdaptiveAvgPool1d(k),
            ValueError,
            "network must have parameters to train",
        ),
    ],
)
def test_a_wrong_network_is_named(build, error, match):
    with pytest.raises(error, match=match):
        custom_network(build, 3, 2, 0)


def test_a_network_goes_on_with_its_scaling_and_weights():
    earlier, new = spectral_network(X, perceptron(), 2), perceptron(1)
    network = continue_network(earlier, new, 2)
    assert network.map is new
    assert torch.equal(network.center, earlier.center)
    assert network.scale == earlier.scale
    for name, weights in earlier.map.state_dict().items():
        assert torch.equal(new.state_dict()[name], weights)


def test_the_last_layer_stays_new_if_it_has_other_outputs():
    earlier = spectral_network(X, perceptron(), 2)
    new = perceptron(1, sizes=(3, 8, 5))
    last = new[-1].weight.clone()
    continue_network(earlier, new, 5)
    assert torch.equal(new[0].weight, earlier.map[0].weight)
    assert torch.equal(new[-1].weight, last)


def with_scaled_outputs(n_features, n_outputs):
    """Build a network with a weight that comes after its last linear layer."""
    last = torch.nn.Linear(8, n_outputs)
    return torch.nn.Sequential(torch.nn.Linear(n_features, 8), last, torch.nn.PReLU())


def test_the_last_layer_of_the_user_s_network_stays_new():
    earlier, new = (
        new_map(3, k, hidden_layer_sizes=[], network=with_scaled_outputs, seed=k)
        for k in (2, 5)
    )
    last = new[1][1].weight.clone()
    continue_network(spectral_network(X, earlier, 2), new, 5)
    assert torch.equal(new[1][0].weight, earlier[1][0].weight)
    assert torch.equal(new[1][1].weight, last)


@pytest.mark.parametrize(
    ("sizes", "match"),
    [
        ((3, 9, 2), r"differ in \['0.weight', '0.bias', '2.weight'\]"),
        ((3, 9, 5), r"differ in \['0.weight', '0.bias', '2.weight', '2.bias'\]"),
        ((4, 8, 2), r"differ in \['0.weight'\]"),
        ((3, 8, 2, 2), r"differ in \['4.weight', '4.bias'\]"),
        ((3, 2), r"differ in \['0.weight', '0.bias'\]"),
    ],
)
def test_another_network_cannot_go_on(sizes, match):
    earlier = spectral_network(X, perceptron(), 2)
    with pytest.raises(ValueError, match=f"warm_start=True .*{match}"):
        continue_network(earlier, perceptron(sizes=sizes), sizes[-1])
