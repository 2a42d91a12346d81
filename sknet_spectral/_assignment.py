"""From an embedding to labels: k-means centres and the rule of the nearest."""

import numpy as np
from sklearn.cluster import KMeans


def unit_rows(Y):
    """Scale rows to unit length, as Ng, Jordan and Weiss; zero rows stay zero."""
    norms = np.linalg.norm(Y, axis=1, keepdims=True)
    return np.divide(Y, norms, out=np.zeros_like(Y), where=norms > 0)


def fit_centers(points, n_clusters, *, n_init, random_state):
    """Find the centres of k-means.

    Fewer distinct points than clusters are not an error: each distinct point is
    then a centre of its own.

    Parameters
    ----------
    points : ndarray of shape (n_samples, n_components)
        The embedding, float64.
    n_clusters : int
        Number of centres.
    n_init : int
        Runs of k-means; the best is kept.
    random_state : numpy.random.RandomState
        Source of the initial centres.

    Returns
    -------
    ndarray of shape (at most n_clusters, n_components)
        Centres, each the nearest of at least one point.
    """
    distinct = np.unique(points.round(8), axis=0)
    if len(distinct) <= n_clusters:
        centers = distinct
    else:
        kmeans = KMeans(n_clusters, n_init=n_init, random_state=random_state)
        centers = kmeans.fit(points).cluster_centers_
    used = np.unique(nearest_center(points, centers))
    return centers[used]


def nearest_center(points, centers):
    """Index of the nearest centre of each point, row by row, int32."""
    squares = np.stack([np.square(points - c).sum(axis=1) for c in centers])
    return squares.argmin(axis=0).astype(np.int32)
