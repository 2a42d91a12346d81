"""Rows through a trained network."""

import numpy as np
import torch

from sknet_spectral._engine.networks.inference import (
    apply_output_layer,
    embed,
    evaluate_map,
)
from sknet_spectral._engine.networks.network import spectral_network
from sknet_spectral._engine.networks.perceptron import multilayer_perceptron

X = np.random.default_rng(0).normal(size=(5000, 3))


def test_the_parts_make_the_whole():
    generator = torch.Generator().manual_seed(0)
    network = spectral_network(X, multilayer_perceptron([3, 8, 2], generator), 2)
    F = evaluate_map(network, X)
    assert F.dtype == np.float64
    network.fix_output(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 6.0]))
    expected = F @ [[1.0, 2.0], [3.0, 4.0]] + [5.0, 6.0]
    np.testing.assert_allclose(apply_output_layer(network, F), expected)
    np.testing.assert_allclose(embed(network, X), expected)


def test_a_row_s_embedding_does_not_depend_on_the_others():
    generator = torch.Generator().manual_seed(0)
    network = spectral_network(X, multilayer_perceptron([3, 8, 2], generator), 2)
    network.freeze()
    together = embed(network, X)
    for i in (0, 4095, 4096, 4999):
        np.testing.assert_allclose(embed(network, X[i : i + 1]), together[i : i + 1])
