"""The kinds of weights: what each makes of the length of an edge and of its scales."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..arrays import Floats

_SCALING_NEIGHBOR = 7  # Zelnik-Manor and Perona (2004)


class Weighting(NamedTuple):
    """The two functions that turn distances into weights.

    Attributes
    ----------
    scales : callable
        Takes the distances of each row to its neighbours and a fallback for scales of
        zero, returns the scale of each row.
    weigh : callable
        Takes the lengths of edges, the scales at their two ends and gamma, returns the
        weights of the edges.
    """

    scales: Callable[[Floats, float], Floats]
    weigh: Callable[[Floats, Floats, Floats, float], Floats]


def fallback_scale(distances: Floats) -> float:
    """Return the scale of a row that equals all its neighbours.

    Parameters
    ----------
    distances : ndarray of shape (n_samples, n_neighbors)
        Distances of all rows to their neighbours.

    Returns
    -------
    float
        The median distance to the seventh neighbour.
    """
    return typical_length(_farthest_scaling_neighbor(distances))


def typical_length(lengths: Floats) -> float:
    """Return the median of the positive lengths, or one if none is positive.

    Parameters
    ----------
    lengths : ndarray
        Lengths, some of which may be zero.

    Returns
    -------
    float
        The fallback for a length of zero.
    """
    positive = lengths[lengths > 0]
    return float(np.median(positive)) if positive.size else 1.0


def _local_scales(distances: Floats, fallback: float) -> Floats:
    """Return Zelnik-Manor and Perona's scales: distances to the seventh neighbour.

    If that distance is zero, the distance to the last neighbour replaces it.
    """
    scales = _positive(_farthest_scaling_neighbor(distances), _farthest(distances))
    return _positive(scales, fallback)


def _no_scales(distances: Floats, fallback: float) -> Floats:
    return np.ones(len(distances))


def _fuzzy_scales(distances: Floats, fallback: float) -> Floats:
    """Return UMAP's rho and sigma: a row's memberships sum to log2(n_neighbors)."""
    rho = np.where(distances > 0, distances, np.inf).min(axis=1)
    rho[np.isinf(rho)] = 0.0
    finite = np.isfinite(distances)
    excess = np.maximum(distances - rho[:, None], 0.0)
    target = np.log2(np.maximum(finite.sum(axis=1), 2))
    low = np.zeros(len(distances))
    high = _positive(_farthest(np.where(finite, excess, 0.0)), fallback) * 2**10
    for _ in range(64):
        sigma = 0.5 * (low + high)
        too_wide = np.exp(-excess / sigma[:, None]).sum(axis=1) > target
        high = np.where(too_wide, sigma, high)
        low = np.where(too_wide, low, sigma)
    # UMAP's floor: a thousandth of the mean distance.
    total = np.where(finite, distances, 0.0).sum(axis=1)
    sigma = np.maximum(sigma, 1e-3 * total / finite.sum(axis=1).clip(1))
    return np.column_stack([rho, np.where(total > 0, sigma, fallback)])


def _farthest_scaling_neighbor(distances: Floats) -> Floats:
    return _farthest(distances[:, :_SCALING_NEIGHBOR])


def _farthest(distances: Floats) -> Floats:
    return np.where(np.isfinite(distances), distances, 0.0).max(axis=1)


def _positive(lengths: Floats, fallback: Floats | float) -> Floats:
    return np.where(lengths > 0, lengths, fallback)


def _local_scaling(
    d: Floats, scale: Floats, other_scale: Floats, gamma: float
) -> Floats:
    with np.errstate(over="ignore"):
        return np.exp(-(d / scale) * (d / other_scale))


def _heat(d: Floats, scale: Floats, other_scale: Floats, gamma: float) -> Floats:
    # Farther rows have a weight of zero, and the square of their distance may overflow.
    farthest = 30.0 / np.sqrt(max(gamma, 1e-300))
    return np.exp(-gamma * np.minimum(d, farthest) ** 2)


def _uniform(d: Floats, scale: Floats, other_scale: Floats, gamma: float) -> Floats:
    return np.ones_like(d)


def _fuzzy(d: Floats, scale: Floats, other_scale: Floats, gamma: float) -> Floats:
    rho, sigma = scale.T
    return np.exp(-np.maximum(d - rho, 0.0) / sigma)


WEIGHTS = {
    "local_scaling": Weighting(_local_scales, _local_scaling),
    "heat": Weighting(_no_scales, _heat),
    "uniform": Weighting(_no_scales, _uniform),
    "fuzzy": Weighting(_fuzzy_scales, _fuzzy),
}
