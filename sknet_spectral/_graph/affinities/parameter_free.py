"""A neighbour graph without parameters.

Source: Alshammari, Stavrakakis and Takatsuka, "A parameter-free graph reduction for
spectral clustering and SpectralNet", Array 15, 2022.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy import sparse

from ..arrays import Flags, Floats, Integers, Matrix, Neighbors
from ..metrics.distances import EXACT_METRICS
from ..metrics.metric_spaces import MetricSpace, metric_space
from ..search.exact_search import exact_neighbors
from ..search.search_costs import exact_seconds
from ..steps import Report, report_nothing
from .affinity import SMALLEST_WEIGHT
from .weights import typical_length

MAX_ROWS = 20_000
_MAX_NEIGHBORS = 1000
_BLOCK_ROWS = 1000
# Numbers whose relative difference is below this count as equal.
_ROUNDING = 1e-7


class ReducedGraph(NamedTuple):
    """A graph of close neighbours, and the neighbours from which it was made.

    Attributes
    ----------
    W : csr_matrix of shape (n_samples, n_samples)
        Affinity matrix: symmetric, with positive entries and a zero diagonal. Every row
        has an edge.
    neighbors : Neighbors of shape (n_samples, k_max)
        The exact neighbours of each row, k_max = min(n_samples - 2, 1000).
    reach : ndarray of shape (n_samples,)
        tau, the distance up to which the neighbours of a row are close.
    """

    W: sparse.csr_matrix
    neighbors: Neighbors
    reach: Floats

    @property
    def close_neighbors(self) -> Neighbors:
        """The neighbours within reach; their lists end in infinite distances."""
        indices, distances = self.neighbors
        within = distances <= self.reach[:, None]
        return Neighbors(indices, np.where(within, distances, np.inf))


class _Bins(NamedTuple):
    low: float
    width: float
    size: int

    @property
    def right_edges(self) -> Floats:
        """The right edge of each bin."""
        return self.low + self.width * np.arange(1, self.size + 1)


def reduce_graph(
    X: Matrix,
    *,
    metric: str,
    n_jobs: int | None = None,
    report: Report = report_nothing,
) -> ReducedGraph:
    """Reduce the graph of exact neighbours to edges between rows of similar density.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        From 2 to 20,000 rows.
    metric : str
        A metric that supports exact search.
    n_jobs : int, default=None
        Number of threads.
    report : callable, default=report_nothing
        Takes the number of rows that were searched since the last call.

    Returns
    -------
    ReducedGraph
        The graph.

    Raises
    ------
    ValueError
        If there are more than 20,000 rows, or the metric has no exact search.
    """
    space = _exact_space(X, metric)
    n_neighbors = max(1, min(X.shape[0] - 2, _MAX_NEIGHBORS))
    found = exact_neighbors(space.rows, n_neighbors, space.metric, n_jobs, report)
    indices, lengths = found[0], space.separate_unrelated(*found)
    distances = space.finish(found[1])
    # In units of the largest distance, squares cannot overflow.
    scale = float(distances.max(initial=0.0)) or 1.0
    distances = distances / scale
    # The median, since an outlier would move the mean.
    distances[distances <= _ROUNDING * np.median(distances, axis=1)[:, None]] = 0.0
    reach = _reach(distances)
    sigma = _local_scale(distances, reach)
    weights = distances / sigma[indices]
    weights *= distances / sigma[:, None]
    np.exp(-weights, out=weights)
    weights[np.isinf(lengths)] = 0.0
    W = _mutual(indices, weights, _strong(weights))
    return ReducedGraph(W, Neighbors(indices, lengths), reach * scale)


def _exact_space(X: Matrix, metric: str) -> MetricSpace:
    """Return the metric space of the rows, if it can be searched exactly."""
    if X.shape[0] > MAX_ROWS:
        raise ValueError(
            f"The parameter-free graph takes at most {MAX_ROWS} rows, since it keeps "
            f"the {_MAX_NEIGHBORS} exact neighbours of each, but X has {X.shape[0]}. "
            "Choose 'nearest_neighbors' instead of 'parameter_free', or fewer rows."
        )
    space = metric_space(X, metric)
    if math.isinf(exact_seconds(space.rows, space.metric)):
        raise ValueError(
            "The parameter-free graph needs exact neighbours, but "
            f"metric={metric!r} has no exact search for this X. Choose 'euclidean' or "
            f"'cosine', or for dense X one of {sorted(EXACT_METRICS)}."
        )
    return space


def _bins(values: Floats) -> _Bins:
    """Choose bins of Freedman and Diaconis' width, or one bin if all values are equal.

    The interquartile range is taken as at least a tenth of the spread. This keeps the
    number of bins of m values below 5 m^(1/3) + 1.
    """
    low, lower, upper, high = np.percentile(values, [0, 25, 75, 100])
    spread = high - low
    if spread <= _ROUNDING * high:
        return _Bins(low, spread, 1)
    # In units of the spread, since the number of bins must not depend on the scale.
    width = 2 * max((upper - lower) / spread, 0.1) * values.size ** (-1 / 3)
    return _Bins(low, width * spread, math.ceil(1 / width))


def _reach(distances: Floats) -> Floats:
    """Return tau: the right edge of the first bin that is dense with neighbours."""
    bins = _bins(distances)
    if bins.size < 3:
        return np.full(len(distances), bins.right_edges[-1])
    blocks = np.array_split(distances, math.ceil(len(distances) / _BLOCK_ROWS))
    peaks = np.concatenate([_first_peak(block, bins) for block in blocks])
    return bins.right_edges[peaks]


def _first_peak(distances: Floats, bins: _Bins) -> Integers:
    """Find the first bin of each row's histogram whose P exceeds the mean P.

    P is the product of the counts of a bin and of the two bins before it, each divided
    by its rank, so that nearer bins weigh more. If no bin qualifies, it is the third.
    """
    shape = len(distances), bins.size
    position = ((distances - bins.low) / bins.width).astype(np.intp)
    position = np.minimum(position, bins.size - 1)
    flat = (position + bins.size * np.arange(len(distances))[:, None]).ravel()
    counts = np.bincount(flat, minlength=math.prod(shape)).reshape(shape)
    shares = counts / np.arange(1.0, bins.size + 1)
    P = shares[:, 2:] * shares[:, 1:-1] * shares[:, :-2]
    return (P.mean(axis=1, keepdims=True) < P).argmax(axis=1) + 2


def _local_scale(distances: Floats, reach: Floats) -> Floats:
    """Return sigma: the mean positive distance within reach, or the smallest one."""
    close = (distances > 0) & (distances <= reach[:, None])
    count = close.sum(axis=1)
    mean = np.where(close, distances, 0.0).sum(axis=1) / np.maximum(count, 1)
    nearest = np.where(distances > 0, distances, np.inf).min(axis=1)
    nearest[np.isinf(nearest)] = 0.0  # all neighbours are copies of the row
    scales = np.where(count > 0, mean, nearest)
    return np.where(scales > 0, scales, typical_length(scales))


def _strong(weights: Floats) -> Flags:
    """Tell which weights stand out among all weights and within their row."""
    bins = _bins(weights)
    strong = weights > 0
    if bins.size > 1:
        strong &= weights >= bins.right_edges[0]
    count = np.maximum(strong.sum(axis=1), 1)
    kept = np.where(strong, weights, 0.0)
    mean = kept.sum(axis=1) / count
    squares = np.where(strong, np.square(weights - mean[:, None]), 0.0)
    deviation = np.sqrt(squares.sum(axis=1) / np.maximum(count - 1, 1))
    high, low = mean + deviation, mean - deviation
    stands_out = kept.max(axis=1) > high * (1 + _ROUNDING)
    threshold = np.where(stands_out, high, low) * (1 - _ROUNDING)
    return strong & (weights >= threshold[:, None])


def _mutual(indices: Integers, weights: Floats, strong: Flags) -> sparse.csr_matrix:
    """Join rows that chose each other, and other rows to their strongest neighbour."""
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


def _matrix(
    rows: Integers, columns: Integers, values: Floats, n_samples: int
) -> sparse.csr_matrix:
    return sparse.csr_matrix((values, (rows, columns)), shape=(n_samples, n_samples))
