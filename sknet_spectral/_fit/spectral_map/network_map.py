"""From the graph of rows to a network that maps rows."""

from dataclasses import dataclass

import numpy as np

from ..._engine.networks.inference import apply_output_layer, evaluate_map
from ..._engine.networks.network import SpectralNetwork
from ..._graph.eigenvectors.laplacian import Laplacian
from ..._rows.rows import Matrix
from .components import Choice
from .eigenvectors import Eigenspace, find_eigenspace
from .fit_options import FitOptions
from .graph import Graph
from .row_maps import LearnedMap, NetworkMap
from .training import Trainer, Training

# Outputs that differ by less than this differ only by their place in a batch. The
# eigenvectors that the network learns have a root mean square of one.
_NOISE = 1e-10


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


def learn_network(
    trainer: Trainer, graph: Graph, laplacian: Laplacian, options: FitOptions
) -> LearnedMap:
    """Train a network, and rotate its outputs to the Ritz vectors.

    Parameters
    ----------
    trainer : Trainer
        Trains a network on the rows.
    graph : Graph
        The graph of the rows.
    laplacian : Laplacian
        Its Laplacian.
    options : FitOptions
        Which eigenvectors are wanted, and how to find them.

    Returns
    -------
    LearnedMap
        The map of rows.
    """
    if options.eigen.solver == "stochastic":
        return _learn_from_edges(trainer, graph, laplacian, options)
    components = options.components
    found = find_eigenspace(graph, laplacian, components, options.eigen, trainer.run)
    targets = _targets(found, int(components.constant_first))
    trained = trainer.train_on_eigenvectors(targets, laplacian.mass)
    ritz = _ritz_step(trained.network, trainer.X, laplacian, components.constant_first)
    # The network has learned the chosen columns alone.
    columns = np.arange(len(found.choice.columns))
    choice = Choice(columns, found.choice.n_clusters)
    return _finish(trained, ritz, choice, found.spectrum, found.min_rows, options)


def _learn_from_edges(
    trainer: Trainer, graph: Graph, laplacian: Laplacian, options: FitOptions
) -> LearnedMap:
    """Train by the loss of the paper, and choose among the Ritz vectors."""
    components, n_samples = options.components, len(laplacian.mass)
    n_constant = int(components.constant_first)
    trained = trainer.train_on_edges(
        laplacian.W,
        components.max_components(n_samples) - n_constant,
        uniform_mass=options.eigen.laplacian == "unnormalized",
    )
    ritz = _ritz_step(trained.network, trainer.X, laplacian, components.constant_first)
    spectrum = np.concatenate([[0.0], ritz.eigenvalues[n_constant:]])
    Y = (ritz.F - ritz.center) @ ritz.rotation + np.eye(1, len(ritz.eigenvalues))
    random_state = np.random.RandomState(trainer.run.seeds.components)
    choice = components.choose(ritz.eigenvalues, Y, graph, random_state)
    min_rows = components.min_group_rows(n_samples)
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
