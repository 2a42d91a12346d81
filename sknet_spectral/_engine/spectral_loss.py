"""The paper's way to a map: the constrained spectral loss on the whole graph."""

import math

import numpy as np
import torch

from .automatic import automatic_epochs
from .device import on_device, resolve_device
from .distributed import mean_over_ranks, one_network, share_of
from .modes import default_modes
from .network import n_weights
from .rows import training_rows
from .threads import threads_for
from .training import train


def add_guard_outputs(n_components):
    """Number of outputs that the spectral loss trains, guard vectors included.

    As in subspace iteration, outputs beyond the wanted ones make the wanted span
    converge by the gap behind the last output; the Ritz step drops them. Measured on
    MNIST, 600 steps, 9 components: subspace error 0.0208 without, 0.0088 with five.
    """
    return n_components + max(5, n_components // 2)


def spectral_epochs(n_samples, batch_size):
    """Epochs of the spectral loss: thirty, and on small data at least 600 steps."""
    n_steps = math.ceil(n_samples / (2 * batch_size))
    return automatic_epochs(n_steps, min_epochs=30, min_steps=600, max_epochs=600)


@default_modes()
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
    batch_size : int
        Edges of a batch.
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
        batch_size,
        torch.Generator().manual_seed(seed),
    )
    work = 2 * batch_size * n_weights(network.map)
    with (
        threads_for(work),
        on_device(network.map, device),
        one_network(network.map),
    ):
        return train(network.map, objective, **options)


def orthonormalize(F, second_moment):
    """Apply the paper's output layer: F times the inverse Cholesky factor.

    Parameters
    ----------
    F : Tensor of shape (n_rows, k)
        Outputs of the network.
    second_moment : Tensor of shape (k, k)
        Their mean outer product under the constraint's weights.

    Returns
    -------
    Tensor of shape (n_rows, k)
        Outputs whose second moment is the identity; a deficient direction is
        held finite by a ridge of 1e-6 of the mean eigenvalue.
    """
    moment = second_moment.double()
    k = len(moment)
    ridge = 1e-6 * moment.diagonal().sum().detach() / k + 1e-12
    identity = torch.eye(k, dtype=moment.dtype, device=moment.device)
    factor = torch.linalg.cholesky(moment + ridge * identity)
    return torch.linalg.solve_triangular(factor, F.double().T, upper=False).T


class SpectralLoss:
    """The paper's constrained loss on the whole graph, by sampled edges.

    Edges are drawn with probability W_ij / vol. Half the mean squared difference
    of their ends is then an unbiased tr(Y.T L Y) / vol, and their ends follow the
    degrees, so that the same rows give the second moment of the constraint. With
    ``uniform_mass`` (the unnormalised Laplacian) that moment comes from uniform
    rows instead.

    Parameters
    ----------
    X : Tensor of shape (n_rows, n_features)
        Standardised rows.
    edges : Tensor of shape (n_edges, 2)
        The ends of each edge, each edge once.
    weights : Tensor of shape (n_edges,)
        Affinities of the edges, float64.
    uniform_mass : bool
        Whether the constraint weighs all rows alike.
    batch_size : int
        Edges of a batch.
    generator : torch.Generator
        Draws the edges.
    """

    def __init__(self, X, edges, weights, uniform_mass, batch_size, generator):
        self.X, self.edges, self.uniform_mass = X, edges, uniform_mass
        self.cumulative = weights.cumsum(0)
        self.batch_size, self.generator = batch_size, generator
        # An epoch reads as many rows as there are.
        self.n_batches = math.ceil(len(X) / (2 * batch_size))

    def batches(self):
        """Draw the rows of each batch: first ends, second ends, uniform rows."""
        for _ in range(self.n_batches):
            level = torch.rand(
                self.batch_size, generator=self.generator, dtype=torch.float64
            )
            level = share_of(level) * self.cumulative[-1]
            drawn = torch.searchsorted(self.cumulative, level, right=True)
            ends = self.edges[drawn.clamp_(max=len(self.edges) - 1)].T.reshape(-1)
            if self.uniform_mass:
                size = self.batch_size, 2
                extra = torch.randint(len(self.X), size, generator=self.generator)
                ends = torch.cat([ends, share_of(extra).reshape(-1)])
            yield ends.to(self.X.device)

    def loss(self, network, rows):
        """Estimate the sum of the Ritz values, over their number."""
        F = network(self.X[rows]).double()
        n_ends = len(rows) // (1 + self.uniform_mass)
        ends, constraint = F[:n_ends], F[-n_ends:]
        mean = mean_over_ranks(constraint.mean(dim=0), n_ends)
        centred = constraint - mean
        moment = mean_over_ranks(centred.T @ centred / n_ends, n_ends)
        first, second = orthonormalize(ends - mean, moment).chunk(2)
        return mean_over_ranks(0.5 * (first - second).square().mean(), n_ends)
