"""The names of metrics, and the preparation of rows for measuring distances."""

import math

import numpy as np
from scipy import sparse
from sklearn.metrics.pairwise import (
    paired_cosine_distances,
    paired_euclidean_distances,
)
from sklearn.utils.extmath import row_norms

from ..arrays import Floats, Integers, Matrix, is_sparse
from .units import scale_to_moderate_lengths, scale_to_moderate_unit

# Translation does not change these distances, and scaling scales them.
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

# Names in pynndescent or scipy, and scikit-learn's names of the same metrics.
_SKLEARN_NAMES = {
    "cityblock": "manhattan",
    "taxicab": "manhattan",
    "linfinity": "chebyshev",
    "linfty": "chebyshev",
    "linf": "chebyshev",
}

# These are pynndescent's names, and scipy's "cityblock". A test compares them.
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

# scikit-learn and pynndescent define these alike, so exact search can replace
# pynndescent.
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
# scikit-learn measures these between sparse rows as well.
SPARSE_METRICS = MATRIX_PRODUCT_METRICS - {"sqeuclidean"}
_MEDIAN_ROWS = 1000
# The power of the rows' unit with which other distances grow.
_POWERS_OF_UNIT = {"sqeuclidean": 2, "tsss": 4, "canberra": 0, "braycurtis": 0}
# These metrics do not depend on the lengths of rows.
_SCALE_FREE_METRICS = frozenset(["cosine", "correlation"])
# A matrix product gives copies of a row up to this distance, in units of the square
# root of the precision.
_ROUNDINGS = 8.0
_BLOCK_ENTRIES = 2**24


def check_metric(metric: object) -> None:
    """Raise an error if a metric is a function, and name the alternatives.

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
            f"metric must be a name, got {metric!r}. To use a function of two rows "
            "that returns distances, pass X=NearestNeighbors(metric=function).fit(X)"
            ".kneighbors_graph(mode='distance') and "
            "affinity='precomputed_nearest_neighbors'. If it returns affinities, set "
            "affinity=function."
        )


def sklearn_name(metric: str) -> str:
    """Return scikit-learn's name of a metric that has several names.

    Parameters
    ----------
    metric : str
        Name of the metric.

    Returns
    -------
    str
        The same name if scikit-learn has no other one.
    """
    return _SKLEARN_NAMES.get(metric, metric)


def condition(X: Matrix, metric: str) -> tuple[Matrix, float]:
    """Centre and scale rows against cancellation, if the metric allows it.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    metric : str
        Name of the metric.

    Returns
    -------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The conditioned rows.
    scale : float
        Factor that turns their distances into distances between the original rows.
    """
    if metric in _SCALE_FREE_METRICS:
        return scale_to_moderate_lengths(X), 1.0
    if metric in _POWERS_OF_UNIT:
        X, unit = scale_to_moderate_unit(X)
        with np.errstate(over="ignore", under="ignore"):
            return X, float(np.float64(unit) ** _POWERS_OF_UNIT[metric])
    if metric not in HOMOGENEOUS_METRICS:
        return X, 1.0
    centred = _subtract_shared(X) if is_sparse(X) else X - _median(X)
    largest = max(centred.max(), -centred.min(), 0.0) if min(X.shape) else 0.0
    scale = float(largest) or 1.0
    # scipy multiplies by the reciprocal, which overflows for the smallest numbers.
    entries = centred.data if is_sparse(centred) else centred
    entries /= scale
    return centred, scale


def _median(X: Floats) -> Floats:
    # An outlier would move a mean so far that all other rows lose digits.
    return np.median(X[:: math.ceil(X.shape[0] / _MEDIAN_ROWS)], axis=0)


def _subtract_shared(X: sparse.csr_matrix) -> sparse.csr_matrix:
    """Subtract the median from columns without gaps; the others stay sparse."""
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


def directions(X: Floats) -> Floats:
    """Scale rows to length one. Half the squared distance is the cosine distance.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The rows.

    Returns
    -------
    ndarray of shape (n_samples, n_features or one more)
        The scaled rows. Rows without entries have a column of their own, since they are
        at cosine distance 1 from all others.
    """
    lengths = row_norms(X)[:, None]
    is_empty = (lengths == 0).astype(X.dtype)
    rows = X / (lengths + is_empty)
    return np.hstack([rows, is_empty]) if is_empty.any() else rows


def rounding(X: Matrix, metric: str) -> Floats:
    """Return the distance below which a matrix product may measure mere rounding.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    metric : str
        One of `MATRIX_PRODUCT_METRICS`.

    Returns
    -------
    ndarray of shape (n_samples, 1)
        This distance for each row.
    """
    if metric == "cosine":
        # The cosine distance is half the squared distance between rows of length one.
        return np.full((X.shape[0], 1), _ROUNDINGS**2 * np.finfo(X.dtype).eps / 2)
    # scikit-learn multiplies in double precision to measure Euclidean distances.
    noise = _ROUNDINGS * np.sqrt(np.finfo(np.float64).eps) * row_norms(X)[:, None]
    return np.square(noise) if metric == "sqeuclidean" else noise


def precise_distances(
    X: Matrix, rows: Integers, columns: Integers, metric: str
) -> Floats:
    """Measure distances between pairs of rows by differences: copies are at zero.

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


def check_defined(distances: Floats, metric: str) -> None:
    """Raise an error that names the metric if a distance is not a number.

    Parameters
    ----------
    distances : ndarray
        The measured distances.
    metric : str
        Name of the metric.
    """
    if np.isnan(distances).any():
        raise ValueError(
            f"metric={metric!r} is not defined for some rows of X: choose another "
            "metric, or remove these rows."
        )
