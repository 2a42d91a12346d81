"""What each metric means: rows to measure between, a simpler metric, and its reach.

Hellinger's distance, for example, is the Euclidean one between roots: whatever
searches or joins under the latter serves the former too.
"""

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.stats import rankdata

from .distances import condition, in_unit, of_moderate_length, sklearn_name
from .pairwise_measures import SET_METRICS

# At these distances two rows have nothing in common, and are no neighbours: what is
# nearest among strangers is chance.
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
# Of these, a zero is the absence of a word, a member or a share.
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
# Rounding may leave two rows so much short of it.
_ROUNDING = 1e-6


class MetricSpace(NamedTuple):
    """Rows, and how to measure between them.

    Attributes
    ----------
    rows : {ndarray, CSR matrix} of shape (n_samples, n_features)
        What to measure between.
    metric : str
        By which metric.
    is_empty : ndarray of shape (n_samples,)
        Rows without any entry, where the metric sees nothing else: they have nothing in
        common even with each other.
    name : str
        The metric asked for.
    finish : callable
        Takes an array of distances between the rows, returns those of that metric.
    """

    rows: Any
    metric: str
    is_empty: np.ndarray
    name: str
    finish: Callable

    @property
    def unrelated(self):
        """Distance, of the metric asked for, from which on rows are no neighbours."""
        return _UNRELATED.get(self.name, np.inf) * (1 - _ROUNDING)

    def related(self, indices, distances):
        """Finish distances of rows to others.

        Parameters
        ----------
        indices, distances : ndarray of shape (n_samples, n_neighbors)
            The others of each row, and their distances in this space.

        Returns
        -------
        ndarray of shape (n_samples, n_neighbors)
            Distances, infinite between rows that have nothing in common.
        """
        lengths = self.finish(distances)
        lengths[lengths >= self.unrelated] = np.inf
        if self.is_empty.any():
            lengths[self.is_empty] = np.inf
            lengths[self.is_empty[indices]] = np.inf
        return lengths


def metric_space(X, metric):
    """Say how to measure between rows.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    metric : str
        One of `distances.METRICS`.

    Returns
    -------
    MetricSpace
        Rows and a metric that scikit-learn or `pairwise_measures` has.

    Raises
    ------
    ValueError
        If rows are none that the metric is defined for.
    """
    metric = sklearn_name(metric)
    prepare, base, finish = _FORMS.get(metric, (_as_they_are, metric, None))
    rows, scale = condition(prepare(X), base)

    def finished(distances):
        distances = in_unit(distances, scale, metric)
        return distances if finish is None else finish(distances)

    is_empty = np.zeros(X.shape[0], dtype=bool)
    if metric in _OF_ENTRIES:
        is_empty = np.asarray((X != 0).sum(axis=1)).ravel() == 0
    return MetricSpace(rows, base, is_empty, metric, finished)


def _as_they_are(X):
    return X


def _memberships(X):
    return (X != 0).astype(np.float32)


def _ranks(X):
    return rankdata(X.toarray() if sparse.issparse(X) else X, axis=1)


def _distributions(X):
    """Divide rows by their sums; what is empty has a column of its own."""
    if X.min() < 0:
        raise ValueError(
            "metric='hellinger', 'jensen_shannon' and 'symmetric_kl' compare "
            f"distributions, and X has negative entries (smallest {X.min():.3g}): "
            "choose another metric."
        )
    X = of_moderate_length(X.astype(np.float64))
    total = np.asarray(X.sum(axis=1)).reshape(-1, 1)
    empty = (total == 0).astype(np.float64)
    factors = 1 / (total + empty)
    if sparse.issparse(X):
        return sparse.hstack([X.multiply(factors), empty], format="csr")
    return np.hstack([X * factors, empty])


def _root_distributions(X):
    return np.sqrt(_distributions(X))


def _coordinates(X):
    if X.shape[1] != 2:
        raise ValueError(
            "metric='haversine' takes two columns, latitude and longitude in radians: "
            f"X has {X.shape[1]}."
        )
    X = X.toarray() if sparse.issparse(X) else X
    latitude, longitude = abs(X).max(axis=0)
    if latitude > np.pi / 2 + _ROUNDING or longitude > 2 * np.pi + _ROUNDING:
        warnings.warn(
            "metric='haversine' takes latitude and longitude in radians, and X has "
            f"entries up to {latitude:.3g} and {longitude:.3g}: use np.radians(X) if "
            "these are degrees, and latitude as the first column.",
            UserWarning,
            stacklevel=2,
        )
    return X


def _angle(distances):
    return np.arccos(np.clip(1.0 - distances, -1.0, 1.0)) / np.pi


def _over_root_two(distances):
    return distances / np.sqrt(2.0)


# Of a metric: rows to measure between, the metric to measure them by, and what
# becomes of the distance.
_FORMS = {
    "true_angular": (_as_they_are, "cosine", _angle),
    "spearmanr": (_ranks, "correlation", None),
    "hellinger": (_root_distributions, "euclidean", _over_root_two),
    "jensen_shannon": (_distributions, "jensen_shannon", None),
    "symmetric_kl": (_distributions, "symmetric_kl", None),
    "haversine": (_coordinates, "haversine", None),
    **{metric: (_memberships, metric, None) for metric in SET_METRICS},
}
