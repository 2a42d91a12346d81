"""Weights of the neighbour graph: distances to a symmetric affinity matrix."""

from typing import NamedTuple

import numpy as np
from scipy import sparse

# An edge that underflows would cut the graph: it keeps this weight.
SMALLEST_WEIGHT = float(np.finfo(np.float32).eps)
_SCALING_NEIGHBOR = 7  # Zelnik-Manor and Perona (2004)


class Neighbors(NamedTuple):
    """Lists of neighbours, the nearest first.

    Shorter lists end in entries of infinite distance, which are no neighbours.
    """

    indices: np.ndarray
    distances: np.ndarray


def neighbor_affinity(neighbors, extra_edges=None, *, weights, gamma):
    """Build a symmetric affinity matrix from lists of neighbours.

    Parameters
    ----------
    neighbors : Neighbors of shape (n_samples, n_neighbors)
        Neighbours of each row, the row itself left out.
    extra_edges : tuple of (rows, columns, distances), default=None
        Further edges, each between two rows that are not neighbours.
    weights : {"local_scaling", "heat", "uniform", "fuzzy"}
        How a distance becomes a weight.
    gamma : float
        Coefficient of "heat".

    Returns
    -------
    csr_matrix of shape (n_samples, n_samples)
        Affinity matrix W: symmetric, positive entries, zero diagonal.
    """
    directed = _directed_affinity(neighbors, extra_edges, weights, gamma)
    total = directed + directed.T
    if weights == "fuzzy":  # probabilistic union, as UMAP joins its fuzzy sets
        return (total - directed.multiply(directed.T)).tocsr()
    total.data *= 0.5
    return total.tocsr()


def _directed_affinity(neighbors, extra_edges, weights, gamma):
    """Weigh the edge of each row to each neighbour in its list."""
    rows, columns, lengths = neighbor_edges(neighbors)
    if extra_edges is not None:
        begin, end, gap = extra_edges
        rows = np.concatenate([rows, begin, end])
        columns = np.concatenate([columns, end, begin])
        lengths = np.concatenate([lengths, gap, gap])
    scales = _row_scales(neighbors, neighbors, weights)
    return _weigh_edges((rows, columns, lengths), scales, scales, weights, gamma)


def query_affinity(neighbors, training_neighbors, *, weights, gamma):
    """Compute affinities of new rows to training rows.

    Parameters
    ----------
    neighbors : Neighbors of shape (n_queries, n_neighbors)
        Training rows near each new row.
    training_neighbors : Neighbors of shape (n_samples, n_neighbors)
        Neighbours among the training rows, which set their scales.
    weights, gamma
        As in `neighbor_affinity`.

    Returns
    -------
    csr_matrix of shape (n_queries, n_samples)
        The affinities.
    """
    own = _row_scales(neighbors, training_neighbors, weights)
    other = _row_scales(training_neighbors, training_neighbors, weights)
    return _weigh_edges(neighbor_edges(neighbors), own, other, weights, gamma)


def _row_scales(neighbors, training_neighbors, weights):
    """Scales of rows; training rows alone set what stands for a scale of zero."""
    scales, _ = WEIGHTS[weights]
    trained = _farthest_scaling_neighbor(training_neighbors.distances)
    return scales(neighbors.distances, typical_length(trained))


def _weigh_edges(edges, scales, other_scales, weights, gamma):
    """Weigh edges from rows of some scales to rows of others."""
    rows, columns, lengths = edges
    _, weight = WEIGHTS[weights]
    values = weight(lengths, scales[rows], other_scales[columns], gamma)
    values = np.maximum(values, SMALLEST_WEIGHT)
    shape = len(scales), len(other_scales)
    return sparse.csr_matrix((values, (rows, columns)), shape=shape)


def neighbor_edges(neighbors):
    """Return rows, columns and lengths of the edges that lists of neighbours name."""
    is_neighbor = np.isfinite(neighbors.distances)
    rows = np.repeat(np.arange(len(is_neighbor)), is_neighbor.sum(axis=1))
    return rows, neighbors.indices[is_neighbor], neighbors.distances[is_neighbor]


def typical_length(lengths):
    """Return the median of the positive lengths, or one where none is positive.

    Parameters
    ----------
    lengths : ndarray
        Lengths, some of them zero.

    Returns
    -------
    float
        What stands for a length of zero.
    """
    positive = lengths[lengths > 0]
    return float(np.median(positive)) if positive.size else 1.0


def _local_scales(distances, fallback):
    """Zelnik-Manor and Perona's: the distance to the seventh neighbour.

    Of a row with as many copies it is that to the last one.
    """
    scales = _positive(_farthest_scaling_neighbor(distances), _farthest(distances))
    return _positive(scales, fallback)


def _no_scales(distances, fallback):
    return np.ones(len(distances))


def _fuzzy_scales(distances, fallback):
    """UMAP's rho and sigma: memberships of a row sum to log2(n_neighbors)."""
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


def _farthest_scaling_neighbor(distances):
    return _farthest(distances[:, :_SCALING_NEIGHBOR])


def _farthest(distances):
    return np.where(np.isfinite(distances), distances, 0.0).max(axis=1)


def _positive(lengths, fallback):
    return np.where(lengths > 0, lengths, fallback)


def _local_scaling(d, scale, other_scale, gamma):
    return np.exp(-(d / scale) * (d / other_scale))


def _heat(d, scale, other_scale, gamma):
    # Beyond this the weight is zero, and the square might overflow.
    farthest = 30.0 / np.sqrt(max(gamma, 1e-300))
    return np.exp(-gamma * np.minimum(d, farthest) ** 2)


def _uniform(d, scale, other_scale, gamma):
    return np.ones_like(d)


def _fuzzy(d, scale, other_scale, gamma):
    rho, sigma = scale.T
    return np.exp(-np.maximum(d - rho, 0.0) / sigma)


# Of each kind: the scale of a row from its distances and what stands for zero, and
# the weight of an edge.
WEIGHTS = {
    "local_scaling": (_local_scales, _local_scaling),
    "heat": (_no_scales, _heat),
    "uniform": (_no_scales, _uniform),
    "fuzzy": (_fuzzy_scales, _fuzzy),
}
