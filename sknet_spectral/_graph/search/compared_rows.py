"""Exact nearest neighbours: every row is compared with all others.

Matrix products in single precision name the candidates: all rows that may be among the
nearest, given a bound on the rounding of the products. Differences then measure them.
Where too many rows are so nearly at one distance, double precision decides.
"""

import numpy as np
from sklearn.utils.extmath import row_norms

from ..arrays import Flags, Floats, Integers
from ..steps import Report, report_nothing
from ..threads import call_in_threads

_BLOCK_ROWS, _BLOCK_ENTRIES = 128, 2**20
# The smallest entry of each group of columns bounds the smallest of all. Two of the
# smallest seldom meet in one of so many groups.
_GROUPS_PER_NEIGHBOR = 24
# With more candidates for each neighbour, a row is crowded. In double precision, most
# of them lie at one distance.
_MAX_CANDIDATES, _MAX_PRECISE_CANDIDATES = 4, 64


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
        Other rows, the nearest first. Of rows at one distance, up to rounding in single
        precision, the first one is first.
    distances : ndarray of shape (n_samples, n_neighbors)
        Their distances.
    """
    indices = np.empty((len(X), n_neighbors), dtype=np.int64)
    distances = np.empty(indices.shape, dtype=X.dtype)
    is_crowded = np.empty(len(X), dtype=bool)

    def search(queries: Integers) -> int:
        candidates, is_crowded[queries] = products.candidates(queries, n_neighbors)
        nearest = _nearest(X, queries, candidates, n_neighbors)
        indices[queries], distances[queries] = nearest
        return len(queries)

    products = _Products(X, np.float32, _MAX_CANDIDATES * n_neighbors)
    call_in_threads(search, _blocks(np.arange(len(X))), report)
    if is_crowded.any():
        products = _Products(X, np.float64, _MAX_PRECISE_CANDIDATES * n_neighbors)
        call_in_threads(search, _blocks(np.flatnonzero(is_crowded)))
    return indices, distances


class _Products:
    """Matrix products of all rows, and how much rounding may change them.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The rows.
    dtype : type
        Precision of the products.
    max_candidates : int
        Number of candidates beyond which a row is crowded.
    """

    def __init__(
        self, X: Floats, dtype: type[np.floating], max_candidates: int
    ) -> None:
        self.max_candidates = max_candidates
        self.rows = X.astype(dtype, copy=False)
        self.half_squares = row_norms(self.rows, squared=True) / 2
        # Of a product, for any order of its sums, and of the sums around it.
        self.noise = (X.shape[1] + 8) * np.finfo(dtype).eps

    def candidates(self, queries: Integers, n_neighbors: int) -> tuple[Flags, Flags]:
        """Mark all rows that may be among the nearest of some rows.

        Parameters
        ----------
        queries : ndarray of shape (n_queries,)
            Positions of the rows.
        n_neighbors : int
            Number of neighbours.

        Returns
        -------
        is_candidate : ndarray of shape (n_queries, n_samples)
            The marks, at least `n_neighbors` in each row.
        is_crowded : ndarray of shape (n_queries,)
            Whether there were so many candidates that only the first at about the
            largest distance are marked.
        """
        products = self.rows[queries] @ self.rows.T
        # Half of the squared distance, less half of the squared length of the query.
        scores = np.subtract(self.half_squares, products, out=products)
        scores[np.arange(len(queries)), queries] = np.inf
        limits = _upper_limits(scores, n_neighbors)
        halves = self.half_squares[queries]
        # A row within the limit is no longer than this.
        longest = np.sqrt(halves) + np.sqrt(np.maximum(limits + halves, 0))
        slack = 4 * self.noise * np.square(longest)
        is_candidate = scores <= (limits + slack)[:, None]
        n_candidates = np.count_nonzero(is_candidate, axis=1)
        is_crowded = n_candidates > self.max_candidates
        if is_crowded.any():
            is_near = scores[is_crowded] < (limits - slack)[is_crowded, None]
            is_candidate[is_crowded] = _first(
                is_near, is_candidate[is_crowded], n_neighbors
            )
        return is_candidate, is_crowded


def _upper_limits(scores: Floats, n_smallest: int) -> Floats:
    """Return for each row a number that so many of its entries do not exceed."""
    n_rows, n_columns = scores.shape
    n_groups = _GROUPS_PER_NEIGHBOR * n_smallest
    n_members = n_columns // n_groups
    minima = scores
    if n_members > 1:
        groups = scores[:, : n_members * n_groups]
        minima = groups.reshape(n_rows, n_members, n_groups).min(axis=1)
    return np.partition(minima, n_smallest - 1, axis=1)[:, n_smallest - 1]


def _first(is_near: Flags, is_candidate: Flags, n_neighbors: int) -> Flags:
    """Keep the near ones and, of the other candidates, the first that are needed."""
    n_needed = n_neighbors - np.count_nonzero(is_near, axis=1)
    others = is_candidate & ~is_near
    return is_near | (others & (np.cumsum(others, axis=1) <= n_needed[:, None]))


def _nearest(
    X: Floats, queries: Integers, is_candidate: Flags, n_neighbors: int
) -> tuple[Integers, Floats]:
    """Measure the candidates of some rows, and return the nearest."""
    # In two dimensions, numpy takes eight times as long.
    query, other = np.divmod(np.flatnonzero(is_candidate), len(X))
    squares = np.empty(len(query), dtype=X.dtype)
    for pairs in _blocks(np.arange(len(query)), 1 + _BLOCK_ENTRIES // X.shape[1]):
        difference = X[other[pairs]]
        difference -= X[queries[query[pairs]]]
        squares[pairs] = np.einsum("pd,pd->p", difference, difference)
    # The sort is stable, so that the first of equal ones is first.
    order = np.lexsort((squares.astype(np.float32), query))
    starts = np.searchsorted(query, np.arange(len(queries)))
    first = order[starts[:, None] + np.arange(n_neighbors)]
    return other[first], np.sqrt(squares[first])


def _blocks(numbers: Integers, size: int = _BLOCK_ROWS) -> list[Integers]:
    return [numbers[i : i + size] for i in range(0, len(numbers), size)]
