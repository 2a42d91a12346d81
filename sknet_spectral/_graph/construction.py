"""From rows, distances or affinities to the graph that an estimator asks for."""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from .affinity import (
    SMALLEST_WEIGHT,
    Neighbors,
    neighbor_affinity,
    query_affinity,
)
from .cluster_count import count_clusters
from .copies import find_copies
from .gaps import NoGaps, StoredGaps
from .kernels import (
    add_edges,
    check_affinities,
    check_affinity,
    kernel_affinity,
    tells_lengths,
    warn_if_affinities,
)
from .neighbors import nearest_neighbors, others, stored_neighbors
from .reduction import number_of_clusters, parameter_free_affinity

# Of these, X is not rows of features but already a graph.
# In no set: an affinity that is a function need not be hashable.
GRAPH_AFFINITIES = ("precomputed", "precomputed_nearest_neighbors")
_DEFAULT_NEIGHBORS = 15
_MANY_AT_THE_FLOOR, _FEW_ROWS = 0.1, 50


def _by_eigenvalues(W, eigenvalues, Y, random_state):
    return number_of_clusters(W, eigenvalues)


class Affinity(NamedTuple):
    """An affinity matrix, and what can be done with it.

    Attributes
    ----------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The affinity matrix.
    join : callable
        Takes further edges (rows, columns, distances), returns the matrix with them.
    extend : callable or None
        Takes X of new rows, returns their affinities to the training rows; None
        where a network reads features instead.
    n_neighbors : int or None
        Neighbours of each row, if the graph is one of neighbours.
    count_clusters : callable
        Takes the graph, after what has been joined and known, its lowest eigenvalues
        and eigenvectors and a random state; returns a number of clusters.
    gaps : RowGaps, StoredGaps or NoGaps, default=None
        What is known of how far rows are from each other; None where the features say
        it.
    """

    W: Any
    join: Callable
    extend: Callable | None = None
    n_neighbors: int | None = None
    count_clusters: Callable = count_clusters
    gaps: Any = None


class GivenAffinities:
    """New rows are already affinities to the training rows."""

    def __call__(self, X):
        """Return them."""
        check_affinities(X.data if sparse.issparse(X) else X, "X")
        return X


class StoredDistances:
    """New rows are distances to training rows near them.

    Parameters
    ----------
    neighbors : Neighbors of shape (n_samples, n_neighbors)
        Neighbours among the training rows, which set their scales.
    n_neighbors : int or None
        How many of a new row's distances count; None means all.
    weights, gamma
        As in `neighbor_affinity`.
    """

    def __init__(self, neighbors, n_neighbors, *, weights, gamma):
        self.neighbors, self.n_neighbors = neighbors, n_neighbors
        self.weights, self.gamma = weights, gamma

    def __call__(self, X):
        """Return affinities of new rows, of shape (n_queries, n_samples)."""
        found = stored_neighbors(X, self.n_neighbors)
        return query_affinity(
            found, self.neighbors, weights=self.weights, gamma=self.gamma
        )


def given_affinity(W, n_samples, name):
    """Take a matrix of affinities between rows of features."""
    W = check_affinity(W, n_samples, name)
    return Affinity(W, partial(add_edges, W))


def build_affinity(X, affinity, *, neighbor_options, weight_options, kernel_options):
    """Build the affinity of rows by one of the package's names.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        Rows; or affinities or distances between them, by `affinity`.
    affinity : str or callable
        "nearest_neighbors", "parameter_free", "precomputed",
        "precomputed_nearest_neighbors", the name of a kernel, or a function of two
        rows.
    neighbor_options : dict
        `n_neighbors`, `metric`, `random_state`, `n_jobs`, `search_on_gpu`.
    weight_options : dict
        `weights` and `gamma`.
    kernel_options : dict
        Parameters of a kernel.

    Returns
    -------
    Affinity
        The graph.
    """
    n_samples = X.shape[0]
    n_neighbors = neighbor_options["n_neighbors"]
    if affinity == "precomputed":
        W = check_affinity(X, n_samples, "The precomputed affinity matrix X")
        return Affinity(W, partial(add_edges, W), GivenAffinities(), gaps=NoGaps())
    if affinity == "precomputed_nearest_neighbors":
        _check_square(X)
        warn_if_affinities(X)
        if n_neighbors is None and not sparse.issparse(X):
            # Of a whole matrix not all are neighbours.
            n_neighbors = effective_neighbors(None, n_samples) + 1
        # A stored diagonal entry counts among the n_neighbors, as in scikit-learn.
        neighbors = others(stored_neighbors(X, n_neighbors))
        extend = StoredDistances(neighbors, n_neighbors, **weight_options)
        graph = _neighbor_graph(neighbors, weight_options, extend)
        return graph._replace(gaps=StoredGaps(X) if tells_lengths(X) else NoGaps())
    if affinity == "nearest_neighbors":
        return _graph_of_rows(X, neighbor_options, weight_options)
    if affinity == "parameter_free":
        options = {name: neighbor_options[name] for name in ("metric", "n_jobs")}
        W = parameter_free_affinity(X, **options)
        return Affinity(W, partial(add_edges, W), count_clusters=_by_eigenvalues)
    W = kernel_affinity(X, affinity, **kernel_options)
    return given_affinity(W, n_samples, f"affinity={affinity!r}")


def effective_neighbors(n_neighbors, n_samples):
    """Clamp the number of neighbours to the data.

    None means 15, but on small data at most half of the other rows, so that what
    lies apart stays apart.
    """
    if n_neighbors is None:
        return max(1, min(_DEFAULT_NEIGHBORS, (n_samples - 1) // 2))
    return min(n_neighbors, n_samples - 1)


def warn_if_at_the_floor(W):
    """Say where edges keep the graph in one piece and no more.

    Parameters
    ----------
    W : csr_matrix of shape (n_samples, n_samples)
        Affinities of a neighbour graph.

    Warns
    -----
    UserWarning
        If more than a tenth of the edges have the smallest weight. Of few rows that may
        be one outlier.
    """
    n_least = np.count_nonzero(W.data <= SMALLEST_WEIGHT)
    if W.shape[0] >= _FEW_ROWS and n_least > _MANY_AT_THE_FLOOR * W.nnz:
        warnings.warn(
            f"{n_least / W.nnz:.0%} of the edges have the smallest weight there is: "
            "they join rows much farther apart than one of them is from its nearest "
            "others, and hold next to nothing together. Scale the columns, look for "
            "rows that are nearly copies, or use weights='uniform'.",
            UserWarning,
            stacklevel=2,
        )


def _warn_if_fewer(n_neighbors, count):
    if n_neighbors is not None and count < n_neighbors:
        warnings.warn(
            f"n_neighbors={n_neighbors} is more than the other distinct rows of X: all "
            f"{count} of them are neighbours. Lower it to see clusters.",
            UserWarning,
            stacklevel=2,
        )


def _graph_of_rows(X, neighbor_options, weight_options):
    """Join each distinct row to its nearest others; copies go with their original."""
    copies = find_copies(X, neighbor_options["metric"])
    distinct = X if len(copies.first) == X.shape[0] else X[copies.first]
    neighbors = _neighbors_of_distinct(distinct, neighbor_options)
    graph = _neighbor_graph(neighbors, weight_options)
    join = partial(_join_copies, copies, graph.join)
    return graph._replace(W=copies.spread(graph.W), join=join)


def _join_copies(copies, join_distinct, extra_edges):
    rows, columns, lengths = extra_edges
    ends = copies.group[rows], copies.group[columns]
    return copies.spread(join_distinct((*ends, lengths)))


def _neighbors_of_distinct(X, neighbor_options):
    if X.shape[0] == 1:
        return Neighbors(np.zeros((1, 1), dtype=np.int64), np.full((1, 1), np.inf))
    n_neighbors = neighbor_options["n_neighbors"]
    count = effective_neighbors(n_neighbors, X.shape[0])
    _warn_if_fewer(n_neighbors, count)
    return nearest_neighbors(X, **{**neighbor_options, "n_neighbors": count})


def _neighbor_graph(neighbors, weight_options, extend=None):
    _warn_if_vanished(neighbors.distances, **weight_options)
    build = partial(neighbor_affinity, neighbors, **weight_options)
    return Affinity(build(), build, extend, neighbors.indices.shape[1])


def _warn_if_vanished(distances, weights, gamma):
    """Say where "heat" leaves most edges nothing: all of them then weigh the same."""
    if weights != "heat":
        return
    lengths = distances[np.isfinite(distances)]
    typical = np.median(lengths) if lengths.size else 0.0
    if np.sqrt(gamma) * typical > np.sqrt(-np.log(SMALLEST_WEIGHT)):
        warnings.warn(
            f"weights='heat' with gamma={gamma:.3g} leaves half of the edges, or more, "
            "the smallest weight there is: the median distance of neighbours is "
            f"{typical:.3g}. Lower gamma to about {typical**-2.0:.3g}, scale the rows, "
            "or use weights='local_scaling'.",
            UserWarning,
            stacklevel=2,
        )


def _check_square(X):
    if X.shape[0] != X.shape[1]:
        raise ValueError(
            "affinity='precomputed_nearest_neighbors' needs distances between all "
            f"pairs of training rows that are neighbours, got X of shape {X.shape}."
        )
