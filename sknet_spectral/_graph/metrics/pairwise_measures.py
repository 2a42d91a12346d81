"""Distances between all rows of two arrays, under any supported metric."""

from collections.abc import Callable, Iterator

import numpy as np
from scipy.special import rel_entr, xlogy
from sklearn.metrics import pairwise_distances

from ..arrays import Floats, Matrix, is_sparse
from .distances import SPARSE_METRICS

_BLOCK_ENTRIES = 2**24
# The authors of tsss add this angle to keep the distance from vanishing.
_TSSS_ANGLE = np.radians(10)


def distances_between(A: Matrix, B: Matrix, metric: str) -> Floats:
    """Measure the distances between all rows of two arrays.

    Parameters
    ----------
    A, B : {ndarray, CSR matrix} of shape (n_rows, n_features)
        Rows of a `MetricSpace`.
    metric : str
        The metric of that space.

    Returns
    -------
    ndarray of shape (n_rows of A, n_rows of B)
        The distances.
    """
    if metric in _SET_MEASURES:
        return _measure_sets(A, B, metric)
    if metric in _MEASURES or metric not in SPARSE_METRICS:
        A, B = _to_dense(A), _to_dense(B)
    if metric in _MEASURES:
        return _MEASURES[metric](A.astype(np.float64), B.astype(np.float64))
    return pairwise_distances(A, B, metric=metric)


def blocks_of_distances(
    A: Matrix, B: Matrix, metric: str
) -> Iterator[tuple[slice, Floats]]:
    """Yield blocks of rows of A, with their distances to all rows of B.

    Parameters
    ----------
    A, B, metric
        As in `distances_between`.

    Yields
    ------
    rows : slice
        The rows of A in this block.
    distances : ndarray of shape (n_rows of the slice, n_rows of B)
        The distances.
    """
    size = max(1, _BLOCK_ENTRIES // max(1, B.shape[0]))
    for start in range(0, A.shape[0], size):
        rows = slice(start, start + size)
        yield rows, distances_between(A[rows], B, metric)


def _to_dense(rows: Matrix) -> Floats:
    return rows.toarray() if is_sparse(rows) else rows


def _measure_sets(A: Matrix, B: Matrix, metric: str) -> Floats:
    """Measure distances between sets; a product of rows counts shared members."""
    both = _to_dense(A @ B.T).astype(np.float64)
    size, other = (np.asarray(rows.sum(axis=1)).reshape(-1, 1) for rows in (A, B))
    alone, other_alone = size - both, other.T - both
    with np.errstate(invalid="ignore", divide="ignore"):
        distances = _SET_MEASURES[metric](both, alone, other_alone, A.shape[1])
    # Equal sets, including empty ones, are at distance zero.
    return np.where(alone + other_alone > 0, distances, 0.0)


def _yule(both: Floats, alone: Floats, other_alone: Floats, n_features: int) -> Floats:
    neither = n_features - both - alone - other_alone
    odds = alone * other_alone
    return np.where(odds > 0, 2 * odds / (both * neither + odds), 0.0)


def _rogers_tanimoto(
    both: Floats, alone: Floats, other_alone: Floats, n_features: int
) -> Floats:
    unequal = alone + other_alone
    return 2 * unequal / (n_features + unequal)


def _jensen_shannon(A: Floats, B: Floats) -> Floats:
    distances = np.empty((len(A), len(B)))
    for row, distribution in enumerate(A):
        middle = 0.5 * (distribution + B)
        divergence = rel_entr(distribution, middle) + rel_entr(B, middle)
        distances[row] = 0.5 * divergence.sum(axis=1)
    return np.maximum(distances, 0.0)


def _symmetric_kl(A: Floats, B: Floats) -> Floats:
    smallest = float(np.finfo(np.float32).eps)  # as pynndescent replaces zeros
    A, B = ((rows + smallest) / (1 + smallest * rows.shape[1]) for rows in (A, B))
    own, other = (xlogy(rows, rows).sum(axis=1) for rows in (A, B))
    cross = A @ np.log(B).T + np.log(A) @ B.T
    return np.maximum(own[:, None] + other - cross, 0.0)


def _tsss(A: Floats, B: Floats) -> Floats:
    norms, other_norms = (np.linalg.norm(rows, axis=1) for rows in (A, B))
    products = np.outer(norms, other_norms)
    cosines = np.divide(
        A @ B.T, products, out=np.ones_like(products), where=products > 0
    )
    angles = np.arccos(np.clip(cosines, -1.0, 1.0)) + _TSSS_ANGLE
    lengths = pairwise_distances(A, B) + abs(norms[:, None] - other_norms)
    return np.square(lengths) * angles * products * np.sin(angles) / 4


# Functions of four numbers: the features that two sets share, that the first has alone,
# that the second has alone, and all features.
_SET_MEASURES: dict[str, Callable[[Floats, Floats, Floats, int], Floats]] = {
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
_MEASURES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "jensen_shannon": _jensen_shannon,
    "symmetric_kl": _symmetric_kl,
    "tsss": _tsss,
}
SET_METRICS = frozenset(_SET_MEASURES)
MEASURED_METRICS = SET_METRICS.union(_MEASURES)
