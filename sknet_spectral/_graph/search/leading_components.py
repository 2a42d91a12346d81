"""Few columns in place of many: rows near each other in them are near in all."""

from typing import NamedTuple

import numpy as np
from sklearn.decomposition import PCA

from ..arrays import Floats, Integers
from ..threads import few_threads

MAX_FEATURES = 96
_COMPONENT_ROWS = 5_000
_SAMPLE_ROWS = 128
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
    nearness = _half_squares(X, sample)
    nearest = np.argpartition(nearness, n_neighbors - 1, axis=1)[:, :n_neighbors]
    in_components = _half_squares(Z, sample)
    farthest = np.take_along_axis(in_components, nearest, axis=1)
    in_components.sort(axis=1)
    ranks = [
        np.searchsorted(row, reached, side="right")
        for row, reached in zip(in_components, farthest, strict=True)
    ]
    return int(np.quantile(ranks, _MIN_RECALL, method="higher"))


def _half_squares(X: Floats, sample: Integers) -> Floats:
    """Return half of the squared distances of some rows, less a constant for each."""
    distances = np.einsum("nd,nd->n", X, X) / 2 - X[sample] @ X.T
    distances[np.arange(len(sample)), sample] = np.inf
    return distances
