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
# By which power of the rows' unit other distances grow.
_POWERS_OF_UNIT = {"sqeuclidean": 2, "tsss": 4, "canberra": 0, "braycurtis": 0}
# Metrics that the length of a row does not change.
_SCALE_FREE_METRICS = frozenset(["cosine", "correlation"])
# Of float32 the squares of what lies within, and sums of them, keep their digits.
_MODERATE_EXPONENT = 40
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
    if metric in _SCALE_FREE_METRICS:
        return of_moderate_length(X), 1.0
    if metric in _POWERS_OF_UNIT:
        X, unit = _in_moderate_unit(X)
        with np.errstate(over="ignore", under="ignore"):
            return X, float(np.float64(unit) ** _POWERS_OF_UNIT[metric])
    if metric not in HOMOGENEOUS_METRICS:
        return X, 1.0
    centred = _without_shared(X) if sparse.issparse(X) else X - _median(X)
    largest = max(centred.max(), -centred.min(), 0.0) if min(X.shape) else 0.0
    scale = float(largest) or 1.0
    centred /= scale
    return centred, scale


def _median(X):
    # A mean would go after an outlier, and the digits of all other rows with it.
    return np.median(X[:: math.ceil(X.shape[0] / _MEDIAN_ROWS)], axis=0)


def _without_shared(X):
    """Subtract from columns without gaps their median, and fill none."""
    X = X.copy()
    n_samples, n_features = X.shape
    is_full = np.bincount(X.indices, minlength=n_features) == n_samples
    full = np.flatnonzero(is_full)
    if len(full):
        shared = np.zeros(n_features, dtype=X.dtype)
        some = X[:: math.ceil(n_samples / _MEDIAN_ROWS)][:, full]
        shared[full] = np.median(some.toarray(), axis=0)
        X.data -= shared[X.indices]
    return X


def of_moderate_length(X):
    """Scale rows whose squares or sums might not be numbers by powers of two.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.

    Returns
    -------
    {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows, each in a unit of its own; X itself if none needs one.
    """
    if sparse.issparse(X):
        largest = abs(X).max(axis=1).toarray().ravel()
    else:
        largest = np.abs(X).max(axis=1, initial=0.0)
    exponents = np.frexp(largest)[1]
    if (abs(exponents) < _MODERATE_EXPONENT).all():
        return X
    if not sparse.issparse(X):
        return np.ldexp(X, -exponents[:, None])
    X = X.copy()
    X.data = np.ldexp(X.data, -np.repeat(exponents, np.diff(X.indptr)))
    return X


def _in_moderate_unit(X):
    """Scale all rows by one power of two, if their squares might not be numbers."""
    entries = X.data if sparse.issparse(X) else X
    largest = max(entries.max(initial=0.0), -entries.min(initial=0.0))
    exponent = int(np.frexp(largest)[1])
    if abs(exponent) < _MODERATE_EXPONENT:
        return X, 1.0
    scaled = np.ldexp(entries, 1 - exponent)
    if sparse.issparse(X):
        scaled = sparse.csr_matrix((scaled, X.indices, X.indptr), shape=X.shape)
    return scaled, math.ldexp(1.0, exponent - 1)


def in_unit(distances, unit, metric):
    """Give distances the unit of the rows, or raise an error where none can hold them.

    Parameters
    ----------
    distances : ndarray
        Distances between rows that `condition` returned.
    unit : float
        What it says they are to be multiplied by.
    metric : str
        Name of the metric.

    Returns
    -------
    ndarray
        The distances, float64.
    """
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        lengths = distances.astype(np.float64) * unit
    is_held = np.isfinite(lengths) & ((lengths > 0) | (distances <= 0))
    if (np.isfinite(distances) & ~is_held).any():
        raise ValueError(
            f"X is in a unit in which distances by metric={metric!r} are too "
            f"{'large' if unit > 1 else 'small'} for float64: multiply X by a constant "
            "that brings its entries nearer to one."
        )
    return lengths


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
