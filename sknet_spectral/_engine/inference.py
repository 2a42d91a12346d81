"""Rows through a trained network, chunk by chunk, in float64."""

from .._forked_process import prepare_forked_process
from .modes import default_modes
from .rows import apply_in_chunks


@default_modes()
def evaluate_map(network, X):
    """Return the trained map's outputs, before the output layer, in float64."""
    prepare_forked_process()
    network.double()
    return apply_in_chunks(lambda x: network.map(network.standardize(x)), X).numpy()


@default_modes()
def apply_output_layer(network, F):
    """Return the embedding of rows whose map outputs are known, in float64."""
    return apply_in_chunks(network.output, F).numpy()


@default_modes()
def embed(network, X):
    """Return the embedding of rows, in float64."""
    prepare_forked_process()
    return apply_in_chunks(network, X).numpy()
