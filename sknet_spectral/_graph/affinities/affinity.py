"""Weights of the neighbour graph: distances to a symmetric affinity matrix."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import sparse

from ..arrays import Edges, Floats, Neighbors

# An edge whose weight underflows would cut the graph, so it keeps this weight.
SMALLEST_WEIGHT = float(np.finfo(np.float32).eps)
_SCALING_NEIGHBOR = 7  # Zelnik-Manor and Perona (2004)


class TrainingScales(NamedTuple):
    """What the weight of an edge to a training row depends on.

    Attributes
    ----------
    scales : ndarray of shape (n_samples, ...)
        Scale of each training row.
    fallback : float
        Scale of a row that equals all its neighbours.
    """

    scales: Floats
    fallback: float


class WeightOptions(NamedTuple):
    """How a distance becomes a weight.

    Attributes
    ----------
    weights : {"local_scaling", "heat", "uniform", "fuzzy"}
        The kind of weights.
    gamma : float, default=1.0
        Coefficient of "heat"; the other kinds do not use it.
    """

    weights: str
    gamma: float = 1.0


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


def neighbor_affinity(
    neighbors: Neighbors,
    extra_edges: Edges | None = None,
    *,
    weights: str,
    gamma: float,
) -> sparse.csr_matrix:
    """Build a symmetric affinity matrix from lists of neighbours.

    Parameters
    ----------
    neighbors : Neighbors of shape (n_samples, n_neighbors)
        Neighbours of each row, not including the row itself.
    extra_edges : tuple of (rows, columns, distances), default=None
        Additional edges, each between two rows that are not neighbours.
    weights : {"local_scaling", "heat", "uniform", "fuzzy"}
        How a distance becomes a weight.
    gamma : float
        Coefficient of "heat".

    Returns
    -------
    csr_matrix of shape (n_samples, n_samples)
        Affinity matrix W: symmetric, with positive entries and a zero diagonal.
    """
    directed = _directed_affinity(neighbors, extra_edges, weights, gamma)
    total = directed + directed.T
    if weights == "fuzzy":  # UMAP's probabilistic union of fuzzy sets
        return (total - directed.multiply(directed.T)).tocsr()
    total.data *= 0.5
    return total.tocsr()


def _directed_affinity(
    neighbors: Neighbors, extra_edges: Edges | None, weights: str, gamma: float
) -> sparse.csr_matrix:
    """Weigh the edge from each row to each neighbour in its list."""
    rows, columns, lengths = neighbor_edges(neighbors)
    if extra_edges is not None:
        begin, end, gap = extra_edges
        rows = np.concatenate([rows, begin, end])
        columns = np.concatenate([columns, end, begin])
        lengths = np.concatenate([lengths, gap, gap])
    scales = training_scales(neighbors, weights).scales
    return _weigh_edges((rows, columns, lengths), scales, scales, weights, gamma)


def training_scales(neighbors: Neighbors, weights: str) -> TrainingScales:
    """Compute the scales of training rows.

    Parameters
    ----------
    neighbors : Neighbors of shape (n_samples, n_neighbors)
        Neighbours among the training rows.
    weights : {"local_scaling", "heat", "uniform", "fuzzy"}
        How a distance becomes a weight.

    Returns
    -------
    TrainingScales
        The scales.
    """
    distances = neighbors.distances
    fallback = typical_length(_farthest_scaling_neighbor(distances))
    return TrainingScales(WEIGHTS[weights].scales(distances, fallback), fallback)


def query_affinity(
    neighbors: Neighbors, trained: TrainingScales, *, weights: str, gamma: float
) -> sparse.csr_matrix:
    """Compute affinities of new rows to training rows.

    Parameters
    ----------
    neighbors : Neighbors of shape (n_queries, n_neighbors)
        Training rows near each new row.
    trained : TrainingScales
        The scales of the training rows.
    weights, gamma
        As in `neighbor_affinity`.

    Returns
    -------
    csr_matrix of shape (n_queries, n_samples)
        The affinities.
    """
    own = WEIGHTS[weights].scales(neighbors.distances, trained.fallback)
    return _weigh_edges(neighbor_edges(neighbors), own, trained.scales, weights, gamma)


def _weigh_edges(
    edges: Edges, scales: Floats, other_scales: Floats, weights: str, gamma: float
) -> sparse.csr_matrix:
    """Weigh edges whose ends have the given scales."""
    rows, columns, lengths = edges
    weigh = WEIGHTS[weights].weigh
    values = weigh(lengths, scales[rows], other_scales[columns], gamma)
    values = np.maximum(values, SMALLEST_WEIGHT)
    shape = len(scales), len(other_scales)
    return sparse.csr_matrix((values, (rows, columns)), shape=shape)


def neighbor_edges(neighbors: Neighbors) -> Edges:
    """Return the rows, columns and lengths of the edges in lists of neighbours.

    Parameters
    ----------
    neighbors : Neighbors of shape (n_samples, n_neighbors)
        Neighbours of each row.

    Returns
    -------
    rows, columns, lengths : ndarray of shape (n_edges,)
        The two ends of each edge, and its length.
    """
    is_neighbor = np.isfinite(neighbors.distances)
    rows = np.repeat(np.arange(len(is_neighbor)), is_neighbor.sum(axis=1))
    return rows, neighbors.indices[is_neighbor], neighbors.distances[is_neighbor]


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
