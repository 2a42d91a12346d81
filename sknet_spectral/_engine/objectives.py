"""What the network is trained for: the spectral loss, and its shortcut.

An objective owns its samples. It yields the batches of an epoch, and gives the
loss of one batch under a map.
"""

import math

import torch
from torch import nn

_CHUNK_ROWS = 4096
_RIDGE = 1e-6  # of the features' mean square; 1e-3 fits worse, 1e-7 no better


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


class EigenvectorRegression:
    """Weighted mean squared distance to known eigenvectors.

    Parameters
    ----------
    X : Tensor of shape (n_rows, n_features)
        Standardised rows.
    targets : Tensor of shape (n_rows, k)
        Eigenvectors at these rows.
    mass : Tensor of shape (n_rows,)
        Weights with mean one.
    batch_size : int
        Rows of a batch.
    generator : torch.Generator
        Shuffles the rows.
    """

    def __init__(self, X, targets, mass, batch_size, generator):
        self.X, self.targets, self.mass = X, targets, mass[:, None]
        self.batch_size, self.generator = batch_size, generator
        self.n_batches = math.ceil(len(X) / batch_size)

    def batches(self):
        """Shuffle the rows once and cut them into batches."""
        order = torch.randperm(len(self.X), generator=self.generator)
        return order.to(self.X.device).tensor_split(self.n_batches)

    def loss(self, network, rows):
        """Mean squared residual, a fraction of the eigenvectors' variance."""
        residual = network(self.X[rows]) - self.targets[rows]
        return (self.mass[rows] * residual.square()).mean()

    @torch.no_grad()
    def solve_last_layer(self, network):
        """Set the last linear layer to its exact optimum, in float64.

        Least squares on the features before it, with a small ridge towards the
        weights that training found. It saves two thirds of the steps on small data.
        """
        features, last = network[:-1], network[-1]
        weights = torch.cat([last.weight, last.bias[:, None]], dim=1).double().T
        gram = weights.new_zeros(len(weights), len(weights))
        moment = torch.zeros_like(weights)
        for rows in torch.arange(len(self.X), device=self.X.device).split(_CHUNK_ROWS):
            H = nn.functional.pad(features(self.X[rows]), (0, 1), value=1.0).double()
            residual = self.targets[rows] - H @ weights
            weighted = H * self.mass[rows]
            gram += weighted.T @ H
            moment += weighted.T @ residual
        gram.diagonal().add_(_RIDGE * gram.diagonal().mean())
        factor = torch.linalg.cholesky(gram)
        weights += torch.cholesky_solve(moment, factor)
        last.weight.copy_(weights[:-1].T)
        last.bias.copy_(weights[-1])


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
            level = level * self.cumulative[-1]
            drawn = torch.searchsorted(self.cumulative, level, right=True)
            ends = self.edges[drawn.clamp_(max=len(self.edges) - 1)].T.reshape(-1)
            if self.uniform_mass:
                extra = torch.randint(
                    len(self.X), (2 * self.batch_size,), generator=self.generator
                )
                ends = torch.cat([ends, extra])
            yield ends.to(self.X.device)

    def loss(self, network, rows):
        """Estimate the sum of the Ritz values, over their number."""
        F = network(self.X[rows]).double()
        ends, constraint = F[: 2 * self.batch_size], F[-2 * self.batch_size :]
        mean = constraint.mean(dim=0)
        centred = constraint - mean
        Y = orthonormalize(ends - mean, centred.T @ centred / len(centred))
        first, second = Y.chunk(2)
        return 0.5 * (first - second).square().mean()
