"""The space in which the graph is built: the rows' own, or one that is learned."""

from sklearn.base import clone
from sklearn.utils import check_array

from ._graph.construction import GRAPH_AFFINITIES
from ._network_estimator import ROWS_DTYPE, draw_seed
from ._siamese import SiameseTransformer


class LearnedSpace:
    """The part of `fit` that comes before the graph, for both estimators."""

    def _check_affinity_transformer(self):
        """Refuse a transformer where the affinity leaves it nothing to do."""
        transformer = self.affinity_transformer
        if transformer is None:
            return
        if self.affinity == "siamese":
            raise ValueError(
                "affinity='siamese' brings its own transformer, got "
                f"affinity_transformer={transformer!r} too: use "
                "affinity='nearest_neighbors' with it."
            )
        if self.affinity in GRAPH_AFFINITIES:
            raise ValueError(
                f"affinity_transformer maps features, but affinity={self.affinity!r} "
                "takes a graph as X."
            )

    def _fit_affinity_transformer(self, X, random_state, supervision):
        """Fit a clone of the transformer in whose space the graph is built."""
        transformer = self.affinity_transformer
        if self.affinity == "siamese":
            transformer = SiameseTransformer(
                metric=self.metric,
                device=self.device,
                n_jobs=self.n_jobs,
                verbose=self.verbose,
            )
        if transformer is None:
            return
        transformer = clone(transformer)
        _set_unset(transformer, draw_seed(random_state), self.checkpoint_dir)
        known = supervision if isinstance(transformer, SiameseTransformer) else {}
        transformer.fit(X, **known)
        self.affinity_transformer_ = transformer

    def _graph_features(self, X):
        """Return what the graph is built of: X, or its image in a learned space."""
        if not hasattr(self, "affinity_transformer_"):
            return X
        name = "affinity_transformer_.transform(X)"
        Z = self.affinity_transformer_.transform(X)
        Z = check_array(Z, accept_sparse="csr", dtype=ROWS_DTYPE, input_name=name)
        if Z.shape[0] != X.shape[0]:
            raise ValueError(
                f"{name} must have a row for each of the {X.shape[0]} rows of X, got "
                f"{Z.shape[0]}."
            )
        return Z


def _set_unset(transformer, seed, checkpoint_dir):
    """Give a transformer, and those within it, the seeds and folders they lack."""
    for name, value in sorted(transformer.get_params().items()):
        parameter = name.rpartition("__")[2]
        if value is not None:
            continue
        if parameter == "random_state":
            transformer.set_params(**{name: seed})
            seed += 1  # or networks side by side would be one and the same
        elif parameter == "checkpoint_dir":
            transformer.set_params(**{name: checkpoint_dir})
