"""The autoencoder: what it rebuilds."""

import numpy as np
import torch

from sknet_spectral._engine.networks.perceptron import multilayer_perceptron
from sknet_spectral._engine.objectives.reconstruction import (
    code_epochs,
    fit_codes,
    rebuild,
)
from tests.engine.options import training_config


def test_codes_of_a_plane_rebuild_it():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2)) @ rng.normal(size=(2, 6)) + 5
    decoder = multilayer_perceptron([2, 32, 6], torch.Generator().manual_seed(1))
    network, losses = fit_codes(
        X,
        multilayer_perceptron([6, 32, 2], torch.Generator().manual_seed(0)),
        decoder,
        training_config(batch_size=50, n_epochs=100, learning_rate=5e-3),
        dropout=0.0,
    )
    assert losses[-1] < 0.05 * losses[0]
    parameters = [*network.parameters(), *decoder.parameters()]
    assert not any(p.requires_grad for p in parameters)
    rebuilt = rebuild(network, decoder, network(torch.from_numpy(X)).numpy())
    assert np.square(rebuilt - X).mean() < 0.05 * X.var(axis=0).mean()


def test_epochs_give_small_data_enough_steps():
    assert code_epochs(60_000, 256) == 50
    assert code_epochs(2_560, 256) == 100
