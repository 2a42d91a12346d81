"""From rows, distances or affinities to the graph that an estimator asks for."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..._warnings import warn
from ..arrays import Edges, Matrix, Neighbors, is_sparse
from ..search.neighbors import NeighborOptions
from ..search.stored_neighbors import drop_self, stored_neighbors
from .affinity import WeightOptions, neighbor_affinity
from .copies import Copies, find_copies
from .gaps import Gaps, NoGaps, StoredGaps
from .kernels import add_edges, check_affinity, kernel_affinity
from .misread_matrices import has_lengths, warn_if_affinities
from .new_rows import GivenAffinities, StoredDistances
from .parameter_free import reduce_graph
from .rounding import rounded_to_zero
from .weak_edges import warn_if_vanished

# With these affinities, X is already a graph. They form a tuple, not a set, because an
# affinity to look up may be a callable that is not hashable.
GRAPH_AFFINITIES = ("precomputed", "precomputed_nearest_neighbors")
_DEFAULT_NEIGHBORS = 15


class JoinEdges(Protocol):
    """Adds edges to a graph."""

    def __call__(self, extra_edges: Edges, /) -> Matrix:
        """Return the affinity matrix with further edges."""


class Affinity(NamedTuple):
    """An affinity matrix, with the operations that depend on how it was built.

    Attributes
    ----------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The affinity matrix.
    join : callable
        Takes further edges (rows, columns, distances), returns the matrix with them.
    extend : callable or None
        Takes X for new rows, returns their affinities to the training rows. None if a
        network reads features instead.
    n_neighbors : int or None
        Number of neighbours of each row. None if this is not a neighbour graph.
    gaps : RowGaps, StoredGaps or NoGaps, default=None
        The known distances between rows. None if they are measured between features.
    """

    W: Matrix
    join: JoinEdges
    extend: Callable[[Matrix], Matrix] | None = None
    n_neighbors: int | None = None
    gaps: Gaps | None = None


def given_affinity(W: Matrix, n_samples: int, name: str) -> Affinity:
    """Check a matrix of affinities and make it a graph.

    Parameters
    ----------
    W : {ndarray, sparse matrix} of shape (n_samples, n_samples)
        The affinities.
    n_samples : int
        Number of rows of X.
    name : str
        Name of the matrix in error messages.

    Returns
    -------
    Affinity
        The graph.
    """
    W = check_affinity(W, n_samples, name)
    return Affinity(W, partial(add_edges, W))


def build_affinity(
    X: Matrix,
    affinity: str | Callable[..., float],
    *,
    neighbor_options: NeighborOptions,
    weight_options: WeightOptions,
    kernel_options: Mapping[str, Any],
) -> Affinity:
    """Build the graph that an affinity's name describes.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows. If `affinity` is "precomputed", the affinities between them; if it is
        "precomputed_nearest_neighbors", the distances.
    affinity : str or callable
        "nearest_neighbors", "parameter_free", "precomputed",
        "precomputed_nearest_neighbors", the name of a kernel, or a function of two
        rows.
    neighbor_options : NeighborOptions
        How to search for neighbours.
    weight_options : WeightOptions
        How a distance becomes a weight.
    kernel_options : dict
        Parameters of a kernel.

    Returns
    -------
    Affinity
        The graph.
    """
    n_samples = X.shape[0]
    if affinity == "precomputed":
        W = check_affinity(X, n_samples, "The precomputed affinity matrix X")
        return Affinity(W, partial(add_edges, W), GivenAffinities(), gaps=NoGaps())
    if affinity == "precomputed_nearest_neighbors":
        return _graph_of_distances(X, neighbor_options.n_neighbors, weight_options)
    if affinity == "nearest_neighbors":
        return _graph_of_rows(X, neighbor_options, weight_options)
    if affinity == "parameter_free":
        W = reduce_graph(
            X,
            metric=neighbor_options.metric,
            n_jobs=neighbor_options.n_jobs,
            report=neighbor_options.report,
        ).W
        return Affinity(W, partial(add_edges, W))
    W = kernel_affinity(X, affinity, **kernel_options)
    return given_affinity(W, n_samples, f"affinity={affinity!r}")


def effective_neighbors(n_neighbors: int | None, n_samples: int) -> int:
    """Limit the number of neighbours to what the data allow.

    None means 15, but on small data at most half of the other rows. Otherwise the graph
    would join distant groups.
    """
    if n_neighbors is None:
        return max(1, min(_DEFAULT_NEIGHBORS, (n_samples - 1) // 2))
    return min(n_neighbors, n_samples - 1)


def _warn_if_fewer(n_neighbors: int | None, count: int) -> None:
    if n_neighbors is not None and count < n_neighbors:
        warn(
            f"n_neighbors={n_neighbors} is more than the number of other distinct rows "
            f"of X: all {count} of them are neighbours. Lower n_neighbors to find "
            "clusters.",
        )


def _graph_of_distances(
    X: Matrix, n_neighbors: int | None, weight_options: WeightOptions
) -> Affinity:
    """Join each row to the nearest of the rows that a matrix has distances to."""
    _check_square(X)
    X = rounded_to_zero(X)
    if n_neighbors is None and not is_sparse(X):
        # A dense matrix has the distances to all rows, not to neighbours alone.
        n_neighbors = effective_neighbors(None, X.shape[0]) + 1
    # A stored diagonal entry counts among the n_neighbors, as in scikit-learn.
    neighbors = drop_self(stored_neighbors(X, n_neighbors))
    warn_if_affinities(X)
    extend = StoredDistances(
        neighbors,
        n_neighbors,
        weights=weight_options.weights,
        gamma=weight_options.gamma,
    )
    graph = _neighbor_graph(neighbors, weight_options, extend)
    return graph._replace(gaps=StoredGaps(X) if has_lengths(X) else NoGaps())


def _graph_of_rows(
    X: Matrix, neighbor_options: NeighborOptions, weight_options: WeightOptions
) -> Affinity:
    """Join each distinct row to its neighbours, and each copy to its original."""
    copies = find_copies(X, neighbor_options.metric)
    distinct = X if len(copies.first) == X.shape[0] else X[copies.first]
    neighbors = _neighbors_of_distinct(distinct, neighbor_options)
    graph = _neighbor_graph(neighbors, weight_options)
    join = partial(_join_copies, copies, graph.join)
    return graph._replace(W=copies.spread(graph.W), join=join)


def _join_copies(
    copies: Copies, join_distinct: JoinEdges, extra_edges: Edges
) -> Matrix:
    rows, columns, lengths = extra_edges
    ends = copies.group[rows], copies.group[columns]
    return copies.spread(join_distinct((*ends, lengths)))


def _neighbors_of_distinct(X: Matrix, options: NeighborOptions) -> Neighbors:
    if X.shape[0] == 1:
        return Neighbors(np.zeros((1, 1), dtype=np.int64), np.full((1, 1), np.inf))
    count = effective_neighbors(options.n_neighbors, X.shape[0])
    _warn_if_fewer(options.n_neighbors, count)
    return options.search(X, count)


def _neighbor_graph(
    neighbors: Neighbors,
    options: WeightOptions,
    extend: Callable[[Matrix], Matrix] | None = None,
) -> Affinity:
    warn_if_vanished(neighbors.distances, options)
    build = partial(
        neighbor_affinity, neighbors, weights=options.weights, gamma=options.gamma
    )
    return Affinity(build(), build, extend, neighbors.indices.shape[1])


def _check_square(X: Matrix) -> None:
    if X.shape[0] != X.shape[1]:
        raise ValueError(
            "affinity='precomputed_nearest_neighbors' needs a square matrix of "
            f"distances between the training rows, got X of shape {X.shape}."
        )
