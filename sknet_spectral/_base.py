"""What the two estimators share: parameters, and the fit from rows to a map."""

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data
from tqdm import tqdm

from ._engine import fitting
from ._graph.affinity import WEIGHTS, neighbor_affinity
from ._graph.components import connected_components, shortest_missing_edges
from ._graph.laplacian import Laplacian
from ._graph.neighbors import METRICS, nearest_neighbors

_DEFAULT_NEIGHBORS = 15
_LEAST_EPOCHS = 10, 20  # by regression; by the spectral loss
_LEAST_STEPS = 300
ROWS_DTYPE = (np.float64, np.float32)


class BaseSpectralNet(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Rows to a graph, its eigenvectors, and a network that maps rows to them."""

    _parameter_constraints: dict = {
        "eigen_solver": [StrOptions({"arpack", "lobpcg", "amg", "stochastic"}), None],
        "random_state": ["random_state"],
        "gamma": [Interval(Real, 0, None, closed="left"), None],
        "n_neighbors": [Interval(Integral, 1, None, closed="left"), None],
        "weights": [StrOptions(set(WEIGHTS))],
        "metric": [StrOptions(set(METRICS))],
        "laplacian": [StrOptions({"normalized", "unnormalized"})],
        "eigen_tol": [Interval(Real, 0, None, closed="left"), StrOptions({"auto"})],
        "hidden_layer_sizes": [
            "array-like",
            Interval(Integral, 1, None, closed="left"),
        ],
        "max_iter": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "batch_size": [
            Interval(Integral, 2, None, closed="left"),
            StrOptions({"auto"}),
        ],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "device": [str],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def transform(self, X):
        """Map rows into the eigenspace.

        The map was fixed by `fit`: a row's embedding does not depend on the
        other rows of the call.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        ndarray of shape (n_samples, n_components)
            Their embedding, in the precision of X (float64 or float32).

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If X has another number of features than the training rows, or
            entries that are not finite.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=ROWS_DTYPE)
        return self._transform(X).astype(X.dtype, copy=False)

    def score(self, X, y=None):
        """Negative mean Ritz value of the map on the graph of the given rows.

        It is -tr((Y^T M Y)^-1 Y^T L Y) / n_components, Y the embedding of X and L
        the Laplacian of X's own graph. Use it to compare maps on one graph:
        layers, epochs, learning rates. It cannot compare graphs, so `n_neighbors`,
        `weights`, `metric`, `gamma` and `n_components` need a label scorer or
        judgement: the loss falls as the graph breaks up.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The rows.
        y : None
            Ignored.

        Returns
        -------
        float
            The score; higher is better, zero the best.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=ROWS_DTYPE, ensure_min_samples=2)
        random_state = check_random_state(self.random_state)
        W, _ = self._neighbor_graph(X, random_state, n_components=len(X))
        graph = Laplacian(W, self.laplacian)
        return -float(graph.ritz(self._transform(X))[0].mean())

    def _transform(self, X):
        return fitting.embed(self.network_, X)

    def _validate_training_rows(self, X):
        X = validate_data(self, X, dtype=ROWS_DTYPE, ensure_min_samples=2)
        sizes = np.atleast_1d(self.hidden_layer_sizes).tolist()
        if not all(isinstance(size, int) and size >= 1 for size in sizes):
            raise ValueError(
                "hidden_layer_sizes must hold positive integers, got "
                f"{self.hidden_layer_sizes!r}."
            )
        return X

    def _fit_map(self, X, n_components, most_components, constant_first):
        """Fit the graph, its eigenvectors and the network; return the embedding.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Validated training rows.
        n_components : int
            Columns of the embedding.
        most_components : int
            How many connected components the graph may have.
        constant_first : bool
            Whether the embedding begins with the constant eigenvector.

        Returns
        -------
        ndarray of shape (n_samples, n_components)
            The embedding of X, float64.
        """
        random_state = check_random_state(self.random_state)
        with self._progress("neighbors", total=1) as bar:
            W, self.n_connected_components_ = self._neighbor_graph(
                X, random_state, most_components
            )
            bar.update()
        graph = Laplacian(W, self.laplacian)
        n_outputs = max(n_components - constant_first, 1)
        network = fitting.build_network(
            X,
            layer_sizes=np.atleast_1d(self.hidden_layer_sizes).tolist(),
            n_outputs=n_outputs,
            n_components=n_components,
            seed=random_state.randint(np.iinfo(np.int32).max),
        )
        self.loss_curve_ = self._train(network, X, graph, random_state)
        self.n_iter_ = len(self.loss_curve_)
        self.gamma_ = self._effective_gamma(X.shape[1])
        self.n_neighbors_ = min(self.n_neighbors or _DEFAULT_NEIGHBORS, len(X) - 1)

        F = fitting.evaluate_map(network, X)
        center = graph.centre(F)
        eigenvalues, rotation = graph.ritz(F - center)
        if constant_first:
            eigenvalues = np.concatenate([[0.0], eigenvalues])
            rotation = np.column_stack([np.zeros(n_outputs), rotation])
        network.freeze(rotation[:, :n_components], center)
        network.output_bias[0] += float(constant_first)
        self.eigenvalues_ = eigenvalues[:n_components]
        self.affinity_matrix_ = W
        self.network_ = network
        return self._transform(X)

    def _neighbor_graph(self, X, random_state, n_components):
        """Build the affinity matrix, joining all but `n_components` components."""
        n_neighbors = min(self.n_neighbors or _DEFAULT_NEIGHBORS, len(X) - 1)
        indices, distances = nearest_neighbors(
            X,
            n_neighbors,
            metric=self.metric,
            random_state=random_state,
            n_jobs=self.n_jobs,
        )
        graph = dict(weights=self.weights, gamma=self._effective_gamma(X.shape[1]))
        W = neighbor_affinity(indices, distances, **graph)
        count, labels = connected_components(W, directed=False)
        if count > n_components:
            warnings.warn(
                f"Graph is not fully connected, it has {count} components: joined "
                f"to {n_components} by the shortest missing edges. Raise "
                "n_neighbors if the result surprises.",
                UserWarning,
                stacklevel=4,
            )
            bridges = shortest_missing_edges(X, labels, n_components, self.metric)
            W = neighbor_affinity(indices, distances, **graph, bridges=bridges)
        return W, count

    def _train(self, network, X, graph, random_state):
        """Train the network by the chosen solver; return the loss of each epoch."""
        stochastic = self.eigen_solver == "stochastic"
        n_epochs = self._n_epochs(len(X))
        seed = random_state.randint(np.iinfo(np.int32).max)
        n_outputs = len(network.output_weight)
        if not stochastic:
            with self._progress("eigenvectors", total=1) as bar:
                _, targets = graph.eigenpairs(
                    min(n_outputs + 1, len(X)),
                    solver=self.eigen_solver or "arpack",
                    tol=self.eigen_tol,
                    random_state=random_state,
                )
                bar.update()
            targets = targets[:, 1:]
            # With fewer rows than outputs the spare outputs learn zero.
            spare = n_outputs - targets.shape[1]
            targets = np.pad(targets, ((0, 0), (0, spare)))
        with self._progress("training", total=n_epochs) as bar:

            def progress(loss):
                bar.set_postfix(loss=f"{loss:.3g}")
                bar.update()

            options = dict(
                batch_size=self.batch_size,
                seed=seed,
                device=self.device,
                n_epochs=n_epochs,
                learning_rate=self.learning_rate_init,
                tol=self.tol,
                progress=progress,
            )
            if stochastic:
                uniform = self.laplacian == "unnormalized"
                losses = fitting.fit_spectral_loss(
                    network, X, graph.W, uniform_mass=uniform, **options
                )
                _warn_if_unconverged(losses)
                return losses
            return fitting.fit_eigenvectors(network, X, targets, graph.mass, **options)

    def _n_epochs(self, n_samples):
        """Epochs at the most: "auto" gives small data enough steps."""
        if self.max_iter != "auto":
            return self.max_iter
        batch_size = 1024 if self.batch_size == "auto" else self.batch_size
        steps_per_epoch = -(-n_samples // batch_size)
        fewest = _LEAST_EPOCHS[self.eigen_solver == "stochastic"]
        return max(fewest, -(-_LEAST_STEPS // steps_per_epoch))

    def _effective_gamma(self, n_features):
        """The coefficient of the heat weights."""
        return self._default_gamma(n_features) if self.gamma is None else self.gamma

    def _progress(self, stage, total):
        return tqdm(total=total, desc=stage, disable=not self.verbose)


def _warn_if_unconverged(losses):
    if len(losses) > 1 and losses[-1] < 0.9 * losses[-2]:
        warnings.warn(
            f"The spectral loss still fell from {losses[-2]:.3g} to {losses[-1]:.3g} "
            f"in the last of {len(losses)} epochs: raise max_iter.",
            ConvergenceWarning,
            stacklevel=5,
        )
