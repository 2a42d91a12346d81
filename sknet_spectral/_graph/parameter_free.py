"""A neighbour graph without parameters: which edges it keeps, how many clusters.

Source: Alshammari, Stavrakakis and Takatsuka, "A parameter-free graph reduction for
spectral clustering and SpectralNet", Array 15, 2022.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy import sparse

from .affinity import SMALLEST_WEIGHT, Neighbors, typical_length
from .components import connected_components
from .distances import EXACT_METRICS
from .laplacian import MAX_CLUSTERS, eigengap
from .metric_spaces import metric_space
from .neighbors import exact_neighbors
from .search_costs import exact_seconds

MAX_ROWS = 20_000
_MAX_NEIGHBORS = 1000
_BLOCK_ROWS = 1000
# What differs by less than this share is equal.
_ROUNDING = 1e-7


class ReducedGraph(NamedTuple):
    """A graph of close neighbours, and the neighbours it was chosen from.

    Attributes
    ----------
    W : csr_matrix of shape (n_samples, n_samples)
        Affinity matrix: symmetric, positive entries, zero diagonal; every row has
        an edge.
    neighbors : Neighbors of shape (n_samples, k_max)
        The exact neighbours of each row, k_max = min(n_samples - 2, 1000).
    reach : ndarray of shape (n_samples,)
        tau, the distance up to which the neighbours of a row are its close ones.
    """

    W: sparse.csr_matrix
    neighbors: Neighbors
    reach: np.ndarray

    @property
    def close_neighbors(self):
        """The neighbours within reach: lists that end in infinite distances."""
        indices, distances = self.neighbors
        within = distances <= self.reach[:, None]
        return Neighbors(indices, np.where(within, distances, np.inf))


class _Bins(NamedTuple):
    low: float
    width: float
    size: int

    def right_edge(self, position):
        """Right edge of the bin at a position, from 0."""
        return self.low + self.width * (position + 1)


def parameter_free_affinity(X, *, metric, n_jobs=None):
    """Build the affinity matrix of the parameter-free graph.

    Parameters
    ----------
    X, metric, n_jobs
        As in `reduce_graph`.

    Returns
    -------
    csr_matrix of shape (n_samples, n_samples)
        Affinity matrix W: symmetric, positive entries, zero diagonal.
    """
    return reduce_graph(X, metric=metric, n_jobs=n_jobs).W


def reduce_graph(X, *, metric, n_jobs=None):
    """Keep of the graph of exact neighbours what joins rows of one density.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows, from 2 to 20,000.
    metric : str
        Name of a metric that scikit-learn's exact search has.
    n_jobs : int, default=None
        Number of threads.

    Returns
    -------
    ReducedGraph
        The graph.

    Raises
    ------
    ValueError
        For more than 20,000 rows, or a metric without exact search.
    """
    space = _exact_space(X, metric)
    n_neighbors = max(1, min(X.shape[0] - 2, _MAX_NEIGHBORS))
    found = exact_neighbors(space.rows, n_neighbors, space.metric, n_jobs)
    indices, lengths = found[0], space.separate_unrelated(*found)
    distances = space.finish(found[1])
    # Large distances overflow no square in units of the largest.
    scale = float(distances.max(initial=0.0)) or 1.0
    distances = distances / scale
    # A mean would go after an outlier.
    distances[distances <= _ROUNDING * np.median(distances, axis=1)[:, None]] = 0.0
    reach = _reach(distances)
    sigma = _local_scale(distances, reach)
    weights = distances / sigma[indices]
    weights *= distances / sigma[:, None]
    np.exp(-weights, out=weights)
    weights[np.isinf(lengths)] = 0.0
    W = _mutual(indices, weights, _strong(weights))
    return ReducedGraph(W, Neighbors(indices, lengths), reach * scale)


def number_of_clusters(W, eigenvalues):
    """Choose the number of clusters by where the eigenvalues stop being alike.

    It starts at the number of components and grows as long as the next eigenvalue
    lifts the mean of the non-zero ones by no more than their deviation.

    Parameters
    ----------
    W : csr_matrix of shape (n_samples, n_samples)
        Symmetric affinities.
    eigenvalues : ndarray of shape (n_eigenvalues,)
        Lowest eigenvalues of the normalised Laplacian, in ascending order; 22 of
        them, or all.

    Returns
    -------
    int
        Number of clusters. Where no eigenvalue ends the growth up to 20, it is the
        number of components. One cluster is no answer: the largest gap then decides,
        which was right far more often on connected graphs.
    """
    _, labels = connected_components(W)
    n_components = max(1, np.count_nonzero(np.bincount(labels) > 1))
    n_clusters = n_components
    end = min(MAX_CLUSTERS + 1, len(eigenvalues) - 1)
    for r in range(n_components + 1, end):
        alike = eigenvalues[n_components : r + 1]
        longer = eigenvalues[n_components : r + 2]
        if alike.mean() + alike.std(ddof=1) < longer.mean() * (1 - _ROUNDING):
            break
        n_clusters = r
    else:
        n_clusters = n_components
    return n_clusters if n_clusters > 1 else eigengap(eigenvalues)


def _exact_space(X, metric):
    """Return the space of the rows, if it can be searched exactly."""
    if X.shape[0] > MAX_ROWS:
        raise ValueError(
            f"The parameter-free graph takes at most {MAX_ROWS} rows, since it keeps "
            f"the {_MAX_NEIGHBORS} exact neighbours of each: X has {X.shape[0]}. "
            "Choose 'nearest_neighbors' instead of 'parameter_free', or fewer rows."
        )
    space = metric_space(X, metric)
    if math.isinf(exact_seconds(space.rows, space.metric)):
        raise ValueError(
            "The parameter-free graph needs exact neighbours: "
            f"metric={metric!r} has none for this X. Choose 'euclidean' or 'cosine', "
            f"or for dense X one of {sorted(EXACT_METRICS)}."
        )
    return space


def _bins(values):
    """Bins of Freedman and Diaconis' width; one bin where all values are equal.

    The interquartile range counts as a tenth of the spread at least, which keeps the
    number of bins of m values under 5 m^(1/3) + 1.
    """
    low, lower, upper, high = np.percentile(values, [0, 25, 75, 100])
    spread = high - low
    if spread <= _ROUNDING * high:
        return _Bins(low, spread, 1)
    # In units of the spread, so that the number of bins does not depend on the scale.
    width = 2 * max((upper - lower) / spread, 0.1) * values.size ** (-1 / 3)
    return _Bins(low, width * spread, math.ceil(1 / width))


def _reach(distances):
    """tau: the right edge of the first bin in which a row's neighbours are dense."""
    bins = _bins(distances)
    if bins.size < 3:
        return np.full(len(distances), bins.right_edge(bins.size - 1))
    blocks = np.array_split(distances, math.ceil(len(distances) / _BLOCK_ROWS))
    peaks = np.concatenate([_first_peak(block, bins) for block in blocks])
    return bins.right_edge(peaks)


def _first_peak(distances, bins):
    """Of each row's histogram, the first bin whose P is above the mean, or the third.

    P is the product of the counts of a bin and the two before it, each divided by
    its rank: nearer bins weigh more.
    """
    shape = len(distances), bins.size
    position = ((distances - bins.low) / bins.width).astype(np.intp)
    position = np.minimum(position, bins.size - 1)
    flat = (position + bins.size * np.arange(len(distances))[:, None]).ravel()
    counts = np.bincount(flat, minlength=math.prod(shape)).reshape(shape)
    shares = counts / np.arange(1.0, bins.size + 1)
    P = shares[:, 2:] * shares[:, 1:-1] * shares[:, :-2]
    return (P.mean(axis=1, keepdims=True) < P).argmax(axis=1) + 2


def _local_scale(distances, reach):
    """sigma: mean of the positive distances within reach, or the smallest one."""
    close = (distances > 0) & (distances <= reach[:, None])
    count = close.sum(axis=1)
    mean = np.where(close, distances, 0.0).sum(axis=1) / np.maximum(count, 1)
    nearest = np.where(distances > 0, distances, np.inf).min(axis=1)
    nearest[np.isinf(nearest)] = 0.0  # all its neighbours are equal to it
    scales = np.where(count > 0, mean, nearest)
    return np.where(scales > 0, scales, typical_length(scales))


def _strong(weights):
    """Tell which weights stand out: first of all, then of their row."""
    bins = _bins(weights)
    strong = weights > 0
    if bins.size > 1:
        strong &= weights >= bins.right_edge(0)
    count = np.maximum(strong.sum(axis=1), 1)
    kept = np.where(strong, weights, 0.0)
    mean = kept.sum(axis=1) / count
    squares = np.where(strong, np.square(weights - mean[:, None]), 0.0)
    deviation = np.sqrt(squares.sum(axis=1) / np.maximum(count - 1, 1))
    high, low = mean + deviation, mean - deviation
    stands_out = kept.max(axis=1) > high * (1 + _ROUNDING)
    threshold = np.where(stands_out, high, low) * (1 - _ROUNDING)
    return strong & (weights >= threshold[:, None])


def _mutual(indices, weights, strong):
    """Join rows that chose each other; a row left alone joins its strongest one."""
    n_samples = len(indices)
    rows, order = np.nonzero(strong)
    directed = _matrix(rows, indices[rows, order], weights[rows, order], n_samples)
    chosen = directed.sign()
    mutual = (0.5 * (directed + directed.T)).multiply(chosen.multiply(chosen.T))
    alone = np.flatnonzero(mutual.getnnz(axis=1) == 0)
    order = weights[alone].argmax(axis=1)
    strongest = np.maximum(weights[alone, order], SMALLEST_WEIGHT)
    rescued = _matrix(alone, indices[alone, order], strongest, n_samples)
    return sparse.csr_matrix(mutual + rescued.maximum(rescued.T))


def _matrix(rows, columns, values, n_samples):
    return sparse.csr_matrix((values, (rows, columns)), shape=(n_samples, n_samples))
