"""The short way to a map: regression onto known values, such as eigenvectors."""

import copy
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ..augmented_rows import Augment, AugmentedRows, augmented_rows
from ..device import on_device, resolve_device
from ..distributed import mean_over_ranks, one_network, share_of
from ..modes import default_modes
from ..networks.custom_network import is_custom
from ..networks.network import SpectralNetwork, n_weights
from ..rows import Batch, Matrix, Rows, training_rows
from ..threads import threads_for
from ..training.last_layer import LastLayer, forget_last_layer
from ..training.sampled_weights import sample_hidden_layers
from ..training.training import Map, train
from ..training.training_config import TrainingConfig
from ..training.training_inputs import (
    TrainingInputs,
    other_bases,
    principal_components,
)

# Ridges in units of the features' mean square. Hidden layers drawn from rows need a
# small one. For other layers, a large one keeps weights small enough to be trained.
_FIRST_RIDGE, _FIRST_RIDGE_OF_OTHERS, _LAST_RIDGE = 1e-2, 3.0, 1e-8
# If the start misses more than this share of the eigenvectors' variance, other inputs
# are tried: all columns, then columns scaled to equal deviations, since columns with
# large numbers can hide the others. They are used if they halve the loss.
_POOR_START = 0.1
_WORSE = 1.1  # training is undone if its loss exceeds the start's by this factor
_FIRST_ROWS = 4096  # more rows do not improve the start
_LAST_ROWS = 2**18  # for hundreds of coefficients of each output


@default_modes()
def fit_targets(
    network: SpectralNetwork,
    X: Matrix,
    targets: NDArray[np.floating],
    mass: NDArray[np.floating],
    config: TrainingConfig,
    *,
    is_new: bool,
    augment: Augment | None = None,
) -> tuple[list[float], float]:
    """Fit the network to known values at its rows by weighted regression.

    Parameters
    ----------
    network : SpectralNetwork
        Changed in place.
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        Training rows.
    targets : ndarray of shape (n_samples, n_outputs)
        The values, of unit mean square under `mass`.
    mass : ndarray of shape (n_samples,)
        Diagonal of the mass matrix.
    config : TrainingConfig
        The options. If the start is below `tol`, the network is not trained.
    is_new : bool
        Whether to draw the hidden layers from rows.
    augment : callable, default=None
        The user's function (rows, generator) -> rows. The values at the rows are
        learned from changed copies.

    Returns
    -------
    loss_curve : list of float
        The loss of each epoch, or of the start if the network is not trained.
    missed : float
        The share of the values' variance that the network misses at the end.
    """
    device = resolve_device(config.device)
    config = replace(config, batch_size=min(config.batch_size, X.shape[0]))
    rows = training_rows(X, network.standardize, device)
    vectors = torch.as_tensor(targets, dtype=torch.float32, device=device)
    weights = torch.tensor(mass / mass.mean(), dtype=torch.float32, device=device)

    def begin(basis: torch.Tensor | None) -> Beginning:
        inputs = TrainingInputs(network.map, rows, basis)
        generator = torch.Generator().manual_seed(config.seed)

        def image(batch: Batch) -> torch.Tensor:
            scaled = network.standardize(batch).to_dense().float()
            return inputs.image(scaled.to(device))

        copies = augmented_rows(X, augment, image, device, generator)
        objective = EigenvectorRegression(
            inputs.X, vectors, weights, config.batch_size, generator, copies
        )
        return Beginning(inputs, objective, *objective.start(inputs.network, is_new))

    with (
        on_device(network.map, device),
        one_network(network.map),
        threads_for(config.batch_size * n_weights(network.map)),
    ):
        basis = principal_components(network.map, rows, config.seed)
        beginning = begin(basis)
        is_poor = is_new and beginning.loss > _POOR_START
        if is_poor and not is_custom(network.map):
            for other_basis in other_bases(rows, basis):
                other = begin(other_basis)
                beginning = other if 2 * other.loss < beginning.loss else beginning
        loss_curve, missed = beginning.train(config)
        beginning.inputs.fold()
    return loss_curve, missed


class Beginning(NamedTuple):
    """A map with a solved last layer, before its training.

    Attributes
    ----------
    inputs : TrainingInputs
        The map and the rows on which it is trained.
    objective : EigenvectorRegression
        The objective of its training.
    last : LastLayer
        The least-squares problem of its last layer, on a sample of the rows.
    ridge : float
        The ridge to use if training follows.
    loss : float
        The loss of the start, without that ridge.
    """

    inputs: TrainingInputs
    objective: "EigenvectorRegression"
    last: LastLayer
    ridge: float
    loss: float

    def train(self, config: TrainingConfig) -> tuple[list[float], float]:
        """Train the map unless its loss is below `tol`; solve the last layer.

        Parameters
        ----------
        config : TrainingConfig
            The options.

        Returns
        -------
        loss_curve : list of float
            The loss of each epoch, or of the start.
        missed : float
            The loss at the end.
        """
        network, n_rows = self.inputs.network, len(self.inputs.X)
        start = copy.deepcopy(network.state_dict())
        if self.loss < config.tol:
            loss_curve = [self.loss]
            config.progress(loss_curve)
        else:
            self.last.solve(self.ridge)
            with threads_for(config.batch_size * n_weights(network)):
                loss_curve = train(network, self.objective, config)
        if self.objective.copies is not None:
            # Solved on rows as they are, the last layer would forget their copies.
            return loss_curve, loss_curve[-1]
        # For few rows, the start was already solved on all of them.
        if self.loss < config.tol and n_rows <= _FIRST_ROWS:
            return loss_curve, self.loss
        missed = min(self._solve_last_layer(), loss_curve[-1])
        if missed > _WORSE * self.loss:  # steep units, from near copies, may diverge
            network.load_state_dict(start)
            missed = self._solve_last_layer()
        return loss_curve, missed

    def _solve_last_layer(self) -> float:
        rows = self.objective.rows_for_last_layer()
        return self.objective.last_layer(self.inputs.network, rows).solve(_LAST_RIDGE)


class EigenvectorRegression:
    """Weighted mean squared distance to known values.

    Parameters
    ----------
    X : Tensor of shape (n_rows, n_features)
        Standardised rows.
    targets : Tensor of shape (n_rows, k)
        The values at these rows.
    mass : Tensor of shape (n_rows,)
        Weights with mean one.
    batch_size : int
        Rows of a batch.
    generator : torch.Generator
        Draws hidden layers and shuffles the rows.
    copies : AugmentedRows, default=None
        Changed copies of the rows, from which the values are learned. None means that
        they are learned from the rows.
    """

    def __init__(
        self,
        X: Rows,
        targets: torch.Tensor,
        mass: torch.Tensor,
        batch_size: int,
        generator: torch.Generator,
        copies: AugmentedRows | None = None,
    ) -> None:
        self.X, self.targets, self.mass = X, targets, mass[:, None]
        self.copies = copies
        self.can_halve = copies is None  # copies are drawn
        self.batch_size, self.generator = batch_size, generator
        self.n_batches = math.ceil(len(X) / batch_size)

    def batches(self) -> Iterator[torch.Tensor]:
        """Shuffle the rows once and cut them into batches."""
        order = torch.randperm(len(self.X), generator=self.generator)
        batches = order.to(self.X.device).tensor_split(self.n_batches)
        return map(share_of, batches)

    def loss(self, network: Map, rows: torch.Tensor) -> torch.Tensor:
        """Compute the mean squared residual, as a share of the targets' variance."""
        inputs = self.X[rows] if self.copies is None else self.copies[rows]
        residual = network(inputs) - self.targets[rows]
        loss = (self.mass[rows] * residual.square()).mean()
        return mean_over_ranks(loss, len(rows))

    def start(self, network: nn.Module, is_new: bool) -> tuple[LastLayer, float, float]:
        """Draw the hidden layers, and solve the last layer by least squares.

        On MNIST, this start halves the error that is left after ten epochs. On a few
        hundred rows it is often exact enough without any training.

        Parameters
        ----------
        network : torch.nn.Module
            The map of scaled rows.
        is_new : bool
            Whether its hidden layers may be drawn from rows.

        Returns
        -------
        last : LastLayer
            The least-squares problem of the last layer.
        ridge : float
            The ridge to use if training follows.
        loss : float
            The loss of the network now, which was solved without that ridge.
        """
        is_others = is_new and is_custom(network)
        if is_new and not is_others:
            sample_hidden_layers(network, self.X, self.targets, self.generator)
        rows = torch.randperm(len(self.X), generator=self.generator)
        if not is_new:
            # The end of its fit has made it too large to train on.
            forget_last_layer(network, self.X[rows[:1].to(self.targets.device)])
        ridge = _FIRST_RIDGE_OF_OTHERS if is_others else _FIRST_RIDGE
        last = self.last_layer(network, rows[:_FIRST_ROWS])
        return last, ridge, last.solve(_LAST_RIDGE)

    def rows_for_last_layer(self) -> torch.Tensor:
        """Return the positions of all rows, or of enough of very many, drawn."""
        n_rows = len(self.X)
        if n_rows <= _LAST_ROWS:
            return torch.arange(n_rows)
        return torch.randperm(n_rows, generator=self.generator)[:_LAST_ROWS]

    def last_layer(self, network: nn.Module, rows: torch.Tensor) -> LastLayer:
        """Set up the least-squares problem of the last linear layer.

        Parameters
        ----------
        network : torch.nn.Module
            The map of scaled rows.
        rows : Tensor of shape (n_used,)
            Positions of the rows to use.

        Returns
        -------
        LastLayer
            The problem.
        """
        rows = rows.to(self.targets.device)
        return LastLayer(network, self.X, self.targets, self.mass, rows)
