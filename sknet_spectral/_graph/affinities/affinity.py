"""Weights of the neighbour graph: distances to a symmetric affinity matrix."""

from typing import NamedTuple

import numpy as np
from scipy import sparse

from ..arrays import Edges, Floats, Neighbors
from .weights import WEIGHTS, fallback_scale

# An edge whose weight underflows would cut the graph, so it keeps this weight.
SMALLEST_WEIGHT = float(np.finfo(np.float32).eps)


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
    fallback = fallback_scale(distances)
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
