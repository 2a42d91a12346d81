"""Approximate nearest neighbours using a partition of the rows into cells.

As in an inverted file (Sivic and Zisserman, "Video Google", ICCV 2003), a row is
compared with the rows of the cells near it. Both rows of a pair learn from the
comparison. Everything is a matrix product, so nothing has to be compiled first.
"""

import numpy as np

from ..arrays import Floats, Integers
from ..steps import Report, report_nothing
from ..threads import call_in_threads
from .cell_search import MAX_COMPARED, CellSearch
from .cells import make_cells
from .compared_rows import compared_neighbors
from .leading_components import MAX_FEATURES, LeadingComponents, leading_components
from .neighbor_lists import NeighborLists

_SAMPLE_ROWS = 256
_SURPLUS = 3  # of candidates, for the rounding of their distances
_RANKED_ENTRIES = 2**20


def partitioned_neighbors(
    X: Floats,
    n_neighbors: int,
    random_state: np.random.RandomState,
    report: Report = report_nothing,
) -> tuple[Integers, Floats]:
    """Find most of the nearest other rows of each row.

    How far from a row to look is measured on a sample of rows, such that it finds
    99 % of its neighbours. If the rows are wide, the candidates are the nearest in 96
    principal components, as many as that takes. They are then ranked by their distances
    in all columns. If principal components do not tell neighbours, all columns are
    searched, and up to 65,536 rows all pairs.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Centred rows.
    n_neighbors : int
        Number of neighbours of each row, less than `n_samples`.
    random_state : numpy.random.RandomState
        Draws the rows from which components and cells are computed.
    report : callable, default=report_nothing
        Takes the number of rows that were compared since the last call.

    Returns
    -------
    indices : ndarray of shape (n_samples, n_neighbors)
        Other rows, the nearest first.
    distances : ndarray of shape (n_samples, n_neighbors)
        Their Euclidean distances.
    """
    searched = LeadingComponents(X, n_neighbors)
    if min(X.shape) > MAX_FEATURES:
        leading = leading_components(X, n_neighbors, random_state)
        if leading is None and len(X) <= 2 * MAX_COMPARED:
            return compared_neighbors(X, n_neighbors, report)
        searched = leading or searched
    n_candidates = min(searched.n_candidates + _SURPLUS, len(X) - 1)
    search = CellSearch(make_cells(searched.Z, random_state), n_candidates)
    del searched
    sample = np.unique(np.linspace(0, len(X) - 1, _SAMPLE_ROWS, dtype=np.int64))
    search.compare(sample, share=1.0)
    share = search.calibrated_share(sample, n_neighbors)
    for batch in search.batches():
        search.compare(batch, share)
        report(len(batch))
    return _ranked(X, search.cells.order, search.lists, n_neighbors)


def _ranked(
    X: Floats, order: Integers, lists: NeighborLists, n_neighbors: int
) -> tuple[Integers, Floats]:
    """Sort candidates by their distances in all columns; return them in X's order."""
    indices = np.empty((len(X), n_neighbors), dtype=np.int64)
    distances = np.empty((len(X), n_neighbors), dtype=X.dtype)
    size = 1 + _RANKED_ENTRIES // (lists.length * X.shape[1])

    def rank(start: int) -> None:
        rows = order[start : start + size]
        candidates = order[lists.rows_of(slice(start, start + size))]
        difference = X[candidates]
        difference -= X[rows][:, None]
        lengths = np.sqrt(np.einsum("rcd,rcd->rc", difference, difference))
        first = np.argsort(lengths, axis=1, kind="stable")[:, :n_neighbors]
        indices[rows] = np.take_along_axis(candidates, first, axis=1)
        distances[rows] = np.take_along_axis(lengths, first, axis=1)

    call_in_threads(rank, range(0, len(X), size))
    return indices, distances
