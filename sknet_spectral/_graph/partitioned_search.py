"""Approximate nearest neighbours using a partition of the rows into cells.

As in an inverted file (Sivic and Zisserman, "Video Google", ICCV 2003), only the cells
around a row's own cell are searched. Everything is a matrix product, so nothing has to
be compiled first.
"""

from collections.abc import Sequence

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import pairwise_distances, pairwise_distances_argmin
from sklearn.neighbors import NearestNeighbors

from .arrays import Floats, Integers
from .threads import call_in_threads, few_threads

# On MNIST's 60,000 rows, 96 of 489 cells give a recall of 0.988, 64 cells 0.982.
_SEARCHED_CELLS = 96
_CELLS_PER_ROOT = 2  # times the square root of the number of rows
_ROWS_PER_CENTER = 20
_LLOYD_ITERATIONS = 3
_COMPONENTS = 96
_COMPONENT_ROWS = 10_000
_CANDIDATES = 3  # for each neighbour, if only leading components are searched
_RANKED_ENTRIES = 2**20


def count_searched_rows(n_samples: int) -> float:
    """Return the number of rows with which each row is compared."""
    share = _SEARCHED_CELLS / (_CELLS_PER_ROOT * np.sqrt(n_samples))
    return n_samples * min(1.0, share)


def count_searched_columns(n_features: int) -> int:
    """Return the number of columns in which rows are compared."""
    return min(n_features, _COMPONENTS)


def partitioned_neighbors(
    X: Floats, n_neighbors: int, random_state: np.random.RandomState
) -> tuple[Integers, Floats]:
    """Find most of the nearest other rows of each row.

    K-means on some rows makes 2 sqrt(n) cells. The candidates of a row are the nearest
    rows in the 96 cells around its own, measured in 96 principal components. They are
    then ranked by their distances in all columns.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Centred rows.
    n_neighbors : int
        Number of neighbours of each row, less than `n_samples`.
    random_state : numpy.random.RandomState
        Draws the rows from which components and cells are computed.

    Returns
    -------
    indices : ndarray of shape (n_samples, n_neighbors)
        Other rows, the nearest first.
    distances : ndarray of shape (n_samples, n_neighbors)
        Their Euclidean distances.
    """
    Z = _leading_components(X, random_state)
    surplus = 1 if Z.shape[1] == X.shape[1] else _CANDIDATES
    n_candidates = min(surplus * n_neighbors + 3, len(X))
    indices = np.empty((len(X), n_neighbors), dtype=np.int64)
    distances = np.empty((len(X), n_neighbors), dtype=X.dtype)
    members, near = _cells(Z, n_candidates, random_state)

    def search_cell(cell: int) -> None:
        rows = members[cell]
        others = np.concatenate([members[other] for other in near[cell]])
        search = NearestNeighbors(n_neighbors=n_candidates, algorithm="brute")
        found = search.fit(Z[others]).kneighbors(Z[rows], return_distance=False)
        n_blocks = 1 + found.size * X.shape[1] // _RANKED_ENTRIES
        for block in np.array_split(np.arange(len(rows)), n_blocks):
            ranked = _rank(X, rows[block], others[found[block]], n_neighbors)
            indices[rows[block]], distances[rows[block]] = ranked

    occupied = np.flatnonzero([len(rows) for rows in members])
    call_in_threads(search_cell, occupied.tolist())
    return indices, distances


def _leading_components(X: Floats, random_state: np.random.RandomState) -> Floats:
    """Project rows on their first principal axes."""
    rows = X.astype(np.float32, copy=False)
    if X.shape[1] <= _COMPONENTS:
        return rows
    some = random_state.permutation(len(rows))[:_COMPONENT_ROWS]
    axes = PCA(_COMPONENTS, svd_solver="randomized", random_state=random_state)
    with few_threads(1):
        return axes.fit(rows[some]).transform(rows)


def _cells(
    Z: Floats, min_candidates: int, random_state: np.random.RandomState
) -> tuple[Sequence[Integers], Sequence[Integers]]:
    """List the rows of each cell, and the cells to search for their neighbours."""
    n_cells = int(_CELLS_PER_ROOT * np.sqrt(len(Z)))
    some = random_state.permutation(len(Z))[: _ROWS_PER_CENTER * n_cells]
    distinct = np.unique(Z[some], axis=0)
    n_cells = min(n_cells, len(distinct))
    cells = KMeans(
        n_cells,
        init="random",
        n_init=1,
        max_iter=_LLOYD_ITERATIONS,
        random_state=random_state,
    )
    with few_threads(1):
        centers = cells.fit(distinct).cluster_centers_
        order = pairwise_distances(centers).argsort(kind="stable")
    with few_threads(len(Z)):
        home = pairwise_distances_argmin(Z, centers)
    sizes = np.bincount(home, minlength=n_cells)
    members = np.split(np.argsort(home, kind="stable"), np.cumsum(sizes)[:-1])
    near = []
    for around in order:
        enough = 1 + np.searchsorted(np.cumsum(sizes[around]), min_candidates)
        near.append(around[: max(enough, _SEARCHED_CELLS)])
    return members, near


def _rank(
    X: Floats, rows: Integers, candidates: Integers, n_neighbors: int
) -> tuple[Integers, Floats]:
    """Sort the candidates of some rows by distance, without the rows themselves."""
    difference = X[candidates]
    difference -= X[rows][:, None]
    distances = np.sqrt(np.einsum("rcd,rcd->rc", difference, difference))
    distances[candidates == rows[:, None]] = np.inf
    order = np.argsort(distances, axis=1, kind="stable")[:, :n_neighbors]
    return (
        np.take_along_axis(candidates, order, axis=1),
        np.take_along_axis(distances, order, axis=1),
    )
