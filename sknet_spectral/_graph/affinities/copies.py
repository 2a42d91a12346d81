"""Rows that are equal up to rounding: one node of the graph, with a weight."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize

from ..._chunks import chunks
from ..arrays import Flags, Floats, Integers, Matrix, is_sparse
from ..metrics.distances import HOMOGENEOUS_METRICS, precise_distances
from ..metrics.metric_spaces import MetricSpace, metric_space

# Rows count as equal if their distance, relative to distances within a cluster, is at
# most this. It applies to metrics that have no smallest step.
_RESOLUTION = 1e-4
# This quantile of the distances between random rows is a distance within a cluster, for
# up to twenty clusters.
_CLUSTER_QUANTILE = 0.05
_PAIRS = 2000
_ROUNDINGS = 4.0
_DIRECTIONS = 8
_LONGEST = 8.0  # extent of a group, in units of the tolerance


class Copies(NamedTuple):
    """Groups of equal rows.

    Attributes
    ----------
    first : ndarray of shape (n_distinct,)
        Position of the first row of each group, in ascending order.
    group : ndarray of shape (n_samples,)
        Group of each row.
    """

    first: Integers
    group: Integers

    @property
    def is_copy(self) -> Flags:
        """Tell which rows are equal to an earlier row."""
        return self.first[self.group] != np.arange(len(self.group))

    def spread(self, W: sparse.csr_matrix) -> sparse.csr_matrix:
        """Expand the graph of the distinct rows to all rows.

        The first row of a group keeps the edges of the group, multiplied by the mean
        group size of both ends. Every other copy has one edge to the first row, with a
        weight of one. All copies then take nearly the same values in the eigenvectors,
        so no eigenvector describes the copies alone.

        Parameters
        ----------
        W : csr_matrix of shape (n_distinct, n_distinct)
            Affinities of the distinct rows.

        Returns
        -------
        csr_matrix of shape (n_samples, n_samples)
            Affinities of all rows.
        """
        n_samples = len(self.group)
        if len(self.first) == n_samples:
            return W
        count = np.bincount(self.group)
        edges = W.tocoo()
        weights = edges.data * (count[edges.row] + count[edges.col]) / 2
        copies = np.flatnonzero(self.is_copy)
        originals = self.first[self.group[copies]]
        rows = np.concatenate([self.first[edges.row], copies, originals])
        columns = np.concatenate([self.first[edges.col], originals, copies])
        entries = np.concatenate([weights, np.ones(2 * len(copies))])
        return sparse.csr_matrix((entries, (rows, columns)), (n_samples,) * 2)


def find_copies(X: Matrix, metric: str) -> Copies:
    """Find rows that are equal up to rounding, or up to a tiny distance.

    Rows are sorted along a few directions. Rows that are near each other along all
    directions are then compared. The time does not grow with the number of copies.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    metric : str
        One of `distances.METRICS`.

    Returns
    -------
    Copies
        The groups of equal rows.
    """
    space = metric_space(X, metric)
    points = _points(space)
    # The seed is fixed, so that chance does not decide which rows are copies.
    random_state = np.random.RandomState(0)
    tolerance = _tolerance(points, space.metric, random_state)
    candidates = _near_along_directions(points, tolerance, random_state)
    first, group = _number_by_first(candidates)
    if len(first) == len(group):
        return Copies(first, group)
    copies = np.flatnonzero(first[group] != np.arange(len(group)))
    lengths = precise_distances(points, copies, first[group[copies]], "euclidean")
    candidates = group.copy()
    apart = copies[lengths > 2 * _LONGEST * tolerance]
    alone = np.union1d(apart, np.flatnonzero(space.is_empty))
    candidates[alone] = len(first) + np.arange(len(alone))
    return Copies(*_number_by_first(candidates))


def _points(space: MetricSpace) -> Matrix:
    """Return rows whose Euclidean distance is small whenever the metric's is."""
    rows = space.rows
    if space.metric == "correlation" and not is_sparse(rows):
        rows = rows - rows.mean(axis=1, keepdims=True)
    if space.metric in ("cosine", "correlation"):
        return normalize(rows)
    return rows


def _tolerance(
    points: Matrix, metric: str, random_state: np.random.RandomState
) -> float:
    """Return the distance up to which rows count as equal."""
    length = np.sqrt(np.median(_squared_lengths(points)))
    n_samples, n_features = points.shape
    rounding = np.finfo(points.dtype).eps * np.sqrt(n_features) * length
    if metric not in HOMOGENEOUS_METRICS | {"sqeuclidean", "cosine", "correlation"}:
        return _ROUNDINGS * rounding
    pairs = random_state.randint(n_samples, size=(2, _PAIRS))
    lengths = precise_distances(points, pairs[0], pairs[1], "euclidean")
    lengths = lengths[lengths > rounding]
    within = np.quantile(lengths, _CLUSTER_QUANTILE) if len(lengths) else 0.0
    return max(_ROUNDINGS * rounding, _RESOLUTION * within)


def _squared_lengths(points: Matrix) -> Floats:
    if is_sparse(points):
        return np.asarray(points.multiply(points).sum(axis=1)).ravel()
    return np.einsum("ij,ij->i", points, points)


def _near_along_directions(
    points: Matrix, tolerance: float, random_state: np.random.RandomState
) -> Integers:
    """Number the groups of rows that are near each other along all directions."""
    n_samples, n_features = points.shape
    group = np.zeros(n_samples, dtype=np.intp)
    for direction in random_state.normal(size=(_DIRECTIONS, n_features)):
        direction /= np.linalg.norm(direction)
        # A product in double precision of all rows at once would copy them first.
        parts = [points[rows] @ direction for rows in chunks(points.shape)]
        place = np.concatenate(parts)
        order = np.lexsort((place, group))
        place, sorted_group = place[order], group[order]
        begins = np.ones(n_samples, dtype=bool)
        begins[1:] = np.diff(sorted_group) > 0
        begins[1:] |= np.diff(place) > tolerance
        run = np.cumsum(begins) - 1
        # A long chain of near rows is cut into pieces.
        reach = place - place[begins][run]
        piece = np.floor(reach / max(_LONGEST * tolerance, np.finfo(float).tiny))
        begins[1:] |= np.diff(piece) != 0
        group[order] = np.cumsum(begins) - 1
        if begins.all():
            break
    return group


def _number_by_first(group: Integers) -> tuple[Integers, Integers]:
    """Number groups in the order of their first rows; return these and the numbers."""
    _, first, group = np.unique(group, return_index=True, return_inverse=True)
    number = np.empty_like(first)
    number[np.argsort(first)] = np.arange(len(first))
    return np.sort(first), number[group]
