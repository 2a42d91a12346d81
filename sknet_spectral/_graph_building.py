"""From rows to a graph, by the parameters of an estimator."""

import warnings

import numpy as np
from sklearn import config_context
from sklearn.utils import check_array

from ._engine.distributed import from_first_rank
from ._engine.gpu_search import search_on_gpu
from ._graph.affinity import WeightOptions
from ._graph.components import attach, connected_components
from ._graph.constraints import constrain_affinity
from ._graph.construction import (
    build_affinity,
    given_affinity,
)
from ._graph.gaps import RowGaps
from ._graph.neighbors import NeighborOptions
from ._graph.weak_edges import warn_if_at_the_floor
from ._network_estimator import ROWS_DTYPE
from ._siamese import SiameseTransformer

# A piece of fewer rows than this share of a mean cluster is no cluster of its own.
_LEAST_PIECE = 0.05


class GraphBuilding:
    """The part of `fit` that comes between the space and the map, for both estimators.

    An estimator says how many components of the graph its embedding can tell apart
    (`_most_connected`) and what `gamma` is by default (`_default_gamma`).
    """

    def _affinity(self, X, random_state):
        """Build the graph of rows that the parameters describe."""
        gamma = self._effective_gamma(X.shape[1])
        if callable(self.affinity):
            kernel_options = self.kernel_params or {}
        else:
            kernel_options = {
                **(self.kernel_params or {}),
                "gamma": gamma,
                "degree": self.degree,
                "coef0": self.coef0,
            }
        affinity = build_affinity(
            X,
            "nearest_neighbors" if self.affinity == "siamese" else self.affinity,
            neighbor_options=self._neighbor_options(self._graph_metric, random_state),
            weight_options=WeightOptions(self.weights, gamma),
            kernel_options=kernel_options,
        )
        # "heat" has a warning of its own, and learned spaces draw groups apart.
        learned = hasattr(self, "affinity_transformer_")
        if affinity.n_neighbors and self.weights != "heat" and not learned:
            warn_if_at_the_floor(affinity.W)
        return affinity

    def _comparison_affinity(self, X, W, constraints, random_state):
        """Return the graph on which to compare numbers of components, and the state.

        A Siamese network draws together what its graph then joins: that graph finds
        nearly all its pieces good. The rows' own neighbours do not know it; weights
        and kernels are for the learned space.
        """
        learned = getattr(self, "affinity_transformer_", None)
        if self.n_components != "auto" or not isinstance(learned, SiameseTransformer):
            return W, random_state
        W, random_state = from_first_rank(
            lambda: (self._own_neighbors(X, learned.metric, random_state), random_state)
        )
        if constraints is not None:
            W = constrain_affinity(W, constraints)
        return W, random_state

    def _own_neighbors(self, X, metric, random_state):
        """Build the graph of rows that the weights' default describes."""
        return build_affinity(
            X,
            "nearest_neighbors",
            neighbor_options=self._neighbor_options(metric, random_state),
            weight_options=WeightOptions("local_scaling"),
            kernel_options={},
        ).W

    def _neighbor_options(self, metric, random_state):
        return NeighborOptions(
            n_neighbors=self.n_neighbors,
            metric=metric,
            random_state=random_state,
            n_jobs=self.n_jobs,
            search_on_gpu=search_on_gpu(self.device),
        )

    @property
    def _graph_metric(self):
        # A Siamese network learns Euclidean distances from those of any metric.
        return "euclidean" if self.affinity == "siamese" else self.metric

    def _join_components(self, affinity, X):
        """Join all but as many components as the embedding can tell apart."""
        count, labels = connected_components(affinity.W)
        self.n_connected_components_ = count
        if count == 1:
            return affinity.W
        most, W = self._most_connected(), affinity.W
        advice = "Raise n_neighbors, or widen the affinity, if that is too many."
        if count <= most:
            outcome = "each stays apart"
            alone = (np.bincount(labels) == 1).any()
            if affinity.extend and self.laplacian == "normalized" and alone:
                outcome += ", but a row without affinities gets a zero embedding"
        else:
            W, outcome = self._joined(affinity, X, labels, most)
        warnings.warn(
            f"Graph is not fully connected, it has {count} components: {outcome}. "
            f"{advice}",
            UserWarning,
            stacklevel=5,
        )
        return W

    def _constrained(self, W, constraints):
        """Apply what is known of pairs of rows; say if that cuts the graph apart."""
        before = connected_components(W)[0]
        W = constrain_affinity(W, constraints)
        count, most = connected_components(W)[0], self._most_connected()
        if count > max(most, before):
            warnings.warn(
                f"The constraints cut the graph into {count} components, and the "
                f"embedding can tell {most} apart: rows of the others are placed "
                "arbitrarily. Give fewer labels or cannot_link pairs, or more "
                "clusters or components.",
                UserWarning,
                stacklevel=5,
            )
        return W

    def _joined(self, affinity, X, labels, most):
        """Attach outliers to their nearest rows, and join the other components."""
        sizes = np.bincount(labels)
        is_core = sizes >= _LEAST_PIECE * len(labels) / most
        if not is_core.any():
            is_core[:] = True
        in_core = is_core[labels]
        gaps = affinity.gaps or RowGaps(X, self._graph_metric)
        W, outcomes, n_left = affinity.W, [], is_core.sum()
        if n_left > most:
            core = np.flatnonzero(in_core)
            renumbered = np.unique(labels[core], return_inverse=True)[1]
            edges = gaps.shortest_edges(core, renumbered, most)
            n_left -= len(edges[0])
            if len(edges[0]):
                W = affinity.join(edges)
                outcomes.append(
                    f"the shortest missing edges have joined them to {n_left}"
                )
        if not in_core.all():
            nearest = gaps.nearest_rows(in_core)
            W = attach(W, np.flatnonzero(~in_core), nearest)
            outcomes = [*_fates(nearest, np.sum(~is_core)), *outcomes]
        if n_left > most:
            outcomes.append(f"rows outside the largest {most} get a zero embedding")
        return W, ", ".join(outcomes)

    def _effective_gamma(self, n_features):
        """The coefficient of the heat weights and the kernels."""
        return self._default_gamma(n_features) if self.gamma is None else self.gamma


def _fates(nearest, n_small):
    """Say what becomes of the rows of small pieces, by their nearest rows."""
    known = nearest >= 0
    if known.any():
        yield (
            f"the {known.sum()} rows of {n_small} small ones follow the nearest row of "
            "a larger one"
        )
    if not known.all():
        yield (
            f"{np.sum(~known)} rows of small ones, of which none is known to be near, "
            "get a zero embedding"
        )


def validated_affinity(W, n_samples, name):
    """Take affinities that a user has given, or whose function has returned them.

    Parameters
    ----------
    W : {array-like, sparse matrix} of shape (n_samples, n_samples)
        The affinities.
    n_samples : int
        Number of rows that they belong to.
    name : str
        What to call the matrix in errors.

    Returns
    -------
    Affinity
        The graph.
    """
    with config_context(assume_finite=False):
        W = check_array(W, accept_sparse="csr", dtype=ROWS_DTYPE, input_name=name)
    return given_affinity(W, n_samples, name)
