"""Approximate nearest neighbours by pynndescent, and a check on a few rows."""

import numpy as np

from ..._warnings import warn
from ..arrays import Floats, Integers
from ..metrics.distances import check_defined
from ..metrics.metric_spaces import MetricSpace
from ..metrics.pairwise_measures import blocks_of_distances
from ..threads import few_threads

_ROWS_CHECKED = 64
_MIN_FOUND = 0.8


def approximate_neighbors(
    space: MetricSpace, n_neighbors: int, random_state: np.random.RandomState
) -> tuple[Integers, Floats]:
    """Find most of the nearest other rows of each row.

    Parameters
    ----------
    space : MetricSpace
        The rows, and how to measure the distances between them.
    n_neighbors : int
        Number of neighbours of each row, less than `n_samples`.
    random_state : numpy.random.RandomState
        Source of randomness.

    Returns
    -------
    indices, distances : ndarray of shape (n_samples, n_neighbors)
        Other rows, the nearest first, and their distances. A distance is infinite if
        no further row was found that has anything in common with the row.

    Raises
    ------
    ValueError
        If the metric is not defined for some rows, or too few neighbours are found.
    """
    from pynndescent import NNDescent

    seed = random_state.randint(np.iinfo(np.int32).max)
    X = space.rows.astype(np.float32)
    index = NNDescent(
        X,
        metric=space.metric,
        n_neighbors=n_neighbors + 1,
        random_state=seed,
        n_jobs=1,  # the result depends on the number of threads
    )
    with np.errstate(invalid="ignore"):
        indices, distances = _drop_self(*index.neighbor_graph)
    check_defined(distances, space.name)
    unfilled = np.flatnonzero((indices < 0).any(axis=1))
    if len(unfilled):
        found, found_distances = index.query(X[unfilled], k=n_neighbors + 1)
        found, found_distances = _without_repeats(found, found_distances)
        found, found_distances = _drop_self(found, found_distances, rows=unfilled)
        indices[unfilled], distances[unfilled] = found, found_distances
    missing = indices < 0
    if missing.any() and np.isinf(space.unrelated):
        raise ValueError(
            f"pynndescent found fewer than n_neighbors={n_neighbors} neighbours for "
            f"some rows under metric={space.name!r}: lower n_neighbors, or choose "
            "another metric."
        )
    indices[missing], distances[missing] = 0, np.inf
    return indices, distances


def warn_if_missed(space: MetricSpace, distances: Floats) -> None:
    """Compare the neighbours of a few rows with the result of an exact search.

    Parameters
    ----------
    space : MetricSpace
        The rows, and how to measure the distances between them.
    distances : ndarray of shape (n_samples, n_neighbors)
        Distances of the neighbours that were found, the nearest first.

    Warns
    -----
    UserWarning
        If many neighbours were not found.
    """
    n_samples, n_neighbors = distances.shape
    some = np.unique(np.linspace(0, n_samples - 1, _ROWS_CHECKED, dtype=int))
    n_found = n_searched = 0
    with few_threads(1):
        blocks = list(blocks_of_distances(space.rows[some], space.rows, space.metric))
    for rows, exact in blocks:
        exact[np.arange(len(exact)), some[rows]] = np.inf
        farthest = np.partition(exact, n_neighbors - 1, axis=1)[:, n_neighbors - 1]
        is_near = space.finish(farthest) < space.unrelated
        # The search is in single precision; its rounding is below a thousandth.
        within = distances[some[rows]] <= 1.001 * farthest[:, None]
        n_found += within[is_near].sum()
        n_searched += within[is_near].size
    if n_found < _MIN_FOUND * n_searched:
        warn(
            f"The search found only {n_found / n_searched:.0%} of the true neighbours "
            f"under metric={space.name!r}, so the graph may be wrong. Lower "
            "max_samples until the search is exact, or supply your own neighbours "
            "using affinity='precomputed_nearest_neighbors'.",
        )


def _without_repeats(indices: Integers, distances: Floats) -> tuple[Integers, Floats]:
    """Mark entries that occur before in their list as not found, and put them last.

    Where pynndescent finds too few rows, it fills a list with one of them.
    """
    order = np.argsort(indices, axis=1, kind="stable")
    in_order = np.take_along_axis(indices, order, axis=1)
    is_repeat = np.zeros(indices.shape, dtype=bool)
    follows_itself = in_order[:, 1:] == in_order[:, :-1]
    np.put_along_axis(is_repeat, order[:, 1:], follows_itself, axis=1)
    indices = np.where(is_repeat, -1, indices)
    distances = np.where(is_repeat, np.inf, distances)
    order = np.argsort(distances, axis=1, kind="stable")
    indices = np.take_along_axis(indices, order, axis=1)
    return indices, np.take_along_axis(distances, order, axis=1)


def _drop_self(
    indices: Integers, distances: Floats, rows: Integers | None = None
) -> tuple[Integers, Floats]:
    """Drop each row from its own list, or the last entry if the row is absent."""
    rows = np.arange(len(indices)) if rows is None else rows
    other = indices != rows[:, None]
    other[other.all(axis=1), -1] = False
    # A list holds its own row at most once, so each list loses exactly one entry.
    shape = len(indices), indices.shape[1] - 1
    return indices[other].reshape(shape), distances[other].reshape(shape)
