"""Exact nearest neighbours: every row is compared with all others.

Matrix products in single precision name the candidates, a few more than are wanted.
Differences then measure them. A bound on the rounding of the products proves that no
other row is nearer. Where it does not, the products are repeated in double precision.
"""

import numpy as np
from sklearn.utils.extmath import row_norms

from .arrays import Flags, Floats, Integers
from .steps import Report, report_nothing
from .threads import call_in_threads

_SURPLUS = 3
_BLOCK_ROWS, _BLOCK_ENTRIES = 128, 2**20
# The smallest entry of each group of columns bounds the smallest of all. Two of the
# smallest seldom meet in one of so many groups.
_GROUPS_PER_CANDIDATE = 24
# With more equal distances than this, chance decides among them.
_MAX_CANDIDATES = 4


def compared_neighbors(
    X: Floats, n_neighbors: int, report: Report = report_nothing
) -> tuple[Integers, Floats]:
    """Find the nearest other rows of each row under the Euclidean metric.

    The result does not depend on the number of threads.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Centred rows.
    n_neighbors : int
        Number of neighbours of each row, less than `n_samples`.
    report : callable, default=report_nothing
        Takes the number of rows that were compared since the last call.

    Returns
    -------
    indices : ndarray of shape (n_samples, n_neighbors)
        Other rows, the nearest first. Of rows at one distance, the first one is first.
    distances : ndarray of shape (n_samples, n_neighbors)
        Their distances.
    """
    everyone = np.arange(len(X))
    indices, distances, is_proven = _search(
        X, everyone, n_neighbors, np.float32, report
    )
    doubtful = everyone[~is_proven]
    if len(doubtful):
        found = _search(X, doubtful, n_neighbors, np.float64)
        indices[doubtful], distances[doubtful], _ = found
    return indices, distances


def _search(
    X: Floats,
    queries: Integers,
    n_neighbors: int,
    dtype: type[np.floating],
    report: Report = report_nothing,
) -> tuple[Integers, Floats, Flags]:
    """Search for the neighbours of some rows, with products of the given precision."""
    n_rows, n_features = X.shape
    rows = X.astype(dtype, copy=False)
    half_norms, lengths = row_norms(rows, squared=True) / 2, row_norms(X)
    n_candidates = min(n_neighbors + _SURPLUS, n_rows - 1)
    indices = np.empty((len(queries), n_neighbors), dtype=np.int64)
    distances = np.empty((len(queries), n_neighbors), dtype=X.dtype)
    is_proven = np.empty(len(queries), dtype=bool)
    # Of a product, for any order of its sums, and of the sums around it.
    noise = (2 * n_features + 16) * np.finfo(dtype).eps

    def search(start: int) -> int:
        block = slice(start, start + _BLOCK_ROWS)
        some = queries[block]
        products = rows[some] @ rows.T
        # Half the squared distance, less half the squared length of the query.
        scores = np.subtract(half_norms, products, out=products)
        scores[np.arange(len(some)), some] = np.inf
        limits, is_candidate = _smallest(scores, n_candidates)
        # In two dimensions, numpy takes eight times as long.
        query, other = np.divmod(np.flatnonzero(is_candidate), n_rows)
        squares = _squared_distances(X, some[query], other)
        order = np.lexsort((squares, query))
        starts = np.searchsorted(query, np.arange(len(some)))
        first = order[starts[:, None] + np.arange(n_neighbors)]
        indices[block], distances[block] = other[first], np.sqrt(squares[first])
        longest = distances[block, -1].astype(np.float64)
        rest = 2 * limits.astype(np.float64) + np.square(lengths[some], dtype=float)
        # A nearer row is no longer than this, which bounds the rounding.
        error = noise * np.square(lengths[some] + longest)
        is_proven[block] = rest > np.square(longest) + error
        return len(some)

    call_in_threads(search, range(0, len(queries), _BLOCK_ROWS), report)
    return indices, distances, is_proven | (n_candidates == n_rows - 1)


def _squared_distances(X: Floats, rows: Integers, others: Integers) -> Floats:
    squares = np.empty(len(rows), dtype=X.dtype)
    size = 1 + _BLOCK_ENTRIES // X.shape[1]
    for start in range(0, len(rows), size):
        block = slice(start, start + size)
        difference = X[others[block]]
        difference -= X[rows[block]]
        np.einsum("pd,pd->p", difference, difference, out=squares[block])
    return squares


def _smallest(scores: Floats, n_smallest: int) -> tuple[Floats, Flags]:
    """Mark at least the smallest entries of each row.

    Parameters
    ----------
    scores : ndarray of shape (n_rows, n_columns)
        The entries.
    n_smallest : int
        How many to mark, less than `n_columns`.

    Returns
    -------
    limits : ndarray of shape (n_rows,)
        No entry that is not marked is below it.
    is_marked : ndarray of shape (n_rows, n_columns)
        The marks, at most four times as many.
    """
    n_rows, n_columns = scores.shape
    n_groups = _GROUPS_PER_CANDIDATE * n_smallest
    minima = scores
    if n_columns > 2 * n_groups:
        n_members = n_columns // n_groups
        grouped = scores[:, : n_members * n_groups]
        minima = grouped.reshape(n_rows, n_members, n_groups).min(axis=1)
    limits = np.partition(minima, n_smallest - 1, axis=1)[:, n_smallest - 1]
    is_marked = scores <= limits[:, None]
    (crowded,) = np.nonzero(is_marked.sum(axis=1) > _MAX_CANDIDATES * n_smallest)
    if len(crowded):
        some = np.argpartition(scores[crowded], n_smallest - 1, axis=1)[:, :n_smallest]
        is_marked[crowded] = False
        is_marked[crowded[:, None], some] = True
    return limits, is_marked
