"""Small parts of an embedding, between which the graph is summed."""

import numpy as np
from sklearn.cluster import KMeans

from ..arrays import Floats, Integers
from ..threads import few_threads

_PARTS_PER_GROUP, _ROWS_PER_PART, _MAX_PARTS = 15, 5, 600
_SAMPLE_ROWS, _ITERATIONS = 5000, 10
# With fewer rows for each group, parts of five rows are too few to tell its shape.
MIN_ROWS_PER_GROUP = _PARTS_PER_GROUP * _ROWS_PER_PART


def part_centers(
    points: Floats,
    n_groups: int,
    random_state: np.random.RandomState,
    parts_per_group: int = _PARTS_PER_GROUP,
) -> Floats:
    """Find the centres of small parts by k-means on at most 5,000 of the points.

    There are at most 600 parts and one for five points, and at least two for each
    group.

    Parameters
    ----------
    points : ndarray of shape (n_samples, n_components)
        The rows of the embedding.
    n_groups : int
        Number of groups that are to be made of the parts.
    random_state : numpy.random.RandomState
        Draws points and initial centres.
    parts_per_group : int, default=15
        Number of parts for each group.

    Returns
    -------
    ndarray of shape (n_parts, n_components)
        The centres, which may be fewer if few points are distinct.
    """
    n_parts = min(parts_per_group * n_groups, len(points) // _ROWS_PER_PART, _MAX_PARTS)
    some = points[random_state.permutation(len(points))[:_SAMPLE_ROWS]]
    return group_centers(some, max(2 * n_groups, n_parts), random_state, n_init=1)


def group_centers(
    points: Floats,
    n_centers: int,
    random_state: np.random.RandomState,
    *,
    n_init: int,
    sample_weight: Integers | None = None,
) -> Floats:
    """Find centres by ten iterations of k-means.

    Parameters
    ----------
    points : ndarray of shape (n_samples, n_components)
        The points.
    n_centers : int
        Number of centres.
    random_state : numpy.random.RandomState
        Draws initial centres.
    n_init : int
        Number of runs; the best is kept.
    sample_weight : ndarray of shape (n_samples,), default=None
        Weight of each point.

    Returns
    -------
    ndarray of shape (at most n_centers, n_components)
        The centres, or all distinct points if there are no more.
    """
    distinct = few_distinct(points, n_centers)
    if distinct is not None:
        return distinct
    kmeans = KMeans(
        n_centers, n_init=n_init, max_iter=_ITERATIONS, random_state=random_state
    )
    with few_threads(len(points)):
        return kmeans.fit(points, sample_weight=sample_weight).cluster_centers_


def few_distinct(points: Floats, n_most: int) -> Floats | None:
    """Return the distinct points if there are few.

    Parameters
    ----------
    points : ndarray of shape (n_samples, n_components)
        The points. They are distinct if they differ in the first eight decimals.
    n_most : int
        The largest number that counts as few.

    Returns
    -------
    ndarray of shape (at most n_most, n_components) or None
        The distinct points, or None if there are more.
    """
    # Sorting all points takes longer than k-means on few.
    for some in (points[: 2 * n_most + 2], points):
        distinct = np.unique(some.round(8), axis=0)
        if len(distinct) > n_most:
            return None
    return distinct
