"""K-means on the rows of an embedding: the centres, and the rule of its labels."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sklearn.cluster import KMeans, kmeans_plusplus

from ..._graph.clusters.parts import few_distinct
from ..._graph.threads import few_threads
from .assignment import NearestCenter, rows_to_cluster

_MAX_POINTS = 100_000
# Rows among which initial centres are drawn: in all, or for each centre.
_INITIAL_ROWS, _ROWS_PER_CENTER = 2_000, 20


@dataclass(frozen=True, kw_only=True)
class KMeansOptions:
    """How k-means finds centres.

    Attributes
    ----------
    unit_length : bool
        Whether rows of the embedding are scaled to unit length.
    n_init : int
        Number of runs.
    verbose : bool, default=False
        Whether k-means prints what it does.
    """

    unit_length: bool
    n_init: int
    verbose: bool = False


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


def draw_rows(Y: np.ndarray, random_state: np.random.RandomState) -> np.ndarray:
    """Draw the rows on which k-means runs, at most 100,000.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_components)
        Embedding of the training rows.
    random_state : numpy.random.RandomState
        Source of the draws.

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
    options: KMeansOptions,
    random_state: np.random.RandomState,
) -> NearestCenter:
    """Find centres by k-means, and return the rule of the nearest one.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_components)
        Embedding of the training rows, float64.
    n_clusters : int
        Number of centres.
    options : KMeansOptions
        How they are found.
    random_state : numpy.random.RandomState
        Source of the initial centres.

    Returns
    -------
    NearestCenter
        The rule. Each of its centres is the nearest of at least one row.
    """
    centers, _ = k_means(Y, n_clusters, options, random_state)
    return NearestCenter(centers, unit_length=options.unit_length).without_empty(Y)


def k_means(
    Y: np.ndarray,
    n_clusters: int,
    options: KMeansOptions,
    random_state: np.random.RandomState,
) -> FoundCenters:
    """Find centres among rows of an embedding.

    Fewer distinct points than clusters are not an error: each distinct point is then a
    centre of its own.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_components)
        The rows, float64.
    n_clusters : int
        Number of centres.
    options : KMeansOptions
        How they are found. The best run is kept.
    random_state : numpy.random.RandomState
        Source of the initial centres.

    Returns
    -------
    FoundCenters
        The centres.
    """
    points = rows_to_cluster(Y, options.unit_length)
    distinct = few_distinct(points, n_clusters)
    if distinct is not None:
        return FoundCenters(distinct, 0.0)
    has_more = len(points) > _n_initial(n_clusters)
    kmeans = KMeans(
        n_clusters,
        init=_centers_of_some if has_more else "k-means++",
        n_init=options.n_init,
        random_state=random_state,
        verbose=options.verbose,
    )
    with few_threads(len(points)):
        kmeans.fit(points)
    return FoundCenters(kmeans.cluster_centers_, kmeans.inertia_)


def _centers_of_some(
    points: np.ndarray, n_centers: int, random_state: np.random.RandomState
) -> np.ndarray:
    """Draw centres by k-means++, which on many rows takes longer than k-means."""
    drawn = random_state.permutation(len(points))[: _n_initial(n_centers)]
    return kmeans_plusplus(points[drawn], n_centers, random_state=random_state)[0]


def _n_initial(n_centers: int) -> int:
    """Return the number of rows among which initial centres are drawn."""
    return max(_INITIAL_ROWS, _ROWS_PER_CENTER * n_centers)
