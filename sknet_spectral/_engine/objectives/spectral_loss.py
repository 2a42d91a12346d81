"""The paper's way to a map: the constrained spectral loss on the whole graph."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from ..automatic import automatic_epochs
from ..device import on_device, resolve_device
from ..distributed import mean_over_ranks, one_network, share_of
from ..modes import default_modes
from ..networks.network import SpectralNetwork, n_weights
from ..rows import Matrix, Rows, training_rows
from ..threads import threads_for
from ..training.training import Map, train
from ..training.training_config import TrainingConfig


def add_guard_outputs(n_components: int) -> int:
    """Return the number of outputs that the spectral loss trains, with guards.

    As in subspace iteration, additional outputs speed up the convergence of the wanted
    span, and the Ritz step drops them. On MNIST, with 600 steps and 9 components, five
    of them lowered the subspace error from 0.0208 to 0.0088.

    Parameters
    ----------
    n_components : int
        Number of components that may be wanted.

    Returns
    -------
    int
        The number of outputs.
    """
    return n_components + max(5, n_components // 2)


def spectral_epochs(n_samples: int, batch_size: int) -> int:
    """Choose the epochs of the spectral loss: 30, and on small data 600 steps.

    Parameters
    ----------
    n_samples : int
        Number of training rows.
    batch_size : int
        Number of edges in a batch.

    Returns
    -------
    int
        The number of epochs.
    """
    n_steps = math.ceil(n_samples / (2 * batch_size))
    return automatic_epochs(n_steps, min_epochs=30, min_steps=600, max_epochs=600)


@default_modes()
def fit_spectral_loss(
    network: SpectralNetwork,
    X: Matrix,
    edges: NDArray[np.integer],
    weights: NDArray[np.floating],
    config: TrainingConfig,
    *,
    uniform_mass: bool,
) -> list[float]:
    """Train the network using the constrained spectral loss on the whole graph.

    Parameters
    ----------
    network : SpectralNetwork
        Changed in place.
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        Training rows.
    edges : ndarray of shape (n_edges, 2)
        The ends of each edge; every edge is listed once.
    weights : ndarray of shape (n_edges,)
        The affinities of the edges.
    config : TrainingConfig
        The options. The network is on the CPU afterwards.
    uniform_mass : bool
        Whether the Laplacian is unnormalised.

    Returns
    -------
    list of float
        The loss of each epoch.
    """
    device = resolve_device(config.device)
    objective = SpectralLoss(
        training_rows(X, network.standardize, device),
        torch.from_numpy(np.asarray(edges, dtype=np.int64)),
        torch.from_numpy(np.asarray(weights, dtype=np.float64)),
        uniform_mass,
        config.batch_size,
        torch.Generator().manual_seed(config.seed),
    )
    work = 2 * config.batch_size * n_weights(network.map)
    with (
        threads_for(work),
        on_device(network.map, device),
        one_network(network.map),
    ):
        return train(network.map, objective, config)


def orthonormalize(F: torch.Tensor, second_moment: torch.Tensor) -> torch.Tensor:
    """Apply the paper's output layer: F times the inverse Cholesky factor.

    Parameters
    ----------
    F : Tensor of shape (n_rows, k)
        Outputs of the network.
    second_moment : Tensor of shape (k, k)
        Mean outer product of the outputs under the constraint's weights.

    Returns
    -------
    Tensor of shape (n_rows, k)
        Outputs whose second moment is the identity. A ridge of 1e-6 times the mean
        eigenvalue keeps deficient directions finite.
    """
    moment = second_moment.double()
    k = len(moment)
    ridge = 1e-6 * moment.diagonal().sum().detach() / k + 1e-12
    identity = torch.eye(k, dtype=moment.dtype, device=moment.device)
    factor = torch.linalg.cholesky(moment + ridge * identity)
    return torch.linalg.solve_triangular(factor, F.double().T, upper=False).T


class SpectralLoss:
    """The paper's constrained loss on the whole graph, estimated from sampled edges.

    Edges are drawn with probability W_ij / vol. Half the mean squared difference
    between their ends is then an unbiased estimate of tr(Y.T L Y) / vol. Their ends are
    distributed like the degrees, so the same rows give the second moment of the
    constraint. With ``uniform_mass`` (the unnormalised Laplacian), uniformly drawn rows
    give that moment instead.

    Parameters
    ----------
    X : Tensor of shape (n_rows, n_features)
        Standardised rows.
    edges : Tensor of shape (n_edges, 2)
        The ends of each edge; every edge is listed once.
    weights : Tensor of shape (n_edges,)
        Affinities of the edges, float64.
    uniform_mass : bool
        Whether the constraint weights all rows equally.
    batch_size : int
        Number of edges in a batch.
    generator : torch.Generator
        Draws the edges.
    """

    can_halve = False

    def __init__(
        self,
        X: Rows,
        edges: torch.Tensor,
        weights: torch.Tensor,
        uniform_mass: bool,
        batch_size: int,
        generator: torch.Generator,
    ) -> None:
        self.X, self.edges, self.uniform_mass = X, edges, uniform_mass
        self.cumulative = weights.cumsum(0)
        self.batch_size, self.generator = batch_size, generator
        # An epoch reads as many rows as X has.
        self.n_batches = math.ceil(len(X) / (2 * batch_size))

    def batches(self) -> Iterator[torch.Tensor]:
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

    def loss(self, network: Map, rows: torch.Tensor) -> torch.Tensor:
        """Estimate the mean of the Ritz values."""
        F = network(self.X[rows]).double()
        n_ends = len(rows) // (1 + self.uniform_mass)
        ends, constraint = F[:n_ends], F[-n_ends:]
        mean = mean_over_ranks(constraint.mean(dim=0), n_ends)
        centred = constraint - mean
        moment = mean_over_ranks(centred.T @ centred / n_ends, n_ends)
        first, second = orthonormalize(ends - mean, moment).chunk(2)
        return mean_over_ranks(0.5 * (first - second).square().mean(), n_ends)
