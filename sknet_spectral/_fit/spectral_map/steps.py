"""The fit: rows -> sample -> space -> graph -> eigenvectors -> map."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.random import sample_without_replacement

from ..._engine.networks.network import SpectralNetwork
from ..._engine.networks.network_state import network_state
from ..._engine.networks.row_forms import row_form
from ..._graph.affinities.construction import GRAPH_AFFINITIES
from ..._graph.eigenvectors.laplacian import Laplacian
from ..._rows.rows import Matrix, Rows
from ..checkpoints import Checkpoint
from ..progress import Monitor, Run
from ..sample.knowledge import check_can_differ
from ..sample.row_counts import warn_of_few_rows
from ..sample.sampling import Sample
from ..sample.space import Space, learn_space
from ..seeds import Seeds
from ..underflow import tiny_is_zero
from .extension_map import extend_eigenvectors
from .fit_options import FitOptions
from .graph import Graph, build_graph, validated_affinity
from .network_map import learn_network
from .row_maps import ExtensionMap, LearnedMap
from .training import Trainer
from .training_distance import TrainingDistance

_ROWS_KEPT = 1000


@dataclass(frozen=True)
class SpectralFit:
    """What a fit has found.

    Attributes
    ----------
    sample : Sample
        The rows of the graph.
    space : Space
        The space in which it was built.
    graph : Graph
        The graph.
    map : LearnedMap
        The map of rows.
    training_distance : TrainingDistance or None
        Distance to some of the rows; None if they have no features.
    run : Run
        Randomness, checkpoint and progress.
    """

    sample: Sample
    space: Space
    graph: Graph
    map: LearnedMap
    training_distance: TrainingDistance | None
    run: Run

    def attributes(self) -> dict[str, Any]:
        """Return the fitted attributes of both estimators, by name."""
        learned, graph = self.map, self.graph
        found = {
            "affinity_matrix_": self._affinities(),
            "eigenvalues_": learned.eigenvalues,
            "gamma_": graph.gamma,
            "loss_curve_": learned.loss_curve,
            "n_connected_components_": graph.n_pieces,
            "n_iter_": max(len(learned.loss_curve), 1),
            "n_neighbors_": graph.n_neighbors,
            "spectrum_": learned.spectrum,
        }
        if self.sample.indices is not None:
            found["sample_indices_"] = self.sample.indices
        if self.space.transformer is not None:
            found["affinity_transformer_"] = self.space.transformer
        if isinstance(learned.row_map, ExtensionMap):
            extension = learned.row_map
            found["_extension"] = extension.extension, extension.affinities
        else:
            found["network_"] = learned.row_map.network
            found["batch_size_"] = learned.batch_size
            found["_training_distance"] = self.training_distance
        return found

    def of_all_rows(
        self, rows: Rows, finish: Sequence[Callable[[np.ndarray], np.ndarray]]
    ) -> list[Any]:
        """Apply functions of the embedding to all rows, drawn or not.

        Parameters
        ----------
        rows : Rows
            All rows.
        finish : sequence of callable
            Each maps an embedding to a result with one entry for each row.

        Returns
        -------
        list of {ndarray, dask.array.Array}
            The results.
        """
        Y = self.map.embedding
        if self.sample.is_all_rows:
            return rows.like_rows([function(Y) for function in finish])
        return rows.map(self.map.row_map, Y.shape[1], finish)

    def _affinities(self) -> Matrix:
        """Return the affinities of the drawn rows, in the order of X."""
        if self.sample.order is None:
            return self.graph.W
        places = np.argsort(self.sample.order)
        W = self.graph.W[places][:, places]
        if sparse.issparse(W):
            # Or scipy would sort it in place later: in any thread, in a read-only file.
            W.sort_indices()
        return W


@tiny_is_zero()
def fit_spectral_map(
    sample: Sample,
    affinity_matrix: Any,
    earlier: SpectralNetwork | None,
    options: FitOptions,
    open_checkpoint: Callable[..., Checkpoint],
    seeds: Seeds,
    monitor: Monitor,
) -> SpectralFit:
    """Learn a map of rows into the eigenspace of their graph.

    Parameters
    ----------
    sample : Sample
        The rows, with what is known about them.
    affinity_matrix : {array-like, sparse matrix} or None
        The user's graph of these rows.
    earlier : SpectralNetwork or None
        The network of the last fit, if training continues it.
    options : FitOptions
        The parameters.
    open_checkpoint : callable
        Takes the data of the fit, returns its checkpoint.
    seeds : Seeds
        The seed of each stage.
    monitor : Monitor
        Shows progress.

    Returns
    -------
    SpectralFit
        What was found.
    """
    X, given = sample.rows, None
    if affinity_matrix is not None:
        given = validated_affinity(affinity_matrix, len(sample), "affinity_matrix")
    constraints = sample.knowledge.constraints(len(sample))
    if constraints is not None and options.graph.affinity not in GRAPH_AFFINITIES:
        check_can_differ(X, constraints, sample.positions)
    checkpoint = open_checkpoint(
        X, given and given.W, constraints, earlier and network_state(earlier)
    )
    space = Space(X)
    if given is None and options.space.transformer is not None:
        with monitor.stage("space"):
            space = learn_space(sample, options.space, seeds.space)
        checkpoint = checkpoint.of_space(space.Z)
    run = Run(seeds, checkpoint, monitor)
    graph = build_graph(X, space, given, constraints, options, run)
    is_of_rows = given is None and space.transformer is None
    form = row_form(options.graph.metric_of_rows if is_of_rows else None)
    trainer = Trainer(X, earlier, form, options.training, run)
    with monitor.fit_task(X):
        learned = _learn_map(trainer, graph, options)
    distance = None
    if graph.extend is None:
        distance = TrainingDistance(X[_rows_to_keep(len(sample), seeds.kept_rows)])
    return SpectralFit(sample, space, graph, learned, distance, run)


def _learn_map(trainer: Trainer, graph: Graph, options: FitOptions) -> LearnedMap:
    # New rows come by their edges, and without any they have a zero embedding.
    isolated_mass = 1.0 if graph.extend is None else 0.0
    laplacian = Laplacian(graph.W, options.eigen.laplacian, isolated_mass)
    if graph.extend is not None:
        return extend_eigenvectors(graph.extend, graph, laplacian, options, trainer.run)
    warn_of_few_rows(trainer.X, *options.components.distinct_rows)
    return learn_network(trainer, graph, laplacian, options)


def _rows_to_keep(n_samples: int, seed: int) -> np.ndarray:
    """Draw the rows whose distances to new rows are measured."""
    n_kept = min(n_samples, _ROWS_KEPT)
    return sample_without_replacement(n_samples, n_kept, random_state=seed)
