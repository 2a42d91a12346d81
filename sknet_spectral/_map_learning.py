"""From a graph to a map of rows: by the network, or by the Nystrom extension."""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from ._checkpoint import NotKept
from ._engine.automatic import (
    automatic_edges_in_batch,
    automatic_sizes,
    regression_epochs,
)
from ._engine.distributed import from_first_rank
from ._engine.inference import apply_output_layer, evaluate_map
from ._engine.network import SpectralNetwork, continued_network, spectral_network
from ._engine.regression import fit_eigenvectors
from ._engine.spectral_loss import fit_spectral_loss, guarded_outputs, spectral_epochs
from ._graph.extension import NystromExtension
from ._graph.kept_eigenpairs import check_kept
from ._graph.laplacian import edges_of
from ._graph.small_groups import Reduced
from ._network_estimator import draw_seed, unless_auto

# Eigenpairs computed for each one wanted, where many live on too few rows.
_MOST_TRIED = 4
# Of the eigenvectors' variance: labels are then others than the graph's.
_MUCH_MISSED = 0.2
# It may not end in a linear layer that could be solved.
_MIN_STEPS_OF_CUSTOM_NETWORKS = 400
# Of a map's outputs: what rows differ by less is their place in a batch, by rounding.
# The eigenvectors it is trained on have a root mean square of one.
_NOISE = 1e-10


class Start(NamedTuple):
    """What a fit starts from.

    Attributes
    ----------
    random_state : numpy.random.RandomState
        The source of randomness.
    checkpoint : NotKept
        What the same fit has finished before.
    network : SpectralNetwork or None
        The network of the last fit, if it is to be trained on.
    form : str
        What a new network reads of a row, one of `row_forms.FORMS`.
    """

    random_state: np.random.RandomState
    checkpoint: NotKept
    network: SpectralNetwork | None
    form: str


class Choice(NamedTuple):
    """What numbers of clusters and of components are chosen by, where they are "auto".

    Attributes
    ----------
    count_clusters : callable
        Takes the lowest eigenvalues, the eigenvectors and a random state; returns a
        number of clusters.
    compared_on : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The graph on which numbers of components are compared.
    random_state : numpy.random.RandomState
        The source of randomness.
    """

    count_clusters: Callable
    compared_on: Any
    random_state: np.random.RandomState


class MapLearning:
    """The part of `fit` that comes after the graph, for both estimators.

    An estimator says how many components it can use (`_most_components`), chooses
    columns among those found (`_choose_components`) and says whether the constant
    eigenvector is the first of them (`_constant_first`).
    """

    def _fit_extension(self, affinities, graph, choice, start):
        """Take the eigenvectors of the graph alone; new rows come by their edges."""
        if self.eigen_solver == "stochastic":
            raise ValueError(
                "eigen_solver='stochastic' trains a network on features: give them as "
                "X, and the graph by fit(X, affinity_matrix=W)."
            )
        eigenvalues, Y, columns = self._chosen_eigenvectors(graph, choice, start)
        columns = columns[columns < Y.shape[1]]
        self.eigenvalues_ = eigenvalues[columns]
        self.loss_curve_, self.n_iter_ = [], 1
        Y = Y[:, columns] * self._component_scale(self.eigenvalues_)
        extension = NystromExtension(Y, self.eigenvalues_, self.laplacian)
        self._extension = extension, affinities
        return Y

    def _fit_network(self, X, graph, choice, start):
        """Train the network; rotate its outputs to the Ritz vectors."""
        if self.eigen_solver == "stochastic":
            network, columns = self._train_by_spectral_loss(X, graph, start)
        else:
            network, columns = self._train_by_eigenvectors(X, graph, choice, start)
        self.n_iter_ = len(self.loss_curve_)

        F = evaluate_map(network, X)
        center = graph.centre(F)
        noise = _NOISE * max(1.0, np.abs(F).max())
        eigenvalues, rotation = graph.ritz(F - center, noise)
        if self._constant_first:
            eigenvalues = np.concatenate([[0.0], eigenvalues])
            rotation = np.column_stack([np.zeros(len(rotation)), rotation])
        if columns is None:
            Y = (F - center) @ rotation + np.eye(1, len(eigenvalues))
            columns = self._choose_components(choice, graph, eigenvalues, Y)
        self.eigenvalues_ = eigenvalues[columns]
        weight = rotation[:, columns] * self._component_scale(self.eigenvalues_)
        bias = -center @ weight
        bias[0] += float(self._constant_first)
        network.fix_output(weight, bias)
        self.network_ = network
        return apply_output_layer(network, F)

    def _train_by_eigenvectors(self, X, graph, choice, start):
        """Train a network on eigenvectors; return it and the columns to take."""
        columns, targets = self._targets(graph, choice, start)
        network = self._initial_network(X, targets.shape[1], start)
        self.batch_size_ = unless_auto(
            self.batch_size, automatic_sizes(len(targets)).batch_size
        )
        min_steps = 50 if self.network is None else _MIN_STEPS_OF_CUSTOM_NETWORKS
        n_epochs = unless_auto(
            self.max_iter, regression_epochs(len(targets), self.batch_size_, min_steps)
        )
        with self._progress("training", total=n_epochs) as bar:
            self.loss_curve_, missed = fit_eigenvectors(
                network,
                X,
                targets,
                graph.mass,
                is_new=start.network is None,
                batch_size=self.batch_size_,
                **self._training_options(
                    n_epochs, bar, start.random_state, start.checkpoint
                ),
            )
        if missed > _MUCH_MISSED:
            warnings.warn(
                f"The network misses {missed:.0%} of the variance of the graph's "
                "eigenvectors, so that labels and the embedding are not those of the "
                "graph. Scale the columns of X, raise max_iter, widen "
                "hidden_layer_sizes, or give X in which rows near to each other in "
                "the graph are alike.",
                ConvergenceWarning,
                stacklevel=6,
            )
        return network, np.arange(len(columns))

    def _targets(self, graph, choice, start):
        """Return columns of the eigenvectors, and those to train on, in float32."""
        _, Y, columns = self._chosen_eigenvectors(graph, choice, start)
        n_outputs = max(len(columns) - self._constant_first, 1)
        # With fewer rows than outputs the spare outputs learn zero.
        learned = columns[(columns >= self._constant_first) & (columns < Y.shape[1])]
        targets = np.zeros((len(Y), n_outputs), dtype=np.float32)
        targets[:, : len(learned)] = Y[:, learned]
        return columns, targets

    def _train_by_spectral_loss(self, X, graph, start):
        """Train a network by the paper's loss; the columns are yet to be chosen."""
        edges, weights = edges_of(graph.W)
        if not len(edges):
            raise ValueError(
                "eigen_solver='stochastic' draws edges of the graph, and it has none: "
                "widen the affinity."
            )
        n_components = self._most_components(X.shape[0]) - self._constant_first
        n_outputs = guarded_outputs(max(n_components, 1))
        network = self._initial_network(X, n_outputs, start)
        self.batch_size_ = unless_auto(
            self.batch_size, automatic_edges_in_batch(n_outputs)
        )
        n_epochs = unless_auto(
            self.max_iter, spectral_epochs(X.shape[0], self.batch_size_)
        )
        with self._progress("training", total=n_epochs) as bar:
            self.loss_curve_ = losses = fit_spectral_loss(
                network,
                X,
                edges,
                weights,
                uniform_mass=self.laplacian == "unnormalized",
                batch_size=self.batch_size_,
                **self._training_options(
                    n_epochs, bar, start.random_state, start.checkpoint
                ),
            )
        tenth = max(1, len(losses) // 10)
        before, last = losses[-2 * tenth : -tenth], losses[-tenth:]
        if before and losses[-1] >= self.tol and np.mean(last) < 0.9 * np.mean(before):
            warnings.warn(
                f"The spectral loss fell from {np.mean(before):.3g} to "
                f"{np.mean(last):.3g} in the last tenth of {len(losses)} epochs: raise "
                "max_iter.",
                ConvergenceWarning,
                stacklevel=6,
            )
        return network, None

    def _initial_network(self, X, n_outputs, start):
        """Build the network, or take that of the last fit to go on with."""
        trained_map = self._new_map(X, n_outputs, start.random_state)
        if start.network is None:
            return spectral_network(X, trained_map, n_outputs, start.form)
        return continued_network(start.network, trained_map, n_outputs)

    def _chosen_eigenvectors(self, graph, choice, start):
        """Find eigenpairs, and choose columns among those that can be components."""
        eigenvalues, Y = self._eigenvectors(graph, start)
        first = int(not self._constant_first)
        eigenvalues, Y = eigenvalues[first:], Y[:, first:]
        return eigenvalues, Y, self._choose_components(choice, graph, eigenvalues, Y)

    def _eigenvectors(self, graph, start):
        """Find as many eigenpairs as are wanted that belong to large groups."""
        n_samples = len(graph.mass)
        n_wanted = self._most_components(n_samples) + (not self._constant_first)
        n_pairs = n_wanted = min(n_wanted, n_samples)
        most = min(_MOST_TRIED * n_wanted, n_samples)
        # Drawn before it is known whether they are computed or were kept.
        seed = draw_seed(start.random_state)
        with self._progress("eigenvectors", total=1) as bar:
            while True:
                eigenvalues, Y = self._eigenpairs(
                    graph, n_pairs, seed, start.checkpoint
                )
                found = self._of_large_groups(graph, eigenvalues, Y, n_wanted)
                is_first = n_pairs == n_wanted
                missing = found.Y.shape[1] < n_wanted or (
                    found.is_doubtful and is_first
                )
                if not missing or n_pairs == most:
                    break
                n_pairs = min(2 * n_pairs, most)
            bar.update()
        return found.eigenvalues, found.Y

    def _eigenpairs(self, graph, n_pairs, seed, checkpoint):
        stage = f"{n_pairs}-eigenvectors"
        found = checkpoint.read(
            stage, partial(check_kept, graph=graph, n_pairs=n_pairs)
        )
        if found is None:
            found = from_first_rank(
                lambda: graph.eigenpairs(
                    n_pairs,
                    solver=self.eigen_solver or "arpack",
                    tol=self.eigen_tol,
                    random_state=np.random.RandomState(seed),
                )
            )
            checkpoint.write(stage, found)
        return found

    def _of_large_groups(self, graph, eigenvalues, Y, n_wanted):
        """Leave out what belongs to groups of too few rows; an embedding keeps all."""
        return Reduced(eigenvalues, Y, is_doubtful=False)

    def _component_scale(self, eigenvalues):
        """Length of each component, a factor of its eigenvector."""
        return np.ones_like(eigenvalues)
