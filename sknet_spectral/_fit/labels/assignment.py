"""From an embedding to labels: rules of one centre or direction for each cluster.

A rule is learned from the embedding of the training rows, and its `labels` then
numbers any rows, each by itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np
from scipy.linalg import qr, svd
from scipy.spatial.distance import cdist
from sklearn.cluster._spectral import discretize

from ..._graph.threads import results_in_threads

# Rules that rotate the lowest eigenvectors, one for each cluster.
ROTATIONS = "discretize", "cluster_qr"
_BLOCK_ROWS = 2**13


class LabelRule(ABC):
    """Labels any rows of an embedding, each by itself."""

    def scores(self, Y: np.ndarray) -> np.ndarray:
        """Return minus the squared distance of each row to each cluster.

        It has the shape (n_rows, n_clusters).
        """
        return np.concatenate(_of_blocks(Y, self._scores))

    def labels(self, Y: np.ndarray) -> np.ndarray:
        """Return the cluster with the largest score of each row."""
        # The scores of all rows at once may fill the memory.
        found = _of_blocks(Y, lambda block: self._scores(block).argmax(axis=1))
        return np.concatenate(found).astype(np.int32)

    def typicality(self, Y: np.ndarray) -> np.ndarray:
        """Say how near each row is to the middle of each cluster. The scores do."""
        return self.scores(Y)

    @abstractmethod
    def _scores(self, Y: np.ndarray) -> np.ndarray:
        """Return the scores of a block of rows."""


def _of_blocks(
    Y: np.ndarray, function: Callable[[np.ndarray], np.ndarray]
) -> list[np.ndarray]:
    """Apply a function to blocks of at most 8,192 rows, in threads."""
    blocks = np.array_split(Y, 1 + len(Y) // _BLOCK_ROWS)
    return results_in_threads(function, blocks)


def unit_rows(Y: np.ndarray) -> np.ndarray:
    """Scale rows to unit length, as in Ng, Jordan and Weiss; zero rows stay zero."""
    norms = np.linalg.norm(Y, axis=1, keepdims=True)
    return np.divide(Y, norms, out=np.zeros_like(Y), where=norms > 0)


def rows_to_cluster(Y: np.ndarray, unit_length: bool) -> np.ndarray:
    """Return the rows among which centres are found.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_components)
        Rows of an embedding.
    unit_length : bool
        Whether they are scaled to unit length; a single component never is.

    Returns
    -------
    ndarray of shape (n_samples, n_components)
        The rows.
    """
    return unit_rows(Y) if unit_length and Y.shape[1] > 1 else Y


def check_rule(
    assign_labels: str, n_components: int | str, n_clusters: int | str
) -> None:
    """Refuse a rule that needs as many components as clusters, if they differ.

    Parameters
    ----------
    assign_labels : str
        Which rule.
    n_components, n_clusters : int or "auto"
        The two numbers.

    Raises
    ------
    ValueError
        If the rule needs equal numbers, and they differ.
    """
    is_square = n_components != "auto" and n_components == n_clusters
    if assign_labels in ROTATIONS and not is_square:
        raise ValueError(
            f"assign_labels={assign_labels!r} needs as many components as clusters, "
            f"got n_components={n_components} and n_clusters={n_clusters}: use "
            "assign_labels='auto' or, to relabel, nested=True."
        )


class NearestCenter(LabelRule):
    """The label of a row is its nearest centre, as in k-means.

    Parameters
    ----------
    centers : ndarray of shape (n_centers, n_components)
        The centres.
    unit_length : bool
        Whether rows are scaled to unit length first.
    """

    def __init__(self, centers: np.ndarray, *, unit_length: bool) -> None:
        self.centers, self.unit_length = centers, unit_length

    def without_empty(self, Y: np.ndarray) -> "NearestCenter":
        """Leave out centres that are nearest to none of some rows."""
        nearest = np.unique(self.labels(Y))
        return NearestCenter(self.centers[nearest], unit_length=self.unit_length)

    def _scores(self, Y: np.ndarray) -> np.ndarray:
        """Return minus the squared distances to the centres."""
        points = rows_to_cluster(Y, self.unit_length)
        # Differences, not products: a row's answer must not depend on other rows.
        return -cdist(points, self.centers, "sqeuclidean")


class Discretization(LabelRule):
    """The nearest partition matrix (Yu and Shi, 2003), kept as a rotation.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_clusters)
        Embedding of the training rows.
    random_state : numpy.random.RandomState
        Source of the first rotation.
    """

    def __init__(self, Y: np.ndarray, *, random_state: np.random.RandomState) -> None:
        # scikit-learn scales columns to one length.
        norms = np.linalg.norm(Y, axis=0)
        axes, rows = norms > 0, Y.any(axis=1)
        self.scale = np.zeros(len(norms))
        self.scale[axes] = 1.0 / norms[axes]
        V = unit_rows(Y * self.scale)[np.ix_(rows, axes)]
        labels = discretize(Y[np.ix_(rows, axes)], random_state=random_state)
        self.rotation = np.zeros((len(axes), axes.sum()))
        self.rotation[axes] = _polar_factor(V.T @ np.eye(axes.sum())[labels])
        self.rotation = self.rotation[:, np.unique(self.labels(Y))]

    def _scores(self, Y: np.ndarray) -> np.ndarray:
        """Return minus the squared distances of rows, at unit length, to the axes."""
        return 2.0 * _rotated(unit_rows(Y * self.scale), self.rotation) - 2.0


class PivotedRotation(LabelRule):
    """Cluster by column-pivoted QR (Damle, Minden and Ying, 2019).

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_clusters)
        Embedding of the training rows.
    """

    def __init__(self, Y: np.ndarray) -> None:
        pivots = qr(Y.T, mode="r", pivoting=True)[-1][: Y.shape[1]]
        self.rotation = _polar_factor(Y[pivots].T)
        self.rotation = self.rotation[:, np.unique(self.labels(Y))]

    def _scores(self, Y: np.ndarray) -> np.ndarray:
        """Return minus the squared distances of rows, at unit length, to the lines."""
        return 2.0 * np.abs(_rotated(unit_rows(Y), self.rotation)) - 2.0


def _polar_factor(A: np.ndarray) -> np.ndarray:
    """Return the orthogonal matrix nearest to A."""
    left, _, right = svd(A)
    return left @ right


def _rotated(V: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    # Column by column, so that rounding does not depend on columns that are left out.
    return np.column_stack([(V * column).sum(axis=1) for column in rotation.T])
