"""The parameters of the two spectral estimators: their values, and their stages."""

from abc import ABCMeta, abstractmethod
from numbers import Real

from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    RealNotInt,
    StrOptions,
)

from .._engine.gpu_search import search_on_gpu
from .._fit.options import EigenOptions, GraphOptions
from .._fit.sample.sampling import Sample
from .._fit.sample.space import LEARNED_AFFINITIES, SpaceOptions, check_transformer
from .._fit.spectral_map.components import Components
from .._fit.spectral_map.fit_options import FitOptions
from .._graph.affinities.construction import GRAPH_AFFINITIES
from .._graph.affinities.kernels import KERNELS
from .._graph.affinities.weights import WEIGHTS
from .._graph.eigenvectors.eigensolvers import check_solver
from .._graph.metrics.distances import METRICS, check_metric
from .learned_spaces import space_transformer
from .network_estimator import NetworkEstimator
from .parameter_types import NUMBERS_OF_JOBS, WholeNumbers, check_instance
from .siamese import SiameseTransformer

_OF_ROWS = "nearest_neighbors", "parameter_free"
_AFFINITIES = {*GRAPH_AFFINITIES, *KERNELS, *LEARNED_AFFINITIES, *_OF_ROWS}


class SpectralParameters(NetworkEstimator, metaclass=ABCMeta):
    """Allowed values of the parameters, and the options that a fit makes of them."""

    _parameter_constraints: dict = {
        **NetworkEstimator._parameter_constraints,
        "eigen_solver": [StrOptions({"arpack", "lobpcg", "amg", "stochastic"}), None],
        "gamma": [Interval(Real, 0, None, closed="left"), None],
        "affinity": [StrOptions(_AFFINITIES), callable],
        "n_neighbors": [WholeNumbers(1), None],
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
            WholeNumbers(2),
            StrOptions({"auto"}),
        ],
        "max_samples": [
            WholeNumbers(2),
            Interval(RealNotInt, 0, 1, closed="neither"),
            None,
        ],
        "warm_start": ["boolean"],
        "n_jobs": [*NUMBERS_OF_JOBS, None],
    }

    def _check_parameters(self, sample: Sample) -> None:
        check_solver(self.eigen_solver)
        check_metric(self.metric)
        transformer = self.affinity_transformer
        check_instance(transformer, "affinity_transformer", "a transformer")
        check_transformer(transformer, self.affinity)
        self._check_training()

    def _fit_options(self) -> FitOptions:
        return FitOptions(
            self._space_options(),
            self._graph_options(),
            EigenOptions(self.laplacian, self.eigen_solver or "arpack", self.eigen_tol),
            self._components(),
            self._training_options(),
        )

    def _space_options(self) -> SpaceOptions:
        transformer = self.affinity_transformer
        if self.affinity in LEARNED_AFFINITIES:
            transformer = space_transformer(
                self.affinity,
                self.n_features_in_,
                metric=self.metric,
                device=self.device,
                n_jobs=self.n_jobs,
                verbose=self.verbose,
            )
        is_siamese = isinstance(transformer, SiameseTransformer)
        return SpaceOptions(
            transformer,
            paired_by=transformer.metric if is_siamese else None,
            checkpoint_dir=self.checkpoint_dir,
        )

    def _graph_options(self) -> GraphOptions:
        # A Siamese network learns Euclidean distances from those of any metric.
        is_siamese = self.affinity == "siamese"
        is_learned = self.affinity in LEARNED_AFFINITIES
        kernel_params = dict(self.kernel_params or {})
        if not callable(self.affinity):
            kernel_params |= {"degree": self.degree, "coef0": self.coef0}
        return GraphOptions(
            affinity="nearest_neighbors" if is_learned else self.affinity,
            n_neighbors=self.n_neighbors,
            weights=self.weights,
            metric="euclidean" if is_siamese else self.metric,
            gamma=self._gamma,
            kernel_params=kernel_params,
            n_jobs=self.n_jobs,
            search_on_gpu=search_on_gpu(self.device),
        )

    @abstractmethod
    def _components(self) -> Components:
        """Say which eigenvectors are wanted as components."""

    @abstractmethod
    def _default_gamma(self, n_features: int) -> float:
        """Return `gamma` for rows with this number of features."""

    def _gamma(self, n_features: int) -> float:
        return self._default_gamma(n_features) if self.gamma is None else self.gamma
