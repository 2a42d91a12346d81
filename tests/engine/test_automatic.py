"""Sizes of a network and of its training, by the number of rows."""

import pytest

from sknet_spectral._engine.automatic import (
    automatic_edges_in_batch,
    automatic_sizes,
    regression_epochs,
)


@pytest.mark.parametrize(
    ("n_samples", "hidden_layer_sizes", "batch_size", "n_epochs"),
    [
        (100, (256, 256), 128, 50),
        (500, (256, 256), 128, 13),
        (999, (256, 256), 128, 7),
        (1_000, (192, 192), 128, 7),
        (3_999, (192, 192), 128, 4),
        (4_000, (192, 192), 256, 8),
        (29_999, (192, 192), 256, 8),
        (30_000, (512, 256), 1024, 10),
        (300_000, (512, 256), 1024, 7),
        (1_000_000, (512, 256), 1024, 2),
        (10_000_000, (512, 256), 1024, 1),
    ],
)
def test_sizes_grow_with_the_data(n_samples, hidden_layer_sizes, batch_size, n_epochs):
    sizes = automatic_sizes(n_samples)
    assert sizes.hidden_layer_sizes == hidden_layer_sizes
    assert sizes.batch_size == batch_size
    assert regression_epochs(n_samples, batch_size) == n_epochs


@pytest.mark.parametrize(("n_outputs", "n_edges"), [(1, 1024), (10, 1024), (20, 2000)])
def test_a_batch_of_edges_grows_with_the_outputs(n_outputs, n_edges):
    assert automatic_edges_in_batch(n_outputs) == n_edges
