"""Rows through a trained network, chunk by chunk, in float64."""

import numpy as np
from numpy.typing import NDArray

from .device import prepare_forked_process
from .network import SpectralNetwork, StandardizedNetwork
from .rows import Matrix, apply_in_chunks


def evaluate_map(network: StandardizedNetwork, X: Matrix) -> NDArray[np.float64]:
    """Return the outputs of the trained map, before the output layer, in float64."""
    prepare_forked_process()
    network.double()
    return apply_in_chunks(lambda x: network.map(network.standardize(x)), X).numpy()


def apply_output_layer(
    network: SpectralNetwork, F: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the embedding, in float64, from the outputs of the map."""
    return apply_in_chunks(network.output, F).numpy()


def embed(network: StandardizedNetwork, X: Matrix) -> NDArray[np.float64]:
    """Return the embedding of rows, in float64."""
    prepare_forked_process()
    return apply_in_chunks(network, X).numpy()
