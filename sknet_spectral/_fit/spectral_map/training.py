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
from ..._engine.training.training_config import TrainingConfig
from ..._graph.edges import edges_of
from ..._graph.eigenvectors.laplacian import Laplacian
from ..._rows.rows import Matrix
from ..._warnings import warn
from ..options import TrainingOptions, unless_auto
from ..progress import Bar, Run
from ..sample.row_counts import fewer_distinct

# Of the eigenvectors' variance: labels are then others than the graph's.
_MUCH_MISSED = 0.2
# A network of the user's may not end in a linear layer that could be solved.
_MIN_STEPS, _MIN_STEPS_OF_CUSTOM_NETWORKS = 50, 400


@dataclass(frozen=True)
class Start:
    """What a network starts from.

    Attributes
    ----------
    network : SpectralNetwork or None
        The network of the last fit, if training continues it.
    form : str
        What a new network reads of a row, one of `row_forms.FORMS`.
    """

    network: SpectralNetwork | None
    form: str


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


def train_on_eigenvectors(
    X: Matrix,
    targets: np.ndarray,
    laplacian: Laplacian,
    start: Start,
    options: TrainingOptions,
    run: Run,
) -> Training:
    """Train a network by regression on eigenvectors.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows.
    targets : ndarray of shape (n_samples, n_outputs)
        The eigenvectors, float32.
    laplacian : Laplacian
        Its masses weigh the rows.
    start : Start
        What the network starts from.
    options : TrainingOptions
        Which network, and how it is trained.
    run : Run
        Randomness, checkpoint and progress.

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
    network = _initial_network(X, targets.shape[1], start, options, run)
    batch_size = unless_auto(
        options.batch_size, automatic_sizes(len(targets)).batch_size
    )
    is_custom = options.network is not None
    n_epochs = unless_auto(
        options.max_iter,
        regression_epochs(
            len(targets),
            batch_size,
            _MIN_STEPS_OF_CUSTOM_NETWORKS if is_custom else _MIN_STEPS,
        ),
    )
    with run.monitor.bar("training", n_epochs) as bar:
        loss_curve, missed = fit_targets(
            network,
            X,
            targets,
            laplacian.mass,
            _config(options, n_epochs, batch_size, bar, run),
            is_new=start.network is None,
        )
    # Equal rows cannot have the different values that further eigenvectors give them.
    if missed > _MUCH_MISSED and fewer_distinct(X, targets.shape[1] + 1) is None:
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
    X: Matrix,
    laplacian: Laplacian,
    n_components: int,
    uniform_mass: bool,
    start: Start,
    options: TrainingOptions,
    run: Run,
) -> Training:
    """Train a network by the loss of the paper, on edges drawn from the graph.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows.
    laplacian : Laplacian
        Its graph has the edges.
    n_components : int
        Number of components that may be wanted.
    uniform_mass : bool
        Whether the masses of the Laplacian are ones.
    start : Start
        What the network starts from.
    options : TrainingOptions
        Which network, and how it is trained.
    run : Run
        Randomness, checkpoint and progress.

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
    edges, weights = edges_of(laplacian.W)
    if not len(edges):
        raise ValueError(
            "eigen_solver='stochastic' draws edges of the graph, and it has none: "
            "widen the affinity."
        )
    n_outputs = add_guard_outputs(max(n_components, 1))
    network = _initial_network(X, n_outputs, start, options, run)
    batch_size = unless_auto(options.batch_size, automatic_edges_in_batch(n_outputs))
    n_epochs = unless_auto(options.max_iter, spectral_epochs(X.shape[0], batch_size))
    with run.monitor.bar("training", n_epochs) as bar:
        loss_curve = fit_spectral_loss(
            network,
            X,
            edges,
            weights,
            _config(options, n_epochs, batch_size, bar, run),
            uniform_mass=uniform_mass,
        )
    _warn_if_falling(loss_curve, options.tol)
    return Training(network, loss_curve, batch_size)


def _initial_network(
    X: Matrix, n_outputs: int, start: Start, options: TrainingOptions, run: Run
) -> SpectralNetwork:
    """Build the network, or continue that of the last fit."""
    trained_map = options.new_map(X, n_outputs, run.seeds.network)
    if start.network is None:
        return spectral_network(X, trained_map, n_outputs, start.form)
    return continue_network(start.network, trained_map, n_outputs)


def _config(
    options: TrainingOptions, n_epochs: int, batch_size: int, bar: Bar, run: Run
) -> TrainingConfig:
    progress = run.monitor.of_epochs(bar)
    return options.config(
        n_epochs, batch_size, progress, run.seeds.training, run.checkpoint
    )


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
