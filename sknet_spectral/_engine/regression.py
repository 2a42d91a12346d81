"""The short way to a map: regression onto known eigenvectors."""

import copy
import math
from typing import NamedTuple

import torch

from .device import on_device, resolve_device
from .distributed import mean_over_ranks, one_network, share_of
from .last_layer import LastLayer, forget_last_layer
from .modes import default_modes
from .network import is_custom, n_weights
from .rows import training_rows
from .sampled_weights import sample_hidden_layers
from .threads import threads_for
from .training import train
from .training_inputs import (
    TrainingInputs,
    column_factors,
    principal_components,
    reads_images,
)

# Of the features' mean square. Hidden layers that are drawn from rows, or trained, need
# little; weights of another origin stay small enough to be trained on.
_FIRST_RIDGE, _FIRST_RIDGE_OF_OTHERS, _LAST_RIDGE = 1e-2, 3.0, 1e-8
# Of the eigenvectors' variance. The network then reads all components, or columns at
# their own deviations, if that halves the loss: large numbers can hide other columns.
_POOR_START = 0.1
_WORSE = 1.1  # than the start: training is undone
_FIRST_ROWS = 4096  # a start from all rows is no better


@default_modes()
def fit_eigenvectors(
    network, X, targets, mass, *, is_new, batch_size, seed, device, tol, **options
):
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
    is_new : bool
        Whether the network has learned nothing yet: its hidden layers are drawn anew.
    batch_size : int
        Rows of a batch.
    seed : int
        Draws the hidden layers and shuffles the rows.
    device : str
        Where to train; the network is back on the CPU afterwards.
    tol : float
        Once the loss is below it, training ends, or does not begin.
    **options
        Passed on to `train`.

    Returns
    -------
    loss_curve : list of float
        The loss of each epoch; that of the start where it is below `tol`.
    missed : float
        The share of the eigenvectors' variance that the network misses at the end.
    """
    device = resolve_device(device)
    X = training_rows(X, network.standardize, device)
    targets = torch.as_tensor(targets, dtype=torch.float32, device=device)
    mass = torch.tensor(mass / mass.mean(), dtype=torch.float32, device=device)

    def begin(basis):
        inputs = TrainingInputs(network.map, X, basis)
        generator = torch.Generator().manual_seed(seed)
        objective = EigenvectorRegression(
            inputs.X, targets, mass, batch_size, generator
        )
        return Beginning(inputs, objective, *objective.start(inputs.network, is_new))

    with (
        on_device(network.map, device),
        one_network(network.map),
        threads_for(batch_size * n_weights(network.map)),
    ):
        beginning = begin(principal_components(network.map, X))
        if is_new and beginning.loss > _POOR_START and reads_images(network.map, X):
            for basis in (None, column_factors(X)):
                other = begin(basis)
                beginning = other if 2 * other.loss < beginning.loss else beginning
        loss_curve, missed = beginning.train(tol, options)
        beginning.inputs.fold()
    return loss_curve, missed


class Beginning(NamedTuple):
    """A map with a solved last layer, to be trained further if need be.

    Attributes
    ----------
    inputs : TrainingInputs
        The map and what it is trained on.
    objective : EigenvectorRegression
        What it is trained for.
    last : LastLayer
        The least squares of its last layer, on as many rows as a start takes.
    ridge : float
        The ridge that suits a network that is to be trained.
    loss : float
        The loss of the start, without that ridge.
    """

    inputs: TrainingInputs
    objective: "EigenvectorRegression"
    last: LastLayer
    ridge: float
    loss: float

    def train(self, tol, options):
        """Train the map unless its loss is below `tol`; solve the last layer.

        Parameters
        ----------
        tol : float
            The loss that is low enough.
        options : dict
            Passed on to `train`.

        Returns
        -------
        loss_curve : list of float
            The loss of each epoch, or of the start.
        missed : float
            The loss at the end.
        """
        network, n_rows = self.inputs.network, len(self.inputs.X)
        start = copy.deepcopy(network.state_dict())
        if self.loss < tol:
            loss_curve = [self.loss]
            options["progress"](loss_curve)
        else:
            self.last.solve(self.ridge)
            loss_curve = train(network, self.objective, tol=tol, **options)
        # Few rows whose start is good enough have their solution.
        if self.loss < tol and n_rows <= _FIRST_ROWS:
            return loss_curve, self.loss
        missed = min(self._solve_for_all(), loss_curve[-1])
        if missed > _WORSE * self.loss:  # steep units, of near copies, may run away
            network.load_state_dict(start)
            missed = self._solve_for_all()
        return loss_curve, missed

    def _solve_for_all(self):
        rows = torch.arange(len(self.inputs.X))
        return self.objective.last_layer(self.inputs.network, rows).solve(_LAST_RIDGE)


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
        Draws hidden layers and shuffles the rows.
    """

    def __init__(self, X, targets, mass, batch_size, generator):
        self.X, self.targets, self.mass = X, targets, mass[:, None]
        self.batch_size, self.generator = batch_size, generator
        self.n_batches = math.ceil(len(X) / batch_size)

    def batches(self):
        """Shuffle the rows once and cut them into batches."""
        order = torch.randperm(len(self.X), generator=self.generator)
        batches = order.to(self.X.device).tensor_split(self.n_batches)
        return map(share_of, batches)

    def loss(self, network, rows):
        """Mean squared residual, a fraction of the eigenvectors' variance."""
        residual = network(self.X[rows]) - self.targets[rows]
        loss = (self.mass[rows] * residual.square()).mean()
        return mean_over_ranks(loss, len(rows))

    def start(self, network, is_new):
        """Draw new hidden layers, and prepare the last one's least squares.

        Before training this halves the error of ten epochs on MNIST. On a few hundred
        rows it often leaves nothing to train.

        Parameters
        ----------
        network : torch.nn.Module
            The map of scaled rows.
        is_new : bool
            Whether no fit has trained it: its hidden layers may be drawn anew.

        Returns
        -------
        last : LastLayer
            What solves the last layer.
        ridge : float
            The ridge that suits a network that is to be trained.
        loss : float
            What a solution without it, which the network has now, leaves.
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

    def last_layer(self, network, rows):
        """Prepare the least squares of the last linear layer.

        Parameters
        ----------
        network : torch.nn.Module
            The map of scaled rows.
        rows : Tensor of shape (n_used,)
            Which rows to use.

        Returns
        -------
        LastLayer
            What solves it.
        """
        rows = rows.to(self.targets.device)
        return LastLayer(network, self.X, self.targets, self.mass, rows)
