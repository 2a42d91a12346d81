"""How each metric is measured: transformed rows, a simpler metric, and its reach.

Hellinger's distance, for example, is the Euclidean distance between square roots.
Anything that searches or joins under the Euclidean metric therefore works for it.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.stats import rankdata

from ..._warnings import warn
from ..arrays import Flags, Floats, Integers, Matrix, is_sparse
from .distances import condition, sklearn_name
from .pairwise_measures import SET_METRICS
from .units import restore_unit, scale_to_moderate_lengths

# At these distances, two rows have nothing in common. They are not neighbours, since
# chance would decide which of such rows is nearest.
_UNRELATED = {
    "cosine": 1.0,
    "correlation": 1.0,
    "spearmanr": 1.0,
    "true_angular": 0.5,
    "braycurtis": 1.0,
    "hellinger": 1.0,
    "jensen_shannon": float(np.log(2)),
    "hamming": 1.0,
    **dict.fromkeys(SET_METRICS, 1.0),
    "yule": 2.0,
}
# In these metrics, a zero means that a word, a member or a share is absent.
_OF_ENTRIES = frozenset(
    [
        "cosine",
        "true_angular",
        "braycurtis",
        "hellinger",
        "jensen_shannon",
        "jaccard",
        "dice",
        "kulsinski",
        "russellrao",
        "sokalsneath",
        "yule",
    ]
)
# Rounding may reduce such a distance by this share.
_ROUNDING = 1e-6


class MetricSpace(NamedTuple):
    """Transformed rows, and how to measure the distances between them.

    Attributes
    ----------
    rows : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The transformed rows.
    metric : str
        The metric to measure between them.
    is_empty : ndarray of shape (n_samples,)
        Which rows have no entries, if the metric compares entries only. Empty rows have
        nothing in common, not even with each other.
    name : str
        The requested metric.
    finish : callable
        Takes distances between the transformed rows, returns distances in the requested
        metric.
    """

    rows: Matrix
    metric: str
    is_empty: Flags
    name: str
    finish: Callable[[Floats], Floats]

    @property
    def unrelated(self) -> float:
        """The distance, in the requested metric, at which rows are not neighbours."""
        return _UNRELATED.get(self.name, np.inf) * (1 - _ROUNDING)

    def separate_unrelated(self, indices: Integers, distances: Floats) -> Floats:
        """Finish distances, and separate rows that have nothing in common.

        Parameters
        ----------
        indices, distances : ndarray of shape (n_samples, n_neighbors)
            Neighbours of each row, and their distances in this space.

        Returns
        -------
        ndarray of shape (n_samples, n_neighbors)
            Distances in the requested metric, infinite between unrelated rows.
        """
        lengths = self.finish(distances)
        lengths[lengths >= self.unrelated] = np.inf
        if self.is_empty.any():
            lengths[self.is_empty] = np.inf
            lengths[self.is_empty[indices]] = np.inf
        return lengths


def metric_space(X: Matrix, metric: str) -> MetricSpace:
    """Prepare rows for measuring distances in a metric.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    metric : str
        One of `distances.METRICS`.

    Returns
    -------
    MetricSpace
        Rows and a metric that scikit-learn or `pairwise_measures` supports.

    Raises
    ------
    ValueError
        If the metric is not defined for the rows.
    """
    metric = sklearn_name(metric)
    prepare, base, finish = _FORMS.get(metric, (_unchanged, metric, None))
    rows, scale = condition(prepare(X), base)

    def finish_scaled(distances: Floats) -> Floats:
        distances = restore_unit(distances, scale, metric)
        return distances if finish is None else finish(distances)

    is_empty = np.zeros(X.shape[0], dtype=bool)
    if metric in _OF_ENTRIES:
        is_empty = np.asarray((X != 0).sum(axis=1)).ravel() == 0
    return MetricSpace(rows, base, is_empty, metric, finish_scaled)


def _unchanged(X: Matrix) -> Matrix:
    return X


def _memberships(X: Matrix) -> Matrix:
    return (X != 0).astype(np.float32)


def _ranks(X: Matrix) -> Floats:
    return rankdata(X.toarray() if is_sparse(X) else X, axis=1)


def _distributions(X: Matrix) -> Matrix:
    """Divide rows by their sums; an extra column holds the mass of empty rows."""
    if X.min() < 0:
        raise ValueError(
            "metric='hellinger', 'jensen_shannon' and 'symmetric_kl' compare "
            f"distributions, but X has negative entries (smallest {X.min():.3g}): "
            "choose another metric."
        )
    X = scale_to_moderate_lengths(X.astype(np.float64))
    total = np.asarray(X.sum(axis=1)).reshape(-1, 1)
    empty = (total == 0).astype(np.float64)
    factors = 1 / (total + empty)
    if is_sparse(X):
        return sparse.hstack([X.multiply(factors), empty], format="csr")
    return np.hstack([X * factors, empty])


def _root_distributions(X: Matrix) -> Matrix:
    return np.sqrt(_distributions(X))


def _coordinates(X: Matrix) -> Floats:
    if X.shape[1] != 2:
        raise ValueError(
            "metric='haversine' needs two columns, latitude and longitude in radians, "
            f"but X has {X.shape[1]}."
        )
    X = X.toarray() if is_sparse(X) else X
    latitude, longitude = abs(X).max(axis=0)
    if latitude > np.pi / 2 + _ROUNDING or longitude > 2 * np.pi + _ROUNDING:
        warn(
            "metric='haversine' takes latitude and longitude in radians, but X has "
            f"entries up to {latitude:.3g} and {longitude:.3g}. If these are degrees, "
            "pass np.radians(X). Latitude is the first column.",
        )
    return X


def _angle(distances: Floats) -> Floats:
    return np.arccos(np.clip(1.0 - distances, -1.0, 1.0)) / np.pi


def _over_root_two(distances: Floats) -> Floats:
    return distances / np.sqrt(2.0)


# For each metric: how to transform rows, which metric to measure between them, and how
# to finish the distance.
_FORMS: dict[
    str,
    tuple[Callable[[Matrix], Matrix], str, Callable[[Floats], Floats] | None],
] = {
    "true_angular": (_unchanged, "cosine", _angle),
    "spearmanr": (_ranks, "correlation", None),
    "hellinger": (_root_distributions, "euclidean", _over_root_two),
    "jensen_shannon": (_distributions, "jensen_shannon", None),
    "symmetric_kl": (_distributions, "symmetric_kl", None),
    "haversine": (_coordinates, "haversine", None),
    **{metric: (_memberships, metric, None) for metric in SET_METRICS},
}
