"""From a graph to a map of rows: by the network, or by the Nystrom extension."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..._engine.networks.inference import apply_output_layer, evaluate_map
from ..._engine.networks.network import SpectralNetwork
from ..._graph.eigenvectors.extension import NystromExtension
from ..._graph.eigenvectors.laplacian import Laplacian
from ..._rows.rows import Matrix
from ..progress import Run
from .components import Choice
from .eigenvectors import Eigenspace, find_eigenspace
from .fit_options import FitOptions
from .graph import Graph
from .row_maps import ExtensionMap, NetworkMap
from .training import Start, Training, train_on_edges, train_on_eigenvectors

# Outputs that differ by less than this differ only by their place in a batch. The
# eigenvectors that the network learns have a root mean square of one.
_NOISE = 1e-10


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


@dataclass(frozen=True)
class _RitzStep:
    """The outputs of a trained network, and their rotation to the Ritz vectors.

    Attributes
    ----------
    F : ndarray of shape (n_samples, n_outputs)
        The outputs.
    center : ndarray of shape (n_outputs,)
        Their mean.
    eigenvalues : ndarray of shape (n_vectors,)
        The Ritz values. If the constant vector counts, it is the first.
    rotation : ndarray of shape (n_outputs, n_vectors)
        Turns centred outputs into Ritz vectors, and into zeros in place of the constant
        one.
    """

    F: np.ndarray
    center: np.ndarray
    eigenvalues: np.ndarray
    rotation: np.ndarray


def extend_eigenvectors(
    affinities: Callable[[Matrix], Matrix],
    graph: Graph,
    laplacian: Laplacian,
    options: FitOptions,
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
    options : FitOptions
        Which eigenvectors are wanted, and how to find them.
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
    components, eigen = options.components, options.eigen
    if eigen.solver == "stochastic":
        raise ValueError(
            "eigen_solver='stochastic' trains a network on features: give them as "
            "X, and the graph by fit(X, affinity_matrix=W)."
        )
    if not laplacian.degrees.any():
        raise ValueError(
            "The graph has no edge between two different rows: give X entries outside "
            "its diagonal, or fewer cannot_link pairs."
        )
    found = find_eigenspace(graph, laplacian, components, eigen, run)
    columns = found.choice.columns
    columns = columns[columns < found.Y.shape[1]]
    eigenvalues = found.eigenvalues[columns]
    Y = found.Y[:, columns] * components.scale(eigenvalues)
    # Normalised eigenvalues have no unit.
    unit = laplacian.unit if eigen.laplacian == "unnormalized" else 1.0
    extension = NystromExtension(Y, eigenvalues * unit, eigen.laplacian)
    return LearnedMap(
        ExtensionMap(extension, affinities),
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
    start: Start,
    options: FitOptions,
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
    start : Start
        What the network starts from.
    options : FitOptions
        Which eigenvectors are wanted, how to find them, and how to train.
    run : Run
        Randomness, checkpoint and progress.

    Returns
    -------
    LearnedMap
        The map of rows.
    """
    if options.eigen.solver == "stochastic":
        return _learn_from_edges(X, graph, laplacian, start, options, run)
    components = options.components
    found = find_eigenspace(graph, laplacian, components, options.eigen, run)
    targets = _targets(found, int(components.constant_first))
    trained = train_on_eigenvectors(X, targets, laplacian, start, options.training, run)
    ritz = _ritz_step(trained.network, X, laplacian, components.constant_first)
    # The network has learned the chosen columns alone.
    columns = np.arange(len(found.choice.columns))
    choice = Choice(columns, found.choice.n_clusters)
    return _finish(trained, ritz, choice, found.spectrum, found.min_rows, options)


def _learn_from_edges(
    X: Matrix,
    graph: Graph,
    laplacian: Laplacian,
    start: Start,
    options: FitOptions,
    run: Run,
) -> LearnedMap:
    """Train by the loss of the paper, and choose among the Ritz vectors."""
    components = options.components
    n_constant = int(components.constant_first)
    trained = train_on_edges(
        X,
        laplacian,
        components.max_components(X.shape[0]) - n_constant,
        options.eigen.laplacian == "unnormalized",
        start,
        options.training,
        run,
    )
    ritz = _ritz_step(trained.network, X, laplacian, components.constant_first)
    spectrum = np.concatenate([[0.0], ritz.eigenvalues[n_constant:]])
    Y = (ritz.F - ritz.center) @ ritz.rotation + np.eye(1, len(ritz.eigenvalues))
    random_state = np.random.RandomState(run.seeds.components)
    choice = components.choose(ritz.eigenvalues, Y, graph, random_state)
    min_rows = components.min_group_rows(X.shape[0])
    return _finish(trained, ritz, choice, spectrum, min_rows, options)


def _targets(found: Eigenspace, n_constant: int) -> np.ndarray:
    """Return the eigenvectors to train on, in float32."""
    columns, Y = found.choice.columns, found.Y
    n_outputs = max(len(columns) - n_constant, 1)
    # With fewer rows than outputs, the other outputs learn zero.
    learned = columns[(columns >= n_constant) & (columns < Y.shape[1])]
    targets = np.zeros((len(Y), n_outputs), dtype=np.float32)
    targets[:, : len(learned)] = Y[:, learned]
    return targets


def _ritz_step(
    network: SpectralNetwork, X: Matrix, laplacian: Laplacian, constant_first: bool
) -> _RitzStep:
    F = evaluate_map(network, X)
    center = laplacian.centre(F)
    noise = _NOISE * max(1.0, np.abs(F).max())
    eigenvalues, rotation = laplacian.ritz(F - center, noise)
    if constant_first:
        eigenvalues = np.concatenate([[0.0], eigenvalues])
        rotation = np.column_stack([np.zeros(len(rotation)), rotation])
    return _RitzStep(F, center, eigenvalues, rotation)


def _finish(
    trained: Training,
    ritz: _RitzStep,
    choice: Choice,
    spectrum: np.ndarray,
    min_rows: float,
    options: FitOptions,
) -> LearnedMap:
    """Fix the output layer of the network to the chosen Ritz vectors."""
    network, components = trained.network, options.components
    eigenvalues = ritz.eigenvalues[choice.columns]
    weight = ritz.rotation[:, choice.columns] * components.scale(eigenvalues)
    bias = -ritz.center @ weight
    bias[0] += float(components.constant_first)
    network.fix_output(weight, bias)
    return LearnedMap(
        NetworkMap(network),
        apply_output_layer(network, ritz.F),
        eigenvalues,
        spectrum,
        choice.n_clusters,
        min_rows,
        trained.loss_curve,
        trained.batch_size,
    )
