"""Approximate nearest neighbours by pynndescent, and a look at some of them."""

import warnings

import numpy as np

from .distances import check_defined
from .pairwise_measures import blocks_of_distances
from .threads import few_threads

_ROWS_CHECKED = 64
_MIN_FOUND = 0.8


def approximate_neighbors(space, n_neighbors, random_state):
    """Find the nearest other rows of each row, most of them.

    Parameters
    ----------
    space : MetricSpace
        The rows, and how to measure between them.
    n_neighbors : int
        Number of other rows, less than there are.
    random_state : numpy.random.RandomState
        Source of what the search draws.

    Returns
    -------
    indices, distances : ndarray of shape (n_samples, n_neighbors)
        Other rows, the nearest first, and how far they are; infinitely far where none
        was found that has anything in common with the row.

    Raises
    ------
    ValueError
        If the metric is not defined for some rows, or too few neighbours are found.

    Warns
    -----
    UserWarning
        If many neighbours of some rows, that are searched exactly, were not found.
    """
    from pynndescent import NNDescent

    seed = random_state.randint(np.iinfo(np.int32).max)
    X = space.rows.astype(np.float32)
    index = NNDescent(
        X,
        metric=space.metric,
        n_neighbors=n_neighbors + 1,
        random_state=seed,
        n_jobs=1,  # its result depends on the number of threads
    )
    with np.errstate(invalid="ignore"):
        indices, distances = _drop_self(*index.neighbor_graph)
    check_defined(distances, space.name)
    unfilled = np.flatnonzero((indices < 0).any(axis=1))
    if len(unfilled):
        found, found_distances = index.query(X[unfilled], k=n_neighbors + 1)
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
    _warn_if_missed(space, distances)
    return indices, distances


def _warn_if_missed(space, distances):
    """Compare what was found for some rows with an exact search."""
    n_samples, n_neighbors = distances.shape
    some = np.unique(np.linspace(0, n_samples - 1, _ROWS_CHECKED, dtype=int))
    n_found = n_searched = 0
    with few_threads(1):
        blocks = list(blocks_of_distances(space.rows[some], space.rows, space.metric))
    for rows, exact in blocks:
        exact[np.arange(len(exact)), some[rows]] = np.inf
        farthest = np.partition(exact, n_neighbors - 1, axis=1)[:, n_neighbors - 1]
        is_near = space.finish(farthest) < space.unrelated
        # The search is in single precision, and rounds by a thousandth at the most.
        within = distances[some[rows]] <= 1.001 * farthest[:, None]
        n_found += within[is_near].sum()
        n_searched += within[is_near].size
    if n_found < _MIN_FOUND * n_searched:
        warnings.warn(
            f"pynndescent found {n_found / n_searched:.0%} of the neighbours of some "
            f"rows under metric={space.name!r}: the graph is not what the metric says. "
            "Draw fewer rows by max_samples, which are then searched exactly, or bring "
            "neighbours of your own by affinity='precomputed_nearest_neighbors'.",
            UserWarning,
            stacklevel=2,
        )


def _drop_self(indices, distances, rows=None):
    """Drop each row from its own list, or the last entry where it is absent."""
    rows = np.arange(len(indices)) if rows is None else rows
    other = indices != rows[:, None]
    other[other.all(axis=1), -1] = False
    # Two entries of one row are never both itself, so each row loses exactly one.
    shape = len(indices), indices.shape[1] - 1
    return indices[other].reshape(shape), distances[other].reshape(shape)
