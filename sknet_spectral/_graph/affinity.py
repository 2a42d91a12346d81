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
    scales, weight = WEIGHTS[weights]
    rows, columns, lengths = neighbor_edges(neighbors)
    if extra_edges is not None:
        begin, end, gap = extra_edges
        rows = np.concatenate([rows, begin, end])
        columns = np.concatenate([columns, end, begin])
        lengths = np.concatenate([lengths, gap, gap])
    scale = scales(neighbors.distances, neighbors.distances)
    values = weight(lengths, scale[rows], scale[columns], gamma)
    values = np.maximum(values, SMALLEST_WEIGHT)
    shape = (len(neighbors.indices),) * 2
    return sparse.csr_matrix((values, (rows, columns)), shape=shape)


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
    scales, weight = WEIGHTS[weights]
    rows, columns, lengths = neighbor_edges(neighbors)
    trained = training_neighbors.distances
    own, other = scales(neighbors.distances, trained), scales(trained, trained)
    values = weight(lengths, own[rows], other[columns], gamma)
    values = np.maximum(values, SMALLEST_WEIGHT)
    shape = len(neighbors.indices), len(training_neighbors.indices)
    return sparse.csr_matrix((values, (rows, columns)), shape=shape)


def neighbor_edges(neighbors):
    """Return rows, columns and lengths of the edges that lists of neighbours name."""
    is_neighbor = np.isfinite(neighbors.distances)
    rows = np.repeat(np.arange(len(is_neighbor)), is_neighbor.sum(axis=1))
    return rows, neighbors.indices[is_neighbor], neighbors.distances[is_neighbor]


def positive(scales, others):
    """Replace zeros by the smallest positive one of other scales, or by one.

    Parameters
    ----------
    scales : ndarray of shape (n_rows,)
        Lengths.
    others : ndarray of shape (n_others,)
        Lengths among which there is none of a query, which is to depend on no other.

    Returns
    -------
    ndarray of shape (n_rows,)
        Positive lengths.
    """
    least = others[others > 0].min(initial=np.inf)
    return np.where(scales > 0, scales, least if np.isfinite(least) else 1.0)


def _distance_to_scaling_neighbor(distances, training_distances):
    """The farthest of seven neighbours; where they coincide, the least of training."""
    scales = (
        _farthest(d[:, :_SCALING_NEIGHBOR]) for d in (distances, training_distances)
    )
    return positive(*scales)


def _no_scale(distances, training_distances):
    return np.zeros(len(distances))


def _fuzzy_scales(distances, training_distances):
    """UMAP's rho and sigma: memberships of a row sum to log2(n_neighbors)."""
    rho = np.where(distances > 0, distances, np.inf).min(axis=1)
    rho[np.isinf(rho)] = 0.0
    finite = np.isfinite(distances)
    excess = np.maximum(distances - rho[:, None], 0.0)
    target = np.log2(np.maximum(finite.sum(axis=1), 2))
    low = np.zeros(len(distances))
    high = positive(_farthest(np.where(finite, excess, 0.0)), rho[:0]) * 2**10
    for _ in range(64):
        sigma = 0.5 * (low + high)
        too_wide = np.exp(-excess / sigma[:, None]).sum(axis=1) > target
        high = np.where(too_wide, sigma, high)
        low = np.where(too_wide, low, sigma)
    # UMAP's floor: a thousandth of the mean distance.
    total = np.where(finite, distances, 0.0).sum(axis=1)
    sigma = np.maximum(sigma, 1e-3 * total / finite.sum(axis=1).clip(1))
    return np.column_stack([rho, positive(sigma, rho[:0])])


def _farthest(distances):
    return np.where(np.isfinite(distances), distances, 0.0).max(axis=1)


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


# Of each kind: the scale of a row from its distances, and the weight of an edge.
WEIGHTS = {
    "local_scaling": (_distance_to_scaling_neighbor, _local_scaling),
    "heat": (_no_scale, _heat),
    "uniform": (_no_scale, _uniform),
    "fuzzy": (_fuzzy_scales, _fuzzy),
}
