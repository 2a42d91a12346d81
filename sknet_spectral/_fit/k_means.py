"""K-means on the rows of an embedding: the centres, and the rule of its labels."""

from typing import NamedTuple

import numpy as np
from sklearn.cluster import KMeans, kmeans_plusplus

from .._graph.parts import few_distinct
from .._graph.threads import few_threads
from .assignment import NearestCenter, rows_to_cluster

_MAX_POINTS = 100_000
# Initial centres are drawn among so many rows, or so many for each.
_INITIAL_ROWS, _ROWS_PER_CENTER = 2_000, 20


class FoundCenters(NamedTuple):
    """What k-means finds.

    Attributes
    ----------
    centers : ndarray of shape (at most n_clusters, n_components)
        The centres.
    inertia : float
        Sum of the squared distances of the points to them.
    """

    centers: np.ndarray
    inertia: float


def drawn_rows(Y: np.ndarray, random_state: np.random.RandomState) -> np.ndarray:
    """Draw the rows among which k-means finds centres: all, or 100,000 of more.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_components)
        Embedding of the training rows.
    random_state : numpy.random.RandomState
        What they are drawn from.

    Returns
    -------
    ndarray of shape (at most 100,000, n_components)
        The rows.
    """
    if len(Y) <= _MAX_POINTS:
        return Y
    return Y[random_state.permutation(len(Y))[:_MAX_POINTS]]


def k_means_rule(
    Y: np.ndarray,
    n_clusters: int,
    *,
    unit_length: bool,
    n_init: int,
    random_state: np.random.RandomState,
    verbose: bool,
) -> NearestCenter:
    """Find centres by k-means, and return the rule of the nearest one.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_components)
        Embedding of the training rows, float64.
    n_clusters : int
        Number of centres.
    unit_length : bool
        Whether rows are scaled to unit length first.
    n_init, random_state, verbose
        As in `k_means`.

    Returns
    -------
    NearestCenter
        The rule. Each of its centres is the nearest of at least one row.
    """
    points = rows_to_cluster(Y, unit_length)
    centers, _ = k_means(
        points,
        n_clusters,
        n_init=n_init,
        random_state=random_state,
        verbose=verbose,
    )
    return NearestCenter(centers, unit_length=unit_length).without_empty(Y)


def k_means(
    points: np.ndarray,
    n_clusters: int,
    *,
    n_init: int,
    random_state: np.random.RandomState,
    verbose: bool,
) -> FoundCenters:
    """Find centres among points.

    Fewer distinct points than clusters are not an error: each distinct point is then a
    centre of its own.

    Parameters
    ----------
    points : ndarray of shape (n_samples, n_components)
        The points, float64.
    n_clusters : int
        Number of centres.
    n_init : int
        Runs of k-means; the best is kept.
    random_state : numpy.random.RandomState
        Source of the initial centres.
    verbose : bool
        Whether k-means prints what it does.

    Returns
    -------
    FoundCenters
        The centres.
    """
    distinct = few_distinct(points, n_clusters)
    if distinct is not None:
        return FoundCenters(distinct, 0.0)
    kmeans = KMeans(
        n_clusters,
        init=_initial_centers,
        n_init=n_init,
        random_state=random_state,
        verbose=verbose,
    )
    with few_threads(len(points)):
        kmeans.fit(points)
    return FoundCenters(kmeans.cluster_centers_, kmeans.inertia_)


def _initial_centers(
    points: np.ndarray, n_centers: int, random_state: np.random.RandomState
) -> np.ndarray:
    """Draw centres by k-means++, which on many rows takes longer than k-means."""
    n_rows = max(_INITIAL_ROWS, _ROWS_PER_CENTER * n_centers)
    if len(points) > n_rows:
        points = points[random_state.permutation(len(points))[:n_rows]]
    return kmeans_plusplus(points, n_centers, random_state=random_state)[0]
