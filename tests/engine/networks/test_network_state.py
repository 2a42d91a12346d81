"""A fitted network as plain values and arrays, and back."""

import numpy as np
import pytest
import torch

from sknet_spectral._engine.networks.custom_network import is_custom
from sknet_spectral._engine.networks.inference import embed
from sknet_spectral._engine.networks.network import new_map, spectral_network
from sknet_spectral._engine.networks.network_state import (
    map_state,
    network_state,
    restore_map,
    restore_network,
)

X = np.random.default_rng(0).normal(size=(50, 3))


class Logarithm(torch.nn.Module):
    """A network without a linear layer, and undefined where rows are negative."""

    def __init__(self, n_features, n_outputs):
        super().__init__()
        self.n_outputs = n_outputs
        self.weight = torch.nn.Parameter(torch.rand(n_features))

    def forward(self, x):
        return (x.log() * self.weight)[:, : self.n_outputs]


def squares(n_features, n_outputs):
    network = Logarithm(n_features, n_outputs)
    network.forward = lambda x: x.square()[:, :n_outputs]
    return network


def fitted(build, hidden_layer_sizes=(5, 4)):
    trained_map = new_map(
        3, 2, hidden_layer_sizes=hidden_layer_sizes, network=build, seed=1
    )
    network = spectral_network(X, trained_map, 2)
    network.fix_output(np.array([[1.0, 2.0], [3.0, 5.0]]).T, np.array([0.5, -1.0]))
    return network


@pytest.mark.parametrize("sizes", [(), (5,), (5, 4)])
def test_the_perceptron_is_rebuilt_from_its_sizes(sizes):
    network = fitted(None, sizes)
    assert not is_custom(network.map)
    state = network_state(network)
    assert state["map"]["sizes"] == [3, *sizes, 2]
    again = restore_network(state, None)
    np.testing.assert_array_equal(embed(again, X), embed(network, X))
    assert {p.dtype for p in again.parameters()} == {torch.float64}
    assert not any(p.requires_grad for p in again.parameters())
    for name, weight in network.state_dict().items():
        assert again.state_dict()[name].stride() == weight.stride()


def test_a_network_without_linear_layers_is_the_user_s():
    network = fitted(Logarithm)
    assert is_custom(network.map)
    state = network_state(network)
    again = restore_network(state, Logarithm)
    np.testing.assert_array_equal(embed(again, X), embed(network, X))
    with pytest.raises(ValueError, match="does not build the network that was saved"):
        restore_network(state, squares)


def test_weights_of_another_shape_are_refused():
    state = map_state(fitted(None).map, 3)
    state["weights"]["0.weight"] = np.zeros((5, 2))
    with pytest.raises(ValueError, match=r"(?s)does not build .*size mismatch"):
        restore_map(state, None)
