"""Rows through a trained network, chunk by chunk, in float64."""

import numpy as np
from numpy.typing import NDArray

from ..._forked_process import prepare_forked_process
from ..modes import default_modes
from ..rows import Matrix, apply_in_chunks
from ..threads import threads_for
from .network import SpectralNetwork, StandardizedNetwork, n_weights


@default_modes()
def evaluate_map(network: StandardizedNetwork, X: Matrix) -> NDArray[np.float64]:
    """Return the outputs of the trained map, before the output layer, in float64.

    Parameters
    ----------
    network : StandardizedNetwork
        The network, frozen.
    X : {ndarray, csr_matrix} of shape (n_rows, n_features)
        The rows.

    Returns
    -------
    ndarray of shape (n_rows, n_outputs)
        The outputs.
    """
    prepare_forked_process()
    with threads_for(X.shape[0] * n_weights(network.map)):
        network.double()
        return apply_in_chunks(lambda x: network.map(network.standardize(x)), X).numpy()


@default_modes()
def apply_output_layer(
    network: SpectralNetwork, F: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the embedding, in float64, from the outputs of the map.

    Parameters
    ----------
    network : SpectralNetwork
        The network, frozen.
    F : ndarray of shape (n_rows, n_outputs)
        The outputs of its map.

    Returns
    -------
    ndarray of shape (n_rows, n_components)
        The embedding.
    """
    with threads_for(F.size * network.output_weight.shape[1]):
        return apply_in_chunks(network.output, F).numpy()


@default_modes()
def embed(network: StandardizedNetwork, X: Matrix) -> NDArray[np.float64]:
    """Return the embedding of rows, in float64.

    Parameters
    ----------
    network : StandardizedNetwork
        The network, frozen.
    X : {ndarray, csr_matrix} of shape (n_rows, n_features)
        The rows.

    Returns
    -------
    ndarray of shape (n_rows, n_components)
        The embedding.
    """
    prepare_forked_process()
    with threads_for(X.shape[0] * n_weights(network.map)):
        return apply_in_chunks(network, X).numpy()
