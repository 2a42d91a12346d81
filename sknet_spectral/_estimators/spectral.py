"""What the two spectral estimators share: the fit of a map, and its scores."""

from functools import partial
from typing import Any

import numpy as np

from .._fit.progress import Monitor
from .._fit.sample.knowledge import Knowledge
from .._fit.sample.row_counts import check_counts
from .._fit.sample.sampling import SampleOptions, choose_sample
from .._fit.seeds import draw_seeds
from .._fit.spectral_map.row_maps import ExtensionMap, NetworkMap
from .._fit.spectral_map.score import mean_ritz_value
from .._fit.spectral_map.steps import SpectralFit, fit_spectral_map
from .._graph.affinities.construction import GRAPH_AFFINITIES
from .._persistence.checkpoint import open_checkpoint
from .._rows.opening import check_output_container, open_rows, validate_rows
from .._rows.rows import Result, Rows
from .fitted_state import check_in_file, fitted_copy, forget, publish
from .spectral_parameters import SpectralParameters


class BaseSpectralNet(SpectralParameters):
    """A network that maps rows into the eigenspace of their graph."""

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Result:
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
        check_output_container(self, X)
        return self.fit(X, y, **fit_params).embedding_

    def score(self, X: Any, y: Any = None) -> float:
        """Negative mean Ritz value of the map on the graph of the given rows.

        The score is -tr((Y^T M Y)^-1 Y^T L Y) / n_components, where Y is the embedding
        of X and L is the Laplacian of the graph of X. Use it to compare maps on one
        graph, for different layers, epochs or learning rates. It cannot compare graphs,
        because the fewer edges a graph has, the better the score. To choose
        `n_neighbors`, `weights`, `affinity`, `metric`, `gamma` or `n_components`, use a
        scorer of labels or your own judgement.

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
        self = fitted_copy(self)
        self._check_features(
            "score", "use a scorer of labels, such as adjusted_rand_score"
        )
        X = validate_rows(self, X, reset=False, ensure_min_samples=2)
        return -mean_ritz_value(
            X,
            self._row_map(),
            getattr(self, "affinity_transformer_", None),
            self._graph_options(),
            self.laplacian,
            draw_seeds(self.random_state).neighbors,
        )

    def score_samples(self, X: Any) -> Result:
        """Measure how near each row is to the training rows, to detect drift.

        The score is minus the distance to the nearest of up to 1,000 training rows,
        which the fitted estimator keeps. The distance is the Mahalanobis distance for
        the shrunk covariance of these rows, divided by the square root of the number of
        features; its unit is roughly a standard deviation. The shrinkage hides columns
        that vary far less than others: scale them first. Compare the scores of new rows
        with the scores of held-out rows, by their mean or a low quantile.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows, as for `transform`.

        Returns
        -------
        {ndarray, dask.array.Array} of shape (n_samples,)
            Score of each row, float64. It is zero for a row that was kept, up to
            rounding, and lower the farther the row is.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If `affinity` takes graphs instead of features.
        """
        self = fitted_copy(self)
        self._check_features("score_samples", "look at a row's sum of affinities")
        check_in_file(
            self, "_training_distance", "score_samples compares with training rows"
        )
        rows = open_rows(self, X, reset=False)
        (scores,) = rows.map(self._training_distance.column, 1, [_negated])
        return scores

    def _check_features(self, method: str, advice: str) -> None:
        if self.affinity in GRAPH_AFFINITIES:
            raise ValueError(
                f"{method} reads features, and affinity={self.affinity!r} takes graphs "
                f"instead: {advice}."
            )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self.affinity in GRAPH_AFFINITIES
        return tags

    @property
    def _n_features_out(self) -> int:
        return self.embedding_.shape[1]

    def _row_map(self) -> NetworkMap | ExtensionMap:
        if hasattr(self, "network_"):
            return super()._row_map()
        return ExtensionMap(*self._extension)

    def _learn(
        self,
        X: Any,
        affinity_matrix: Any,
        knowledge: Knowledge,
        sample_weight: Any,
        monitor: Monitor,
    ) -> tuple[Rows, SpectralFit]:
        """Validate the rows and the parameters, and learn the map."""
        earlier = getattr(self, "network_", None) if self.warm_start else None
        forget(self)
        rows = open_rows(self, X, ensure_min_samples=2)
        seeds = draw_seeds(self.random_state)
        options = SampleOptions(
            self.max_samples,
            is_graph=affinity_matrix is not None or self.affinity in GRAPH_AFFINITIES,
            keeps_order=callable(self.affinity),
        )
        counts = check_counts(sample_weight, X, rows, options.is_graph)
        sample = choose_sample(rows, counts, knowledge, options, seeds.sample)
        self._check_parameters(sample)
        fit = fit_spectral_map(
            sample,
            affinity_matrix,
            earlier,
            self._fit_options(),
            partial(open_checkpoint, self),
            seeds,
            monitor,
        )
        return rows, fit

    def _publish_fit(self, fit: SpectralFit, **attributes: Any) -> None:
        """Set the fitted attributes: those of both estimators, and the given ones."""
        publish(self, fit.attributes() | attributes)


def _negated(distances: np.ndarray) -> np.ndarray:
    return -distances[:, 0]
