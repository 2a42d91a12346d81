"""Few columns in place of many: rows near each other in them are near in all."""

from typing import NamedTuple

import numpy as np
from sklearn.decomposition import PCA
from sklearn.utils.extmath import row_norms

from ..arrays import Floats, Integers
from ..threads import few_threads

MAX_FEATURES = 96
_COMPONENT_ROWS = 5_000
_SAMPLE_ROWS, _BLOCK_ENTRIES = 128, 2**22
_MIN_RECALL = 0.99
# Longer lists of candidates cost more than a search in all columns.
_MAX_CANDIDATES = 10  # for each neighbour


class LeadingComponents(NamedTuple):
    """Wide rows in their principal components.

    Attributes
    ----------
    Z : ndarray of shape (n_samples, 96)
        The components.
    n_candidates : int
        Number of the nearest rows in `Z` among which are 99 % of the neighbours.
    """

    Z: Floats
    n_candidates: int


def leading_components(
    X: Floats, n_neighbors: int, random_state: np.random.RandomState
) -> LeadingComponents | None:
    """Project wide rows on their first principal axes, if that tells neighbours.

    A sample of rows is compared with all others, once in all columns and once in the
    components. Images and other rows with structure pass. Text and noise do not: their
    nearest rows differ in columns that have little variance each.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Centred rows.
    n_neighbors : int
        Number of neighbours of each row, less than `n_samples`.
    random_state : numpy.random.RandomState
        Draws the rows from which the axes are computed.

    Returns
    -------
    LeadingComponents or None
        The components, or None if the candidates would be more than ten for each
        neighbour.
    """
    rows = X.astype(np.float32, copy=False)
    some = random_state.permutation(len(rows))[:_COMPONENT_ROWS]
    axes = PCA(MAX_FEATURES, svd_solver="randomized", random_state=random_state)
    axes.set_output(transform="default")  # set_config may ask for data frames
    with few_threads(1):
        Z = axes.fit(rows[some]).transform(rows)
    n_candidates = _needed_candidates(rows, Z, n_neighbors)
    if n_candidates > _MAX_CANDIDATES * n_neighbors:
        return None
    return LeadingComponents(Z, n_candidates)


def _needed_candidates(X: Floats, Z: Floats, n_neighbors: int) -> int:
    """Return how many of the nearest in Z hold nearly all neighbours in X."""
    sample = np.unique(np.linspace(0, len(X) - 1, _SAMPLE_ROWS, dtype=np.int64))
    in_all, in_components = _Distances(X), _Distances(Z)
    size = 1 + _BLOCK_ENTRIES // len(X)
    ranks: list[Integers] = []
    for start in range(0, len(sample), size):
        rows = sample[start : start + size]
        distances = in_all.from_rows(rows)
        nearest = np.argpartition(distances, n_neighbors - 1, axis=1)[:, :n_neighbors]
        distances = in_components.from_rows(rows)
        reached = np.take_along_axis(distances, nearest, axis=1)
        distances.sort(axis=1)
        ranks += [
            np.searchsorted(row, limits, side="right")
            for row, limits in zip(distances, reached, strict=True)
        ]
    return int(np.quantile(np.stack(ranks), _MIN_RECALL, method="higher"))


class _Distances:
    """Half of the squared distances between rows, less a constant for each row.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The rows.
    """

    def __init__(self, X: Floats) -> None:
        self.X, self.half_squares = X, row_norms(X, squared=True) / 2

    def from_rows(self, rows: Integers) -> Floats:
        """Return the distances from some rows to all, infinite to themselves."""
        distances = self.half_squares - self.X[rows] @ self.X.T
        distances[np.arange(len(rows)), rows] = np.inf
        return distances
