"""How sure labels are: probabilities, exemplars and uncertain rows."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import minimize_scalar

from ..._chunks import chunks
from ..._rows.rows import Matrix
from ..underflow import tiny_is_zero
from .assignment import LabelRule

_N_EXEMPLARS = 10
# Enough for the first digit of the temperature, and its relative precision.
_MAX_EDGES, _PRECISION = 5_000, 0.02
# The temperature lies between these shares and multiples of the mean margin.
_COLDEST, _HOTTEST = 1e-3, 1e3
# A spread below this share of the mean squared distance to clusters is rounding.
_MIN_SPREAD = 1e-10
# A square that an exported model, in single precision, does not take for zero.
SMALLEST = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True)
class Memberships:
    """Probabilities of the clusters for any rows of an embedding, each by itself.

    They are in proportion to ``(spread + d^2) ** (-1 / temperature)``, where d is the
    distance to a cluster. This is Student's t kernel, as in Xie, Girshick and Farhadi,
    "Unsupervised deep embedding for clustering analysis" (ICML 2016). The largest is
    the one of the row's label.

    Attributes
    ----------
    spread : float
        Mean squared distance of the training rows to their clusters.
    temperature : float
        How much distances, in logarithms, must differ to count.
    """

    spread: float
    temperature: float

    @tiny_is_zero()
    def __call__(self, rule: LabelRule, Y: np.ndarray) -> np.ndarray:
        """Return the probabilities, of shape (n_rows, n_clusters), of a rule."""
        scores = rule.scores(Y)
        labels = scores.argmax(axis=1)[:, np.newaxis]
        log_kernel = _log_kernel(scores, self.spread)
        probabilities = np.exp(_log_softmax(log_kernel, self.temperature))
        largest = np.take_along_axis(probabilities, labels, axis=1)
        # Rounding must not make another cluster as likely as the label.
        below = np.minimum(probabilities, np.nextafter(largest, 0.0))
        np.put_along_axis(below, labels, largest, axis=1)
        return below


def fit_memberships(scores: np.ndarray, W: Matrix) -> Memberships:
    """Find the probabilities that predict best into which clusters edges lead.

    The cluster of a row's neighbour is a draw from the row's own probabilities, if
    these are calibrated. The temperature maximises the likelihood of these draws, as in
    temperature scaling (Guo et al., "On calibration of modern neural networks", ICML
    2017), with edges of the graph instead of known labels.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_clusters)
        The scores of a label rule for the rows of the graph.
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        Affinities of the graph.

    Returns
    -------
    Memberships
        The probabilities; their temperature is one if no edge tells anything.
    """
    spread = -float(min(scores.max(axis=1).mean(), _MIN_SPREAD * scores.mean()))
    rows, columns, weights = _some_edges(W)
    log_kernel = _log_kernel(scores[rows], spread)
    labels = scores.argmax(axis=1)[columns]
    below = log_kernel.max(axis=1, keepdims=True) - log_kernel
    margin = below.mean() if len(rows) else 0.0
    if not margin > 0:
        return Memberships(spread, 1.0)

    def loss(log_temperature: float) -> float:
        likely = _log_softmax(log_kernel, margin * np.exp(log_temperature))
        return -float(weights @ likely[np.arange(len(rows)), labels])

    bounds = np.log([_COLDEST, _HOTTEST])
    found = minimize_scalar(
        loss, bounds=bounds, method="bounded", options={"xatol": _PRECISION}
    )
    return Memberships(spread, float(margin * np.exp(found.x)))


def find_exemplars(
    scores: np.ndarray, spread: float, typicality: np.ndarray, positions: np.ndarray
) -> tuple[list[np.ndarray], np.ndarray]:
    """Find the rows that stand for each cluster, and those between two clusters.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_clusters)
        The scores of a label rule for the rows of the graph.
    spread : float
        The spread of the clusters.
    typicality : ndarray of shape (n_samples, n_clusters)
        How typical of each cluster the rows are.
    positions : ndarray of shape (n_samples,)
        Their positions among all rows.

    Returns
    -------
    exemplars : list of ndarray of shape (at most 10,)
        For each cluster, positions of its most typical rows, best first.
    least_certain : ndarray of shape (at most 10,)
        Positions of the rows whose two largest probabilities are nearest to each other,
        the nearest first.
    """
    labels = scores.argmax(axis=1)
    # A row that counts several times is named once.
    positions, first = np.unique(positions, return_index=True)
    own = np.take_along_axis(typicality, labels[:, np.newaxis], axis=1)[first, 0]
    exemplars = []
    for cluster in range(scores.shape[1]):
        (members,) = np.nonzero(labels[first] == cluster)
        order = np.argsort(-own[members], kind="stable")
        exemplars.append(positions[members[order[:_N_EXEMPLARS]]])
    if scores.shape[1] < 2:
        return exemplars, positions[:0]
    two_largest = np.partition(scores, -2, axis=1)[first, -2:]
    second, best = _log_kernel(two_largest, spread).T
    order = np.argsort(best - second, kind="stable")
    return exemplars, positions[order[:_N_EXEMPLARS]]


def _log_kernel(scores: np.ndarray, spread: float) -> np.ndarray:
    # Rows that are all the centres of their clusters have no spread.
    return -np.log(np.maximum(spread - scores, SMALLEST))


def _log_softmax(scores: np.ndarray, temperature: float) -> np.ndarray:
    scaled = (scores - scores.max(axis=1, keepdims=True)) / temperature
    return scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))


def _some_edges(W: Matrix) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return evenly spaced edges of a graph: both ends and the weight."""
    n_edges = sum(len(weights) for _, _, weights in _edges_in_chunks(W))
    step, start, kept = 1 + n_edges // _MAX_EDGES, 0, []
    for edges in _edges_in_chunks(W):
        # A view would keep the whole chunk in memory.
        kept.append([part[start::step].copy() for part in edges])
        start = (start - len(edges[-1])) % step
    rows, columns, weights = map(np.concatenate, zip(*kept, strict=True))
    # Only ratios matter, and sums of large weights would overflow.
    return rows, columns, weights / weights.max(initial=1e-300)


def _edges_in_chunks(
    W: Matrix,
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """List the edges in chunks, since all of them need three times the memory of W."""
    n_columns = 1 if sparse.issparse(W) else W.shape[1]
    for rows in chunks((W.shape[0], n_columns)):
        part = sparse.coo_matrix(W[rows])
        sources = part.row + rows.start
        is_edge = (sources != part.col) & (part.data > 0)
        yield sources[is_edge], part.col[is_edge], part.data[is_edge].astype(np.float64)
