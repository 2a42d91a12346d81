"""Networks whose pickles have arrays in place of tensors."""

import copy
import pickle

import joblib
import numpy as np
import pytest
import torch

from sknet_spectral._engine.networks.inference import embed
from sknet_spectral._engine.networks.network import new_map, spectral_network
from tests.forked import in_forked_child
from tests.marks import forks, needs_gpu

X = np.random.default_rng(0).normal(size=(50, 3))


def fitted(n_outputs=2, network=None):
    trained_map = new_map(
        3, n_outputs, hidden_layer_sizes=(5, 4), network=network, seed=1
    )
    network = spectral_network(X, trained_map, n_outputs)
    network.fix_output(np.roll(np.eye(n_outputs), 1, axis=0), np.arange(n_outputs))
    return network


def linear(n_features, n_outputs):
    return torch.nn.Linear(n_features, n_outputs)


def assert_alike(again, network):
    expected = network.state_dict(keep_vars=True)
    weights = again.state_dict(keep_vars=True)
    assert weights.keys() == expected.keys()
    for name, weight in expected.items():
        assert torch.equal(weights[name], weight)
        assert type(weights[name]) is type(weight)
        for trait in ("dtype", "device", "requires_grad"):
            assert getattr(weights[name], trait) == getattr(weight, trait)
        assert weights[name].stride() == weight.stride()
        assert weights[name].data_ptr() != weight.data_ptr()


def tensors(state):
    """Yield the tensors that a state contains, and those of its modules."""
    if torch.is_tensor(state):
        yield state
    elif isinstance(state, torch.nn.Module):
        yield from tensors(state.__getstate__())
    elif isinstance(state, dict):
        for value in state.values():
            yield from tensors(value)


def pickled(network):
    return pickle.loads(pickle.dumps(network))


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_the_state_has_no_tensor(n_outputs):
    assert not list(tensors(fitted(n_outputs)))
    assert list(tensors(torch.nn.Linear(2, 2)))


@pytest.mark.parametrize("again", [pickled, copy.deepcopy])
@pytest.mark.parametrize("n_outputs", [1, 2])
@pytest.mark.parametrize("network", [None, linear])
def test_what_is_restored_is_alike(again, n_outputs, network):
    network = fitted(n_outputs, network)
    restored = again(network)
    assert_alike(restored, network)
    np.testing.assert_array_equal(embed(restored, X), embed(network, X))


def test_an_untrained_map_stays_one():
    network = new_map(3, 2, hidden_layer_sizes=(5,), network=None, seed=1).train()
    again = copy.deepcopy(network)
    assert_alike(again, network)
    assert again.training
    again(torch.ones(4, 3)).sum().backward()
    assert all(weight.grad is not None for weight in again.parameters())


def test_a_layer_may_lack_a_bias():
    network = new_map(3, 2, hidden_layer_sizes=(), network=None, seed=1)
    network[0].register_parameter("bias", None)
    assert_alike(copy.deepcopy(network), network)


def test_the_modes_of_the_caller_are_left():
    network = new_map(3, 2, hidden_layer_sizes=(), network=None, seed=1)
    with torch.inference_mode(), torch.device("meta"):
        again = copy.deepcopy(network)
    assert_alike(again, network)
    assert not again[0].weight.is_inference()


def test_a_memory_map_is_copied(tmp_path):
    network = fitted()
    joblib.dump(network, tmp_path / "network")
    restored = joblib.load(tmp_path / "network", mmap_mode="r")
    assert_alike(restored, network)
    with torch.no_grad():
        restored.map[0].weight.zero_()
    assert_alike(joblib.load(tmp_path / "network"), network)


@forks
def test_a_large_network_is_restored_in_a_forked_child():
    network = new_map(3, 2, hidden_layer_sizes=(600, 600), network=None, seed=1)
    written = pickle.dumps(network)
    torch.ones(1000, 1000).sum()  # starts the threads that a fork does not copy
    weight = in_forked_child(lambda: pickle.loads(written)[2].weight.numpy(force=True))
    np.testing.assert_array_equal(weight, network[2].weight.numpy(force=True))


@needs_gpu
def test_a_copy_is_on_the_same_gpu():
    network = new_map(3, 2, hidden_layer_sizes=(5,), network=None, seed=1).cuda()
    assert_alike(copy.deepcopy(network), network)
