"""Distances between all rows of two arrays, under any metric that is offered."""

import numpy as np
from scipy import sparse
from scipy.special import rel_entr, xlogy
from sklearn.metrics import pairwise_distances

from .distances import SPARSE_METRICS

_BLOCK_ENTRIES = 2**24
# Angle that keeps tsss from vanishing, as its authors chose it.
_TSSS_ANGLE = np.radians(10)


def distances_between(A, B, metric):
    """Measure from each row of one array to each of another.

    Parameters
    ----------
    A, B : {ndarray, CSR matrix} of shape (n_rows, n_features)
        Rows of a `MetricSpace`.
    metric : str
        Metric of that space.

    Returns
    -------
    ndarray of shape (n_rows of A, n_rows of B)
        The distances.
    """
    if metric in _OF_COUNTS:
        return _of_counts(A, B, metric)
    if metric in _MEASURES or metric not in SPARSE_METRICS:
        A, B = (rows.toarray() if sparse.issparse(rows) else rows for rows in (A, B))
    if metric in _MEASURES:
        return _MEASURES[metric](A.astype(np.float64), B.astype(np.float64))
    return pairwise_distances(A, B, metric=metric)


def blocks_of_distances(A, B, metric):
    """Yield slices of some rows, with their distances to each of others.

    Parameters
    ----------
    A, B, metric
        As in `distances_between`.

    Yields
    ------
    rows : slice
        Which rows of A.
    distances : ndarray of shape (n_rows of the slice, n_rows of B)
        The distances.
    """
    size = max(1, _BLOCK_ENTRIES // max(1, B.shape[0]))
    for start in range(0, A.shape[0], size):
        rows = slice(start, start + size)
        yield rows, distances_between(A[rows], B, metric)


def _of_counts(A, B, metric):
    """Measure between sets, of which products of rows count what two of them share."""
    both = A @ B.T
    both = both.toarray() if sparse.issparse(both) else both
    both = both.astype(np.float64)
    size, other = (np.asarray(rows.sum(axis=1)).reshape(-1, 1) for rows in (A, B))
    alone, other_alone = size - both, other.T - both
    with np.errstate(invalid="ignore", divide="ignore"):
        distances = _OF_COUNTS[metric](both, alone, other_alone, A.shape[1])
    # Equal sets are at distance zero, empty ones too.
    return np.where(alone + other_alone > 0, distances, 0.0)


def _yule(both, alone, other_alone, n_features):
    neither = n_features - both - alone - other_alone
    odds = alone * other_alone
    return np.where(odds > 0, 2 * odds / (both * neither + odds), 0.0)


def _rogers_tanimoto(both, alone, other_alone, n_features):
    unequal = alone + other_alone
    return 2 * unequal / (n_features + unequal)


def _jensen_shannon(A, B):
    distances = np.empty((len(A), len(B)))
    for row, distribution in enumerate(A):
        middle = 0.5 * (distribution + B)
        divergence = rel_entr(distribution, middle) + rel_entr(B, middle)
        distances[row] = 0.5 * divergence.sum(axis=1)
    return np.maximum(distances, 0.0)


def _symmetric_kl(A, B):
    smallest = float(np.finfo(np.float32).eps)  # pynndescent's, in place of zeros
    A, B = ((rows + smallest) / (1 + smallest * rows.shape[1]) for rows in (A, B))
    own, other = (xlogy(rows, rows).sum(axis=1) for rows in (A, B))
    cross = A @ np.log(B).T + np.log(A) @ B.T
    return np.maximum(own[:, None] + other - cross, 0.0)


def _tsss(A, B):
    norms, other_norms = (np.linalg.norm(rows, axis=1) for rows in (A, B))
    products = np.outer(norms, other_norms)
    cosines = np.divide(
        A @ B.T, products, out=np.ones_like(products), where=products > 0
    )
    angles = np.arccos(np.clip(cosines, -1.0, 1.0)) + _TSSS_ANGLE
    lengths = pairwise_distances(A, B) + abs(norms[:, None] - other_norms)
    return np.square(lengths) * angles * products * np.sin(angles) / 4


# Of the number of features that two sets share, that each has alone, and of all.
_OF_COUNTS = {
    "jaccard": lambda both, a, b, n: (a + b) / (both + a + b),
    "dice": lambda both, a, b, n: (a + b) / (2 * both + a + b),
    "matching": lambda both, a, b, n: (a + b) / n,
    "kulsinski": lambda both, a, b, n: (a + b - both + n) / (a + b + n),
    "rogerstanimoto": _rogers_tanimoto,
    "sokalmichener": _rogers_tanimoto,
    "russellrao": lambda both, a, b, n: (n - both) / n,
    "sokalsneath": lambda both, a, b, n: (a + b) / (0.5 * both + a + b),
    "yule": _yule,
}
_MEASURES = {
    "jensen_shannon": _jensen_shannon,
    "symmetric_kl": _symmetric_kl,
    "tsss": _tsss,
}
SET_METRICS = frozenset(_OF_COUNTS)
MEASURED_METRICS = SET_METRICS.union(_MEASURES)
