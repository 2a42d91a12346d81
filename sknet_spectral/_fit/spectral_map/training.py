"""Training the network: on eigenvectors of the graph, or on its edges."""

from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from ..._engine.automatic import (
    automatic_edges_in_batch,
    automatic_sizes,
    regression_epochs,
)
from ..._engine.networks.network import (
    SpectralNetwork,
    continue_network,
    spectral_network,
)
from ..._engine.objectives.regression import fit_targets
from ..._engine.objectives.spectral_loss import (
    add_guard_outputs,
    fit_spectral_loss,
    spectral_epochs,
)
from ..._graph.edges import edges_of
from ..._rows.rows import Matrix
from ..._warnings import warn
from ..options import TrainingOptions, unless_auto
from ..progress import Run
from ..sample.row_counts import fewer_distinct

# Of the eigenvectors' variance: labels are then others than the graph's.
_MUCH_MISSED = 0.2
# A network of the user's may not end in a linear layer that could be solved.
_MIN_STEPS, _MIN_STEPS_OF_CUSTOM_NETWORKS = 50, 400


@dataclass(frozen=True)
class Training:
    """A trained network.

    Attributes
    ----------
    network : SpectralNetwork
        The network; its output layer is yet to be fixed.
    loss_curve : list of float
        Loss of each epoch.
    batch_size : int
        Rows or edges in a batch.
    """

    network: SpectralNetwork
    loss_curve: list[float]
    batch_size: int


@dataclass(frozen=True)
class Trainer:
    """Trains a network on the rows of a graph.

    Attributes
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows.
    earlier : SpectralNetwork or None
        The network of the last fit, if training continues it.
    form : str
        What a new network reads of a row, one of `row_forms.FORMS`.
    options : TrainingOptions
        Which network, and how it is trained.
    run : Run
        Randomness, checkpoint and progress.
    """

    X: Matrix
    earlier: SpectralNetwork | None
    form: str
    options: TrainingOptions
    run: Run

    def train_on_eigenvectors(self, targets: np.ndarray, mass: np.ndarray) -> Training:
        """Train a network by regression on eigenvectors.

        Parameters
        ----------
        targets : ndarray of shape (n_samples, n_outputs)
            The eigenvectors, float32.
        mass : ndarray of shape (n_samples,)
            The masses of the Laplacian, which weigh the rows.

        Returns
        -------
        Training
            The network.

        Warns
        -----
        ConvergenceWarning
            If the network misses more than a fifth of the variance of the eigenvectors,
            and there are as many distinct rows as are needed to learn them.
        """
        options, (n_samples, n_outputs) = self.options, targets.shape
        network = self._initial_network(n_outputs)
        automatic_size = automatic_sizes(n_samples).batch_size
        batch_size = unless_auto(options.batch_size, automatic_size)
        is_custom = options.network is not None
        min_steps = _MIN_STEPS_OF_CUSTOM_NETWORKS if is_custom else _MIN_STEPS
        automatic_epochs = regression_epochs(n_samples, batch_size, min_steps)
        n_epochs = unless_auto(options.max_iter, automatic_epochs)
        with self.run.monitor.bar("training", n_epochs) as bar:
            loss_curve, missed = fit_targets(
                network,
                self.X,
                targets,
                mass,
                options.config(n_epochs, batch_size, bar, self.run),
                is_new=self.earlier is None,
            )
        # Further eigenvectors give equal rows different values, which no map has.
        if missed > _MUCH_MISSED and fewer_distinct(self.X, n_outputs + 1) is None:
            warn(
                f"The network misses {missed:.0%} of the variance of the graph's "
                "eigenvectors, so that labels and the embedding are not those of the "
                "graph. Scale the columns of X, raise max_iter, widen "
                "hidden_layer_sizes, or give X in which rows near to each other in "
                "the graph are alike.",
                ConvergenceWarning,
            )
        return Training(network, loss_curve, batch_size)

    def train_on_edges(
        self, W: Matrix, n_components: int, *, uniform_mass: bool
    ) -> Training:
        """Train a network by the loss of the paper, on edges drawn from the graph.

        Parameters
        ----------
        W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
            The affinities.
        n_components : int
            Number of components that may be wanted.
        uniform_mass : bool
            Whether the masses of the Laplacian are ones.

        Returns
        -------
        Training
            The network.

        Raises
        ------
        ValueError
            If the graph has no edges.

        Warns
        -----
        ConvergenceWarning
            If the loss still falls fast at the end.
        """
        edges, weights = edges_of(W)
        if not len(edges):
            raise ValueError(
                "eigen_solver='stochastic' draws edges of the graph, and it has none: "
                "widen the affinity."
            )
        options, n_outputs = self.options, add_guard_outputs(max(n_components, 1))
        network = self._initial_network(n_outputs)
        automatic_size = automatic_edges_in_batch(n_outputs)
        batch_size = unless_auto(options.batch_size, automatic_size)
        automatic_epochs = spectral_epochs(self.X.shape[0], batch_size)
        n_epochs = unless_auto(options.max_iter, automatic_epochs)
        with self.run.monitor.bar("training", n_epochs) as bar:
            loss_curve = fit_spectral_loss(
                network,
                self.X,
                edges,
                weights,
                options.config(n_epochs, batch_size, bar, self.run),
                uniform_mass=uniform_mass,
            )
        _warn_if_falling(loss_curve, options.tol)
        return Training(network, loss_curve, batch_size)

    def _initial_network(self, n_outputs: int) -> SpectralNetwork:
        """Build the network, or continue that of the last fit."""
        trained_map = self.options.new_map(self.X, n_outputs, self.run.seeds.network)
        if self.earlier is None:
            return spectral_network(self.X, trained_map, n_outputs, self.form)
        return continue_network(self.earlier, trained_map, n_outputs)


def _warn_if_falling(losses: list[float], tol: float) -> None:
    tenth = max(1, len(losses) // 10)
    before, last = losses[-2 * tenth : -tenth], losses[-tenth:]
    if before and losses[-1] >= tol and np.mean(last) < 0.9 * np.mean(before):
        warn(
            f"The spectral loss fell from {np.mean(before):.3g} to "
            f"{np.mean(last):.3g} in the last tenth of {len(losses)} epochs: raise "
            "max_iter.",
            ConvergenceWarning,
        )
