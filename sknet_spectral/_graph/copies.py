"""Rows that are the same up to rounding: one node of the graph, with a weight."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize

from .distances import HOMOGENEOUS_METRICS, precise_distances
from .metric_spaces import metric_space

# Rows this much nearer than two rows of a cluster are one, in a metric that has no
# smallest step.
_RESOLUTION = 1e-4
# Of distances of rows drawn at random: within a cluster, where there are up to twenty.
_CLUSTER_QUANTILE = 0.05
_PAIRS = 2000
_ROUNDINGS = 4.0
_DIRECTIONS = 8
_LONGEST = 8.0  # extent of a group, in units of the tolerance


class Copies(NamedTuple):
    """Which rows are the same.

    Attributes
    ----------
    first : ndarray of shape (n_distinct,)
        Position of the first of each, ascending.
    group : ndarray of shape (n_samples,)
        Which of these each row is the same as.
    """

    first: np.ndarray
    group: np.ndarray

    @property
    def is_copy(self):
        """Tell the rows that are the same as an earlier one."""
        return self.first[self.group] != np.arange(len(self.group))

    def spread(self, W):
        """Return the graph of all rows, from that of the distinct ones.

        The first of a row's copies has its edges, as often as the mean of both ends
        has copies; each other copy has one edge to the first, of a weight of one. Then
        all have nearly the same place in the eigenvectors, and none is spent on them.

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


def find_copies(X, metric):
    """Find rows that are the same up to rounding, or to a small share of a cluster.

    Rows are sorted along a few directions: those near each other along all of them are
    then compared. The time does not grow with the number of copies.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    metric : str
        One of `distances.METRICS`.

    Returns
    -------
    Copies
        The groups of rows; each row of its own where none are the same.
    """
    space = metric_space(X, metric)
    points = _points(space)
    # Fixed: what is a copy is not left to chance.
    random_state = np.random.RandomState(0)
    tolerance = _tolerance(points, space.metric, random_state)
    candidates = _near_along_directions(points, tolerance, random_state)
    first, group = _by_first(candidates)
    if len(first) == len(group):
        return Copies(first, group)
    copies = np.flatnonzero(first[group] != np.arange(len(group)))
    lengths = precise_distances(points, copies, first[group[copies]], "euclidean")
    candidates = group.copy()
    apart = copies[lengths > 2 * _LONGEST * tolerance]
    alone = np.union1d(apart, np.flatnonzero(space.is_empty))
    candidates[alone] = len(first) + np.arange(len(alone))
    return Copies(*_by_first(candidates))


def _points(space):
    """Return rows whose Euclidean distance is small where the metric's is."""
    rows = space.rows
    if space.metric == "correlation" and not sparse.issparse(rows):
        rows = rows - rows.mean(axis=1, keepdims=True)
    if space.metric in ("cosine", "correlation"):
        return normalize(rows)
    return rows


def _tolerance(points, metric, random_state):
    """Return the distance up to which rows are the same."""
    squares = points.multiply(points) if sparse.issparse(points) else np.square(points)
    length = np.sqrt(np.median(np.asarray(squares.sum(axis=1))))
    n_samples, n_features = points.shape
    rounding = np.finfo(points.dtype).eps * np.sqrt(n_features) * length
    if metric not in HOMOGENEOUS_METRICS | {"sqeuclidean", "cosine", "correlation"}:
        return _ROUNDINGS * rounding
    pairs = random_state.randint(n_samples, size=(2, _PAIRS))
    lengths = precise_distances(points, *pairs, "euclidean")
    lengths = lengths[lengths > rounding]
    within = np.quantile(lengths, _CLUSTER_QUANTILE) if len(lengths) else 0.0
    return max(_ROUNDINGS * rounding, _RESOLUTION * within)


def _near_along_directions(points, tolerance, random_state):
    """Number groups of rows that no direction tells apart."""
    n_samples, n_features = points.shape
    group = np.zeros(n_samples, dtype=np.intp)
    for direction in random_state.normal(size=(_DIRECTIONS, n_features)):
        direction /= np.linalg.norm(direction)
        place = np.asarray(points @ direction).ravel()
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


def _by_first(group):
    """Number groups in the order of their first rows; return these, and the numbers."""
    _, first, group = np.unique(group, return_index=True, return_inverse=True)
    number = np.empty_like(first)
    number[np.argsort(first)] = np.arange(len(first))
    return np.sort(first), number[group]
