"""Metrics by their names, and rows made fit to measure distances between."""

import math

import numpy as np
from scipy import sparse
from sklearn.metrics.pairwise import (
    paired_cosine_distances,
    paired_euclidean_distances,
)
from sklearn.utils.extmath import row_norms

# Distances unchanged by translation and proportional to scale.
HOMOGENEOUS_METRICS = frozenset(
    [
        "euclidean",
        "l2",
        "manhattan",
        "l1",
        "chebyshev",
        "minkowski",
    ]
)

# Other names, of pynndescent and scipy, for what scikit-learn measures.
_SKLEARN_NAMES = {
    "cityblock": "manhattan",
    "taxicab": "manhattan",
    "linfinity": "chebyshev",
    "linfty": "chebyshev",
    "linf": "chebyshev",
}

# Named as pynndescent names them, but for scipy's "cityblock"; a test compares.
METRICS = HOMOGENEOUS_METRICS.union(
    _SKLEARN_NAMES,
    [
        "sqeuclidean",
        "canberra",
        "cosine",
        "correlation",
        "haversine",
        "braycurtis",
        "spearmanr",
        "tsss",
        "true_angular",
        "hellinger",
        "jensen_shannon",
        "symmetric_kl",
        "hamming",
        "jaccard",
        "dice",
        "matching",
        "kulsinski",
        "rogerstanimoto",
        "russellrao",
        "sokalsneath",
        "sokalmichener",
        "yule",
    ],
)

EUCLIDEAN_METRICS = frozenset(["euclidean", "l2"])

# Defined alike by scikit-learn and pynndescent, so exact search may serve them.
EXACT_METRICS = frozenset(
    [
        "euclidean",
        "l2",
        "sqeuclidean",
        "manhattan",
        "l1",
        "chebyshev",
        "minkowski",
        "canberra",
        "cosine",
        "correlation",
        "braycurtis",
        "hamming",
    ]
)

MATRIX_PRODUCT_METRICS = frozenset(["euclidean", "l2", "sqeuclidean", "cosine"])
# Of those, what scikit-learn measures between sparse rows.
SPARSE_METRICS = MATRIX_PRODUCT_METRICS - {"sqeuclidean"}
_MEDIAN_ROWS = 1000
# A matrix product leaves copies of a row apart by so many roots of its precision.
_ROUNDINGS = 8.0
_BLOCK_ENTRIES = 2**24


def check_metric(metric):
    """Refuse a function of two rows, and say what takes one.

    Parameters
    ----------
    metric : str or callable
        The metric.

    Raises
    ------
    TypeError
        If it is callable.
    """
    if callable(metric):
        raise TypeError(
            f"metric must be a name, got {metric!r}. Give distances by a function as "
            "X=NearestNeighbors(metric=function).fit(X).kneighbors_graph("
            "mode='distance') with affinity='precomputed_nearest_neighbors', or "
            "affinities by affinity=function."
        )


def sklearn_name(metric):
    """Return scikit-learn's name of a metric that others have under several.

    Parameters
    ----------
    metric : str
        Name of the metric.

    Returns
    -------
    str
        The same name, if scikit-learn has no other.
    """
    return _SKLEARN_NAMES.get(metric, metric)


def condition(X, metric):
    """Centre and scale rows where distances allow it, against cancellation.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    metric : str
        Name of the metric.

    Returns
    -------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows to measure between.
    scale : float
        What their distances are to be multiplied by.
    """
    if metric not in HOMOGENEOUS_METRICS or sparse.issparse(X):
        return X, 1.0
    # A mean would go after an outlier, and the digits of all other rows with it.
    some = X[:: math.ceil(X.shape[0] / _MEDIAN_ROWS)]
    centred = X - np.median(some, axis=0)
    largest = max(centred.max(initial=0.0), -centred.min(initial=0.0))
    scale = float(largest) or 1.0
    centred /= scale
    return centred, scale


def rounding(X, metric):
    """Return the distance up to which a matrix product cannot tell rows from copies.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    metric : str
        One of `MATRIX_PRODUCT_METRICS`.

    Returns
    -------
    ndarray of shape (n_samples, 1)
        The distance from each row.
    """
    if metric == "cosine":
        # Half the square of the distance between rows of length one.
        return np.full((X.shape[0], 1), _ROUNDINGS**2 * np.finfo(X.dtype).eps / 2)
    # scikit-learn's products of Euclidean distances are in double precision.
    noise = _ROUNDINGS * np.sqrt(np.finfo(np.float64).eps) * row_norms(X)[:, None]
    return np.square(noise) if metric == "sqeuclidean" else noise


def precise_distances(X, rows, columns, metric):
    """Measure between pairs of rows by their differences, which copies leave at zero.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    rows, columns : ndarray of shape (n_pairs,)
        The pairs.
    metric : str
        One of `MATRIX_PRODUCT_METRICS`.

    Returns
    -------
    ndarray of shape (n_pairs,)
        The distances.
    """
    cosine = metric == "cosine"
    measure = paired_cosine_distances if cosine else paired_euclidean_distances
    n_blocks = 1 + len(rows) * X.shape[1] // _BLOCK_ENTRIES
    blocks = np.array_split(np.column_stack([rows, columns]), n_blocks)
    distances = np.concatenate([measure(*(X[end] for end in b.T)) for b in blocks])
    return np.square(distances) if metric == "sqeuclidean" else distances


def check_defined(distances, metric):
    """Raise an error that names the metric where it gave no number.

    Parameters
    ----------
    distances : ndarray
        Distances that were found.
    metric : str
        Name of the metric.
    """
    if np.isnan(distances).any():
        raise ValueError(
            f"metric={metric!r} leaves the distances of some rows of X undefined: "
            "choose another metric, or leave these rows out."
        )
