"""The two ways to a map: through the eigenvectors, or by the spectral loss alone."""

import numpy as np
import torch
from scipy import sparse

from .device import prepare_forked_process, resolve_device
from .network import SpectralNetwork, apply_in_chunks, input_statistics
from .objectives import EigenvectorRegression, SpectralLoss
from .training import train

_ROWS_IN_BATCH = 1024
_EDGES_IN_BATCH = 1024
# The quotient of the two sampled moments is biased by O(k / batch_size).
_EDGES_PER_COMPONENT = 200


def build_network(X, *, layer_sizes, n_outputs, n_components, seed):
    """Build an untrained network for the rows of X.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Training rows.
    layer_sizes : sequence of int
        Widths of the hidden layers.
    n_outputs, n_components : int
        Outputs of the trained map, and columns of the embedding.
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
    return SpectralNetwork(
        center, scale, layer_sizes, n_outputs, n_components, generator
    )


def fit_eigenvectors(network, X, targets, mass, *, batch_size, seed, device, **options):
    """Fit the network to known eigenvectors by weighted regression.

    Parameters
    ----------
    network : SpectralNetwork
        Changed in place.
    X : ndarray of shape (n_samples, n_features)
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
    batch_size = _ROWS_IN_BATCH if batch_size == "auto" else batch_size
    objective = EigenvectorRegression(
        _training_rows(network, X, device),
        torch.tensor(targets, dtype=torch.float32, device=device),
        torch.tensor(mass / mass.mean(), dtype=torch.float32, device=device),
        batch_size,
        torch.Generator().manual_seed(seed),
    )
    return _train_on(device, network, objective, options)


def fit_spectral_loss(
    network, X, W, *, uniform_mass, batch_size, seed, device, **options
):
    """Train the network by the constrained spectral loss on the whole graph.

    Parameters
    ----------
    network : SpectralNetwork
        Changed in place.
    X : ndarray of shape (n_samples, n_features)
        Training rows.
    W : csr_matrix of shape (n_samples, n_samples)
        Affinity matrix without a diagonal.
    uniform_mass : bool
        Whether the Laplacian is unnormalised.
    batch_size : int or "auto"
        Edges of a batch; "auto" means 1,024, or 200 times the number of outputs
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
    if batch_size == "auto":
        n_outputs = len(network.output_weight)
        batch_size = max(_EDGES_IN_BATCH, _EDGES_PER_COMPONENT * n_outputs)
    edges = sparse.triu(W, k=1).tocoo()
    objective = SpectralLoss(
        _training_rows(network, X, device),
        torch.from_numpy(np.column_stack([edges.row, edges.col]).astype(np.int64)),
        torch.from_numpy(edges.data.astype(np.float64)),
        uniform_mass,
        batch_size,
        torch.Generator().manual_seed(seed),
    )
    return _train_on(device, network, objective, options)


def evaluate_map(network, X):
    """Return the trained map's outputs, before the output layer, in float64."""
    prepare_forked_process()
    network.double()
    return apply_in_chunks(lambda x: network.map(network.standardize(x)), X).numpy()


def embed(network, X):
    """Return the embedding of rows, in float64."""
    prepare_forked_process()
    return apply_in_chunks(network, X).numpy()


def _training_rows(network, X, device):
    return apply_in_chunks(lambda x: network.standardize(x).float(), X).to(device)


def _train_on(device, network, objective, options):
    network.map.to(device)
    loss_curve = train(network.map, objective, **options)
    network.map.cpu()
    return loss_curve
