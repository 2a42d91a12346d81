"""From an embedding to labels: three rules, and how many clusters.

A rule is learned from the embedding of the training rows, and its `labels` then
numbers any rows, each by itself.
"""

from itertools import combinations

import numpy as np
from scipy.linalg import qr, svd
from scipy.stats import entropy
from sklearn.cluster import KMeans
from sklearn.cluster._spectral import discretize
from sklearn.metrics import adjusted_rand_score

# Of all runs many end in a poor local optimum, whose number says little.
_RUNS, _BEST_RUNS = 20, 5
_ALIKE = 0.005
_AGREEMENT_ROWS = 10_000
_MOST_POINTS = 100_000
_BLOCK_ROWS = 2**16


def unit_rows(Y):
    """Scale rows to unit length, as Ng, Jordan and Weiss; zero rows stay zero."""
    norms = np.linalg.norm(Y, axis=1, keepdims=True)
    return np.divide(Y, norms, out=np.zeros_like(Y), where=norms > 0)


def most_agreed_components(Y, n_clusters, *, unit_length, random_state):
    """Choose the number of components by runs of k-means that agree.

    Candidates are `n_clusters` to 1.4 times as many. Of each, the five best of twenty
    single runs count, by their mean adjusted Rand index. Among the numbers on which
    they agree alike, the one that makes the most balanced clusters is taken. More
    components than clusters are worth much where variation inside clusters comes
    before the last separation.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_eigenvectors)
        Eigenvectors in order; at most 10,000 rows are used, drawn at random.
    n_clusters : int
        Number of clusters.
    unit_length : bool
        As in `NearestCenter`.
    random_state : numpy.random.RandomState
        Draws rows and initial centres.

    Returns
    -------
    int
        Number of components, the smaller of two that are as good.
    """
    sample = random_state.permutation(len(Y))[:_AGREEMENT_ROWS]
    candidates = range(
        n_clusters, min(most_auto_components(n_clusters), Y.shape[1]) + 1
    )
    agreement, balance = np.zeros((2, len(candidates)))
    for i, n_components in enumerate(candidates):
        points = Y[sample, :n_components]
        runs = [
            NearestCenter(
                points,
                n_clusters,
                unit_length=unit_length,
                n_init=1,
                random_state=random_state,
                verbose=False,
            )
            for _ in range(_RUNS)
        ]
        best = sorted(runs, key=lambda run: run.inertia(points))[:_BEST_RUNS]
        labels = [run.labels(points) for run in best]
        pairs = [adjusted_rand_score(a, b) for a, b in combinations(labels, 2)]
        agreement[i] = np.mean(pairs)
        balance[i] = entropy(np.bincount(labels[0])).round(6)
    alike = agreement >= agreement.max() - _ALIKE
    return candidates[int(np.argmax(np.where(alike, balance, -1.0)))]


def most_auto_components(n_clusters):
    """Largest number of components that "auto" considers."""
    return int(1.4 * n_clusters)


class NearestCenter:
    """K-means: the label of a row is its nearest centre.

    Fewer distinct rows than clusters are not an error: each distinct row is then a
    centre of its own. Of more than 100,000 rows as many are drawn to find the centres.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_components)
        Embedding of the training rows, float64.
    n_clusters : int
        Number of centres.
    unit_length : bool
        Whether rows are scaled to unit length first.
    n_init : int
        Runs of k-means; the best is kept.
    random_state : numpy.random.RandomState
        Source of the initial centres.
    verbose : bool
        Whether k-means prints what it does.

    Attributes
    ----------
    centers : ndarray of shape (at most n_clusters, n_components)
        Centres, each the nearest of at least one row.
    """

    def __init__(self, Y, n_clusters, *, unit_length, n_init, random_state, verbose):
        self.unit_length = unit_length
        some = slice(None)
        if len(Y) > _MOST_POINTS:
            some = random_state.permutation(len(Y))[:_MOST_POINTS]
        points = self._points(Y[some])
        distinct = np.unique(points.round(8), axis=0)
        if len(distinct) <= n_clusters:
            self.centers = distinct
        else:
            kmeans = KMeans(
                n_clusters, n_init=n_init, random_state=random_state, verbose=verbose
            )
            self.centers = kmeans.fit(points).cluster_centers_
        self.centers = self.centers[np.unique(self.labels(Y))]

    def labels(self, Y):
        """Label the rows of an embedding, each by itself."""
        blocks = np.array_split(Y, 1 + len(Y) // _BLOCK_ROWS)
        nearest = [np.argmin(self._squares(block), axis=0) for block in blocks]
        return np.concatenate(nearest).astype(np.int32)

    def inertia(self, Y):
        """Sum the squared distances of the rows to their centres."""
        return np.min(self._squares(Y), axis=0).sum()

    def _squares(self, Y):
        points = self._points(Y)
        return [np.square(points - center).sum(axis=1) for center in self.centers]

    def _points(self, Y):
        return unit_rows(Y) if self.unit_length and Y.shape[1] > 1 else Y


class Discretization:
    """The nearest partition matrix (Yu and Shi, 2003), kept as a rotation.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_clusters)
        Embedding of the training rows.
    random_state : numpy.random.RandomState
        Source of the first rotation.
    """

    def __init__(self, Y, *, random_state):
        # scikit-learn scales columns to one length and makes the first row negative.
        norms = np.linalg.norm(Y, axis=0)
        axes, rows = norms > 0, Y.any(axis=1)
        self.scale = np.zeros(len(norms))
        self.scale[axes] = np.where(Y[0, axes] > 0, -1.0, 1.0) / norms[axes]
        V = unit_rows(Y * self.scale)[np.ix_(rows, axes)]
        labels = discretize(Y[np.ix_(rows, axes)], random_state=random_state)
        self.rotation = np.zeros((len(axes), axes.sum()))
        self.rotation[axes] = _polar_factor(V.T @ np.eye(axes.sum())[labels])
        self.rotation = self.rotation[:, np.unique(self.labels(Y))]

    def labels(self, Y):
        """Label the rows of an embedding, each by itself."""
        return _largest(_rotated(unit_rows(Y * self.scale), self.rotation))


class PivotedRotation:
    """Cluster by column-pivoted QR (Damle, Minden and Ying, 2019).

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_clusters)
        Embedding of the training rows.
    """

    def __init__(self, Y):
        pivots = qr(Y.T, mode="r", pivoting=True)[-1][: Y.shape[1]]
        self.rotation = _polar_factor(Y[pivots].T)
        self.rotation = self.rotation[:, np.unique(self.labels(Y))]

    def labels(self, Y):
        """Label the rows of an embedding, each by itself."""
        return _largest(np.abs(_rotated(Y, self.rotation)))


def _polar_factor(A):
    """The orthogonal matrix nearest to A."""
    left, _, right = svd(A)
    return left @ right


def _rotated(V, rotation):
    # Column by column: where two tie, rounding must not depend on those left out.
    return np.column_stack([(V * column).sum(axis=1) for column in rotation.T])


def _largest(memberships):
    return memberships.argmax(axis=1).astype(np.int32)
