"""The short way to a map: regression onto known eigenvectors."""

import math

import torch

from .device import on_device, resolve_device
from .distributed import mean_over_ranks, one_network, share_of
from .last_layer import LastLayer
from .network import is_users, n_weights
from .principal_inputs import principal_inputs
from .rows import training_rows
from .sampled_weights import sample_hidden_layers
from .threads import threads_for
from .training import train

# Of the features' mean square. Hidden layers drawn from rows need little; weights of
# another origin stay small enough to be trained on.
_FIRST_RIDGE, _FIRST_RIDGE_OF_OTHERS, _LAST_RIDGE = 1e-2, 3.0, 1e-8
_FIRST_ROWS = 4096  # a start from all rows is no better


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
    list of float
        The loss of each epoch; that of the start where it is below `tol`.
    """
    device = resolve_device(device)
    X = training_rows(X, network.standardize, device)
    targets = torch.as_tensor(targets, dtype=torch.float32, device=device)
    mass = torch.tensor(mass / mass.mean(), dtype=torch.float32, device=device)
    generator = torch.Generator().manual_seed(seed)
    with (
        on_device(network.map, device),
        principal_inputs(network.map, X) as (inner, X),
        threads_for(batch_size * n_weights(inner)),
        one_network(inner),
    ):
        objective = EigenvectorRegression(X, targets, mass, batch_size, generator)
        last, ridge = objective.start(inner, is_new)
        loss_curve = [last.solve(_LAST_RIDGE)]
        if loss_curve[0] < tol:
            options["progress"](loss_curve)
        else:
            last.solve(ridge)
            loss_curve = train(inner, objective, tol=tol, **options)
        # The start has solved it already where it used all rows.
        if loss_curve[0] >= tol or len(X) > _FIRST_ROWS:
            objective.last_layer(inner, torch.arange(len(X))).solve(_LAST_RIDGE)
        return loss_curve


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
        """Draw the hidden layers, and prepare the last one's least squares.

        Before training this halves the error of ten epochs on MNIST. On a few hundred
        rows it often leaves nothing to train.

        Parameters
        ----------
        network : torch.nn.Module
            The map of scaled rows.
        is_new : bool
            Whether its hidden layers may be drawn anew.

        Returns
        -------
        last : LastLayer
            What solves the last layer.
        ridge : float
            The ridge that suits a network that is to be trained.
        """
        is_drawn = is_new and not is_users(network)
        if is_drawn:
            sample_hidden_layers(network, self.X, self.targets, self.generator)
        rows = torch.randperm(len(self.X), generator=self.generator)
        ridge = _FIRST_RIDGE if is_drawn else _FIRST_RIDGE_OF_OTHERS
        return self.last_layer(network, rows[:_FIRST_ROWS]), ridge

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
