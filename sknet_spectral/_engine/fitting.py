"""The two ways to a map: through the eigenvectors, or by the spectral loss alone."""

import math

import numpy as np
import torch

from .device import on_device, prepare_forked_process, resolve_device
from .network import SpectralNetwork
from .objectives import EigenvectorRegression, SpectralLoss
from .rows import apply_in_chunks, input_statistics, training_rows
from .training import train

_ROWS_IN_BATCH = 1024
_EDGES_IN_BATCH = 1024
# The quotient of the two sampled moments is biased by O(k / batch_size).
_EDGES_PER_OUTPUT = 100


def guarded_outputs(n_components):
    """Number of outputs that the spectral loss trains, guard vectors included.

    As in subspace iteration, outputs beyond the wanted ones make the wanted span
    converge by the gap behind the last output; the Ritz step drops them. Measured on
    MNIST, 600 steps, 9 components: subspace error 0.0208 without, 0.0088 with five.
    """
    return n_components + max(5, n_components // 2)


def regression_epochs(n_samples, batch_size):
    """Epochs of the regression: ten, and on small data at least 200 steps."""
    n_steps = math.ceil(n_samples / _rows_in_batch(batch_size))
    return max(10, min(100, math.ceil(200 / n_steps)))


def spectral_epochs(n_samples, n_outputs, batch_size):
    """Epochs of the spectral loss: thirty, and on small data at least 600 steps."""
    n_edges = _edges_in_batch(batch_size, n_outputs)
    n_steps = math.ceil(n_samples / (2 * n_edges))
    return max(30, math.ceil(600 / n_steps))


def build_network(X, *, layer_sizes, n_outputs, seed):
    """Build an untrained network for the rows of X.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        Training rows.
    layer_sizes : sequence of int
        Widths of the hidden layers.
    n_outputs : int
        Outputs of the trained map.
    seed : int
        Source of the initial weights.

    Returns
    -------
    SpectralNetwork
        The network, on the CPU, in float32.
    """
    prepare_forked_process()
    center, scale = input_statistics(X)
    generator = torch.Generator().manual_seed(seed)
    return SpectralNetwork(center, scale, layer_sizes, n_outputs, generator)


def fit_eigenvectors(network, X, targets, mass, *, batch_size, seed, device, **options):
    """Fit the network to known eigenvectors by weighted regression.

    Parameters
    ----------
    network : SpectralNetwork
        Changed in place.
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        Training rows.
    targets : ndarray of shape (n_samples, n_outputs)
        Eigenvectors of unit mean square under `mass`.
    mass : ndarray of shape (n_samples,)
        Diagonal of the mass matrix.
    batch_size : int or "auto"
        Rows of a batch; "auto" means 1,024.
    seed : int
        Shuffles the rows.
    device : str
        Where to train; the network is back on the CPU afterwards.
    **options
        Passed on to `train`.

    Returns
    -------
    list of float
        The loss of each epoch.
    """
    device = resolve_device(device)
    objective = EigenvectorRegression(
        training_rows(X, network.standardize, device),
        torch.tensor(targets, dtype=torch.float32, device=device),
        torch.tensor(mass / mass.mean(), dtype=torch.float32, device=device),
        _rows_in_batch(batch_size),
        torch.Generator().manual_seed(seed),
    )
    with on_device(network.map, device):
        loss_curve = train(network.map, objective, **options)
        objective.solve_last_layer(network.map)
    return loss_curve


def fit_spectral_loss(
    network, X, edges, weights, *, uniform_mass, batch_size, seed, device, **options
):
    """Train the network by the constrained spectral loss on the whole graph.

    Parameters
    ----------
    network : SpectralNetwork
        Changed in place.
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        Training rows.
    edges : ndarray of shape (n_edges, 2)
        The ends of each edge, each edge once.
    weights : ndarray of shape (n_edges,)
        Their affinities.
    uniform_mass : bool
        Whether the Laplacian is unnormalised.
    batch_size : int or "auto"
        Edges of a batch; "auto" means 1,024, or 100 times the number of outputs
        where that is more.
    seed : int
        Draws the edges.
    device : str
        Where to train; the network is back on the CPU afterwards.
    **options
        Passed on to `train`.

    Returns
    -------
    list of float
        The loss of each epoch.
    """
    device = resolve_device(device)
    objective = SpectralLoss(
        training_rows(X, network.standardize, device),
        torch.from_numpy(np.asarray(edges, dtype=np.int64)),
        torch.from_numpy(np.asarray(weights, dtype=np.float64)),
        uniform_mass,
        _edges_in_batch(batch_size, len(network.output_weight)),
        torch.Generator().manual_seed(seed),
    )
    with on_device(network.map, device):
        return train(network.map, objective, **options)


def evaluate_map(network, X):
    """Return the trained map's outputs, before the output layer, in float64."""
    prepare_forked_process()
    network.double()
    return apply_in_chunks(lambda x: network.map(network.standardize(x)), X).numpy()


def apply_output_layer(network, F):
    """Return the embedding of rows whose map outputs are known, in float64."""
    return apply_in_chunks(network.output, F).numpy()


def embed(network, X):
    """Return the embedding of rows, in float64."""
    prepare_forked_process()
    return apply_in_chunks(network, X).numpy()


def _rows_in_batch(batch_size):
    return _ROWS_IN_BATCH if batch_size == "auto" else batch_size


def _edges_in_batch(batch_size, n_outputs):
    if batch_size == "auto":
        return max(_EDGES_IN_BATCH, _EDGES_PER_OUTPUT * n_outputs)
    return batch_size
