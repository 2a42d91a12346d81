"""Weights of the neighbour graph: distances to a symmetric affinity matrix."""

import numpy as np
from scipy import sparse

# An edge that underflows would cut the graph: it keeps this weight.
_SMALLEST_WEIGHT = float(np.finfo(np.float32).eps)
_SCALING_NEIGHBOR = 7  # Zelnik-Manor and Perona (2004)


def neighbor_affinity(indices, distances, *, weights, gamma, bridges=None):
    """Build a symmetric affinity matrix from lists of neighbours.

    Parameters
    ----------
    indices, distances : ndarray of shape (n_samples, n_neighbors)
        Neighbours of each row, the nearest first.
    weights : {"local_scaling", "heat", "uniform", "fuzzy"}
        How a distance becomes a weight.
    gamma : float
        Coefficient of "heat".
    bridges : tuple of (rows, columns, distances), default=None
        Further edges, each between two rows that are not neighbours.

    Returns
    -------
    csr_matrix of shape (n_samples, n_samples)
        Affinity matrix W: symmetric, positive entries, zero diagonal.
    """
    n_samples, n_neighbors = indices.shape
    rows = np.repeat(np.arange(n_samples), n_neighbors)
    columns, lengths = indices.ravel(), distances.ravel()
    if bridges is not None:
        begin, end, gap = bridges
        rows = np.concatenate([rows, begin, end])
        columns = np.concatenate([columns, end, begin])
        lengths = np.concatenate([lengths, gap, gap])
    weight = WEIGHTS[weights](distances, gamma)
    values = np.maximum(weight(rows, columns, lengths), _SMALLEST_WEIGHT)
    directed = sparse.csr_matrix((values, (rows, columns)), shape=(n_samples,) * 2)
    total = directed + directed.T
    if weights == "fuzzy":  # probabilistic union, as UMAP joins its fuzzy sets
        return (total - directed.multiply(directed.T)).tocsr()
    return (0.5 * total).tocsr()


def _local_scaling(distances, gamma):
    """exp(-d^2 / (s_i s_j)), s_i the distance to the 7th neighbour."""
    scale = _positive(distances[:, min(_SCALING_NEIGHBOR, distances.shape[1]) - 1])
    return lambda i, j, d: np.exp(-(d / scale[i]) * (d / scale[j]))


def _heat(distances, gamma):
    """exp(-gamma d^2)."""
    return lambda i, j, d: np.exp(-gamma * d**2)


def _uniform(distances, gamma):
    return lambda i, j, d: np.ones_like(d)


def _fuzzy(distances, gamma):
    """UMAP's membership: exp(-(d - rho_i) / sigma_i), summing to log2(k)."""
    rho = np.where(distances > 0, distances, np.inf).min(axis=1)
    rho[np.isinf(rho)] = 0.0
    excess = np.maximum(distances - rho[:, None], 0.0)
    target = np.log2(max(distances.shape[1], 2))
    low = np.zeros(len(distances))
    high = np.full(len(distances), _positive(excess.max(axis=1)) * 2**10)
    for _ in range(64):
        sigma = 0.5 * (low + high)
        too_wide = np.exp(-excess / sigma[:, None]).sum(axis=1) > target
        high = np.where(too_wide, sigma, high)
        low = np.where(too_wide, low, sigma)
    # UMAP's floor: a thousandth of the mean distance.
    sigma = _positive(np.maximum(sigma, 1e-3 * distances.mean(axis=1)))
    return lambda i, j, d: np.exp(-np.maximum(d - rho[i], 0.0) / sigma[i])


def _positive(scale):
    """Replace zeros by the smallest positive entry, or by one."""
    positive = scale[scale > 0]
    return np.where(scale > 0, scale, positive.min() if len(positive) else 1.0)


WEIGHTS = {
    "local_scaling": _local_scaling,
    "heat": _heat,
    "uniform": _uniform,
    "fuzzy": _fuzzy,
}
