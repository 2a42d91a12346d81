"""What the two estimators share: parameters, and the fit from rows to a map."""

from functools import partial
from numbers import Integral, Real

from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.random import sample_without_replacement

from ._checkpoint import open_checkpoint
from ._engine.distributed import from_first_rank
from ._engine.network_state import network_state
from ._engine.row_forms import row_form
from ._graph.affinity import WEIGHTS
from ._graph.constraints import build_constraints
from ._graph.construction import GRAPH_AFFINITIES
from ._graph.distances import METRICS, check_metric
from ._graph.eigensolvers import check_solver
from ._graph.kernels import KERNELS
from ._graph.laplacian import Laplacian
from ._graph_building import GraphBuilding, validated_affinity
from ._learned_space import LearnedSpace
from ._map_learning import Choice, MapLearning, Start
from ._network_estimator import NetworkEstimator
from ._sampling import draw_sample, of_sample
from ._stored_rows import StoredRows, map_chunks
from ._training_distance import TrainingDistance

_ROWS_KEPT = 1000
_NEIGHBOR_AFFINITIES = {"nearest_neighbors", "siamese", "parameter_free"}
_AFFINITIES = {*GRAPH_AFFINITIES, *KERNELS, *_NEIGHBOR_AFFINITIES}


class BaseSpectralNet(LearnedSpace, GraphBuilding, MapLearning, NetworkEstimator):
    """The steps from rows to a graph, its eigenvectors, and a map to them."""

    _parameter_constraints: dict = {
        **NetworkEstimator._parameter_constraints,
        "eigen_solver": [StrOptions({"arpack", "lobpcg", "amg", "stochastic"}), None],
        "gamma": [Interval(Real, 0, None, closed="left"), None],
        "affinity": [StrOptions(_AFFINITIES), callable],
        "n_neighbors": [Interval(Integral, 1, None, closed="left"), None],
        "weights": [StrOptions(set(WEIGHTS))],
        "metric": [StrOptions(set(METRICS)), callable],
        "affinity_transformer": [HasMethods(["fit", "transform", "get_params"]), None],
        "laplacian": [StrOptions({"normalized", "unnormalized"})],
        "eigen_tol": [Interval(Real, 0, None, closed="left"), StrOptions({"auto"})],
        "degree": [Interval(Real, 0, None, closed="left")],
        "coef0": [Interval(Real, None, None, closed="neither")],
        "kernel_params": [dict, None],
        "hidden_layer_sizes": [
            *NetworkEstimator._parameter_constraints["hidden_layer_sizes"],
            StrOptions({"auto"}),
        ],
        "batch_size": [
            Interval(Integral, 2, None, closed="left"),
            StrOptions({"auto"}),
        ],
        "max_samples": [Interval(Integral, 2, None, closed="left"), None],
        "warm_start": ["boolean"],
        "n_jobs": [Integral, None],
    }

    def fit_transform(self, X, y=None, **fit_params):
        """Learn the map and return the embedding of the training rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows, as for `fit`.
        y : None
            Ignored.
        **fit_params : dict
            Passed to `fit`.

        Returns
        -------
        {ndarray, dask.array.Array} of shape (n_samples, n_components)
            The same as ``fit(X).transform(X)`` if X contains features. A graph given as
            X may connect its own rows by different edges than new rows.
        """
        self._check_container(X)
        return self.fit(X, y, **fit_params).embedding_

    def score(self, X, y=None):
        """Negative mean Ritz value of the map on the graph of the given rows.

        The score is -tr((Y^T M Y)^-1 Y^T L Y) / n_components, where Y is the embedding
        of X and L is the Laplacian of the graph of X. Use it to compare maps on one
        graph, for different layers, epochs or learning rates. It cannot compare graphs,
        since the loss falls as the graph breaks up. To choose `n_neighbors`, `weights`,
        `affinity`, `metric`, `gamma` or `n_components`, use a scorer of labels or your
        own judgement.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        y : None
            Ignored.

        Returns
        -------
        float
            The score. Higher is better, and zero is the best.

        Raises
        ------
        ValueError
            If `affinity` takes graphs instead of features.
        """
        self = self._fitted()
        self._check_features(
            "score", "use a scorer of labels, such as adjusted_rand_score"
        )
        X = self._validate_rows(X, reset=False, ensure_min_samples=2)
        Z = self._graph_features(X)
        affinity = self._affinity(Z, check_random_state(self.random_state))
        graph = Laplacian(affinity.W, self.laplacian)
        return -float(graph.ritz(self._transform(X))[0].mean())

    def score_samples(self, X):
        """Measure how near each row is to the training rows, to detect drift.

        The score is minus the distance to the nearest of up to 1,000 training rows,
        which the fitted estimator keeps. The distance is the Mahalanobis distance for
        the shrunk covariance of these rows, divided by the square root of the number of
        features; its unit is roughly a standard deviation. Compare the scores of new
        rows with the scores of held-out rows, by their mean or a low quantile.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows, as for `transform`.

        Returns
        -------
        {ndarray, dask.array.Array} of shape (n_samples,)
            Score of each row, float64. It is zero for a row that was kept, and lower
            the farther the row is.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If `affinity` takes graphs instead of features.
        """
        self = self._fitted()
        self._check_features("score_samples", "look at a row's sum of affinities")
        self._check_rows_kept()
        X = self._open_rows(X, reset=False)
        distance = self._training_distance
        if hasattr(X, "map_rows"):
            return -X.map_rows(distance.column, self._row_map(), 1)[:, 0]
        (distances,) = map_chunks(lambda rows: (distance(rows),), X)
        return -distances

    def _check_features(self, method, advice):
        if self.affinity in GRAPH_AFFINITIES:
            raise ValueError(
                f"{method} reads features, and affinity={self.affinity!r} takes graphs "
                f"instead: {advice}."
            )

    def _check_rows_kept(self):
        if not hasattr(self, "_training_distance"):
            raise ValueError(
                "score_samples compares with training rows, and the file of this "
                "estimator is of an earlier version of sknet-spectral, which kept "
                "none: fit again, and save."
            )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self.affinity in GRAPH_AFFINITIES
        return tags

    @property
    def _n_features_out(self):
        return self.embedding_.shape[1]

    def _transform(self, X):
        if hasattr(self, "network_"):
            return super()._transform(X)
        extension, affinities = self._extension
        return extension(affinities(X))

    def _fit(self, X, affinity_matrix, **supervision):
        """Fit the graph, its eigenvectors and the map.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows, or a graph.
        affinity_matrix : {array-like, sparse matrix} or None
            The graph, if X has the features.
        **supervision
            `partial_labels`, `must_link` and `cannot_link`.

        Returns
        -------
        X : {ndarray, csr_matrix, StoredRows} of shape (n_samples, n_features)
            The rows, validated.
        embedding : ndarray of shape (n_drawn, n_components)
            The embedding of those that were drawn, float64.
        compared_on : {ndarray, csr_matrix} of shape (n_drawn, n_drawn)
            The graph on which partitions are compared.
        """
        earlier = getattr(self, "network_", None) if self.warm_start else None
        self._forget()
        X = self._open_rows(X, ensure_min_samples=2)
        random_state = check_random_state(self.random_state)
        if self.max_samples is not None and self.max_samples < X.shape[0]:
            self._check_sampling(affinity_matrix)
            rows, supervision = self._draw_sample(X, supervision, random_state)
        else:
            rows = X.read() if isinstance(X, StoredRows) else X
        given = None
        if affinity_matrix is not None:
            given = validated_affinity(
                affinity_matrix, rows.shape[0], "affinity_matrix"
            )
        constraints = build_constraints(rows.shape[0], **supervision)
        self._check_parameters(rows.shape[0])
        checkpoint = open_checkpoint(
            self,
            rows,
            given and given.W,
            constraints,
            earlier and network_state(earlier),
        )
        if given is None:
            self._fit_affinity_transformer(rows, random_state, supervision)
        Z = self._graph_features(rows)
        if Z is not rows:
            Z = from_first_rank(lambda: Z)  # a transformer may not repeat itself
            checkpoint = checkpoint.of_space(Z)
        with self._progress("neighbors", total=1) as bar:
            affinity, random_state = from_first_rank(
                lambda: (given or self._affinity(Z, random_state), random_state)
            )
            bar.update()
        W = self._join_components(affinity, Z)
        # Lists of neighbours have served, and fill as much memory as the graph.
        affinity = affinity._replace(W=None, join=None)
        if constraints is not None:
            W = self._constrained(W, constraints)
        compared_on, random_state = self._comparison_affinity(
            rows, W, constraints, random_state
        )
        choice = Choice(partial(affinity.count_clusters, W), compared_on, random_state)
        form = row_form(self.metric if self._measures_rows(given) else None)
        start = Start(random_state, checkpoint, earlier, form)
        graph = Laplacian(W, self.laplacian)
        with self._fit_task(rows):
            if affinity.extend is None:
                embedding = self._fit_network(rows, graph, choice, start)
            else:
                embedding = self._fit_extension(affinity.extend, graph, choice, start)
        if affinity.extend is None:
            kept = _some_rows(rows.shape[0], random_state)
            self._training_distance = TrainingDistance(rows[kept])
        self.affinity_matrix_ = W
        self.gamma_ = self._effective_gamma(Z.shape[1])
        self.n_neighbors_ = affinity.n_neighbors
        return X, embedding, compared_on

    def _measures_rows(self, given):
        """Tell whether the graph is one of the rows themselves, by the metric."""
        by_metric = self.affinity in ("nearest_neighbors", "parameter_free")
        learned = hasattr(self, "affinity_transformer_")
        return given is None and by_metric and not learned

    def _draw_sample(self, X, supervision, random_state):
        """Draw the rows of which the graph is built, and what is known of them."""
        # What is wrong with a pair is said of X's rows, not of the sample's.
        build_constraints(X.shape[0], **supervision)
        sample = draw_sample(X.shape[0], self.max_samples, supervision, random_state)
        self.sample_indices_ = sample
        rows = X.take(sample) if isinstance(X, StoredRows) else X[sample]
        return rows, of_sample(supervision, sample)

    def _of_all_rows(self, functions, X, embedding):
        """Apply functions of the embedding to all rows, drawn or not."""
        if hasattr(self, "sample_indices_"):
            return self._map_rows(functions, X, embedding.shape[1])
        results = [function(embedding) for function in functions]
        return X.in_blocks(results) if hasattr(X, "in_blocks") else results

    def _check_sampling(self, affinity_matrix):
        if affinity_matrix is not None or self.affinity in GRAPH_AFFINITIES:
            raise ValueError(
                f"max_samples={self.max_samples} draws rows and builds their graph "
                "anew, but a graph was given: leave max_samples at None."
            )

    def _check_parameters(self, n_samples):
        check_solver(self.eigen_solver)
        check_metric(self.metric)
        self._check_affinity_transformer()
        self._check_training()

    def _rows_name(self, n_samples):
        """Say what limits the number of rows of which the graph is built."""
        return "max_samples" if n_samples == self.max_samples else "n_samples"


def _some_rows(n_samples, random_state):
    n_kept = min(n_samples, _ROWS_KEPT)
    return sample_without_replacement(n_samples, n_kept, random_state=random_state)
