"""From a graph to a map of rows: by the network, or by the Nystrom extension."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..._engine.networks.inference import apply_output_layer, embed, evaluate_map
from ..._engine.networks.network import SpectralNetwork
from ..._graph.eigenvectors.extension import NystromExtension
from ..._graph.eigenvectors.laplacian import Laplacian
from ..._rows.rows import Matrix
from ..options import EigenOptions, TrainingOptions
from ..progress import Run
from .components import Choice, Components
from .eigenvectors import Eigenspace, find_eigenspace
from .graph import Graph
from .training import Start, train_on_edges, train_on_eigenvectors

# Outputs of a map that differ by less than this differ by their place in a batch. The
# eigenvectors that it learns have a root mean square of one.
_NOISE = 1e-10


class NetworkMap:
    """The map of rows of features.

    Parameters
    ----------
    network : StandardizedNetwork
        A trained network.
    """

    def __init__(self, network: Any) -> None:
        self.network = network

    def __call__(self, X: Matrix) -> np.ndarray:
        """Return the embedding, of shape (n_rows, n_components)."""
        return embed(self.network, X)


class ExtensionMap:
    """The map of rows that are affinities or distances to the training rows.

    Parameters
    ----------
    extension : NystromExtension
        Extends the eigenvectors.
    affinities : callable
        Maps rows to affinities.
    """

    def __init__(
        self, extension: NystromExtension, affinities: Callable[[Matrix], Matrix]
    ) -> None:
        self.extension, self.affinities = extension, affinities

    def __call__(self, X: Matrix) -> np.ndarray:
        """Return the embedding, of shape (n_rows, n_components)."""
        return self.extension(self.affinities(X))


@dataclass(frozen=True)
class LearnedMap:
    """A map of rows, and what was learned on the way.

    Attributes
    ----------
    row_map : NetworkMap or ExtensionMap
        Maps rows to their embedding.
    embedding : ndarray of shape (n_samples, n_components)
        The embedding of the rows of the graph, float64.
    eigenvalues : ndarray of shape (n_components,)
        Ritz value of each component.
    spectrum : ndarray of shape (n_spectrum,)
        All eigenvalues among which components were chosen. The first one belongs to the
        constant eigenvector.
    n_clusters : int or None
        Number of clusters, if it was wanted.
    min_rows : float
        Least number of rows of a group that has a component.
    loss_curve : list of float
        Loss of each epoch; empty if nothing was trained.
    batch_size : int or None
        Rows or edges in a batch; None if nothing was trained.
    """

    row_map: NetworkMap | ExtensionMap
    embedding: np.ndarray
    eigenvalues: np.ndarray
    spectrum: np.ndarray
    n_clusters: int | None
    min_rows: float
    loss_curve: list[float]
    batch_size: int | None


def extend_eigenvectors(
    affinities: Callable[[Matrix], Matrix],
    graph: Graph,
    laplacian: Laplacian,
    components: Components,
    options: EigenOptions,
    run: Run,
) -> LearnedMap:
    """Take the eigenvectors of a graph without features; new rows come by their edges.

    Parameters
    ----------
    affinities : callable
        Maps new rows to their affinities.
    graph : Graph
        The graph.
    laplacian : Laplacian
        Its Laplacian.
    components : Components
        What is wanted of the eigenspace.
    options : EigenOptions
        How to find eigenvectors.
    run : Run
        Randomness, checkpoint and progress.

    Returns
    -------
    LearnedMap
        The map of affinities.

    Raises
    ------
    ValueError
        If the solver is "stochastic", or the graph has no edges.
    """
    if options.solver == "stochastic":
        raise ValueError(
            "eigen_solver='stochastic' trains a network on features: give them as "
            "X, and the graph by fit(X, affinity_matrix=W)."
        )
    if not laplacian.degrees.any():
        raise ValueError(
            "The graph has no edge between two different rows: give X entries outside "
            "its diagonal, or fewer cannot_link pairs."
        )
    found = find_eigenspace(graph, laplacian, components, options, run)
    columns = found.choice.columns
    columns = columns[columns < found.Y.shape[1]]
    eigenvalues = found.eigenvalues[columns]
    Y = found.Y[:, columns] * components.scale(eigenvalues)
    # Normalised eigenvalues have no unit.
    unit = laplacian.unit if options.laplacian == "unnormalized" else 1.0
    extension = NystromExtension(Y, eigenvalues * unit, options.laplacian)
    row_map = ExtensionMap(extension, affinities)
    return LearnedMap(
        row_map,
        Y,
        eigenvalues,
        found.spectrum,
        found.choice.n_clusters,
        found.min_rows,
        loss_curve=[],
        batch_size=None,
    )


def learn_network(
    X: Matrix,
    graph: Graph,
    laplacian: Laplacian,
    components: Components,
    start: Start,
    eigen: EigenOptions,
    training: TrainingOptions,
    run: Run,
) -> LearnedMap:
    """Train a network, and rotate its outputs to the Ritz vectors.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows.
    graph : Graph
        Their graph.
    laplacian : Laplacian
        Its Laplacian.
    components : Components
        What is wanted of the eigenspace.
    start : Start
        What the network starts from.
    eigen : EigenOptions
        How to find eigenvectors.
    training : TrainingOptions
        Which network, and how it is trained.
    run : Run
        Randomness, checkpoint and progress.

    Returns
    -------
    LearnedMap
        The map of rows.
    """
    n_constant = int(components.constant_first)
    if eigen.solver == "stochastic":
        n_components = components.max_components(X.shape[0]) - n_constant
        uniform_mass = eigen.laplacian == "unnormalized"
        trained = train_on_edges(
            X, laplacian, n_components, uniform_mass, start, training, run
        )
        choice, spectrum = None, None
        min_rows = components.min_group_rows(X.shape[0])
    else:
        found = find_eigenspace(graph, laplacian, components, eigen, run)
        targets = _targets(found, n_constant)
        trained = train_on_eigenvectors(X, targets, laplacian, start, training, run)
        # The network has learned these columns alone.
        n_columns = len(found.choice.columns)
        choice = Choice(np.arange(n_columns), found.choice.n_clusters)
        spectrum, min_rows = found.spectrum, found.min_rows

    network = trained.network
    F = evaluate_map(network, X)
    center = laplacian.centre(F)
    noise = _NOISE * max(1.0, np.abs(F).max())
    eigenvalues, rotation = laplacian.ritz(F - center, noise)
    if spectrum is None:
        spectrum = np.concatenate([[0.0], eigenvalues])
    if components.constant_first:
        eigenvalues = np.concatenate([[0.0], eigenvalues])
        rotation = np.column_stack([np.zeros(len(rotation)), rotation])
    if choice is None:
        Y = (F - center) @ rotation + np.eye(1, len(eigenvalues))
        random_state = np.random.RandomState(run.seeds.components)
        choice = components.choose(eigenvalues, Y, graph, random_state)
    eigenvalues = eigenvalues[choice.columns]
    _fix_output(
        network,
        rotation[:, choice.columns] * components.scale(eigenvalues),
        center,
        n_constant,
    )
    return LearnedMap(
        NetworkMap(network),
        apply_output_layer(network, F),
        eigenvalues,
        spectrum,
        choice.n_clusters,
        min_rows,
        trained.loss_curve,
        trained.batch_size,
    )


def _targets(found: Eigenspace, n_constant: int) -> np.ndarray:
    """Return the eigenvectors to train on, in float32."""
    columns, Y = found.choice.columns, found.Y
    n_outputs = max(len(columns) - n_constant, 1)
    # With fewer rows than outputs the spare outputs learn zero.
    learned = columns[(columns >= n_constant) & (columns < Y.shape[1])]
    targets = np.zeros((len(Y), n_outputs), dtype=np.float32)
    targets[:, : len(learned)] = Y[:, learned]
    return targets


def _fix_output(
    network: SpectralNetwork, weight: np.ndarray, center: np.ndarray, n_constant: int
) -> None:
    bias = -center @ weight
    bias[0] += float(n_constant)
    network.fix_output(weight, bias)
