"""The shortest edges between pieces of a graph, measured between rows."""

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph
from sklearn.metrics import pairwise_distances_argmin_min

from ..arrays import Edges, Flags, Floats, Integers, Matrix, is_sparse
from ..metrics.distances import EXACT_METRICS, SPARSE_METRICS
from ..metrics.metric_spaces import MetricSpace, metric_space
from ..metrics.pairwise_measures import blocks_of_distances
from ..search.exact_search import exact_neighbors
from ..search.search_costs import cheapest_search
from ..threads import few_threads

_WIDE = 64  # neighbours in a list, more than most small pieces have rows
# Pairs of rows that are compared in a round. If there are too many pieces, only some of
# their rows are compared.
_MAX_PAIRS = 300_000_000


def shortest_missing_edges(
    X: Matrix, labels: Integers, n_components: int, metric: str
) -> Edges:
    """Find the shortest edges that leave at most `n_components` components.

    As in Boruvka's algorithm, each round links every component except the largest to
    its nearest outside row, the shortest links first. The rounds end when few enough
    components are left.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    labels : ndarray of shape (n_samples,)
        Component of each row.
    n_components : int
        Number of components that may stay.
    metric : str
        Name of the metric.

    Returns
    -------
    rows, columns : ndarray of shape (n_edges,)
        The ends of each edge.
    distances : ndarray of shape (n_edges,)
        Their lengths, float64.
    """
    space = metric_space(X, metric)
    wide, edges = _wide_lists(space), []
    count = labels.max() + 1
    while count > n_components:
        begin, end, lengths = _nearest_outside(space, labels, wide)
        kept = shortest_forest(
            labels[begin], labels[end], lengths, count - n_components
        )
        edges.append((begin[kept], end[kept], lengths[kept]))
        links = np.ones(len(kept)), (labels[begin[kept]], labels[end[kept]])
        joined = sparse.csr_matrix(links, shape=(count, count))
        count, merged = csgraph.connected_components(joined, directed=False)
        labels = merged[labels]
    begin, end, lengths = (np.concatenate(part) for part in zip(*edges, strict=True))
    return begin, end, space.finish(lengths)


def shortest_forest(
    begin: Integers, end: Integers, lengths: Floats, n_edges: int
) -> Integers:
    """Choose the shortest edges that each join two separate pieces.

    Parameters
    ----------
    begin, end : ndarray of shape (n_candidates,)
        The pieces that each edge joins, counted from zero.
    lengths : ndarray of shape (n_candidates,)
        The lengths of the edges.
    n_edges : int
        Maximum number of edges to choose.

    Returns
    -------
    ndarray of shape (n_chosen,)
        Positions of the chosen edges.
    """
    root = list(range(1 + max(begin.max(initial=-1), end.max(initial=-1))))

    def find(piece: int) -> int:
        while root[piece] != piece:
            root[piece] = root[root[piece]]
            piece = root[piece]
        return piece

    chosen: list[int] = []
    for edge in np.argsort(lengths, kind="stable"):
        if len(chosen) == n_edges:
            break
        one, other = find(begin[edge]), find(end[edge])
        if one != other:
            root[one] = other
            chosen.append(edge)
    return np.array(chosen, dtype=np.intp)


def nearest_core_rows(X: Matrix, in_core: Flags, metric: str) -> Integers:
    """Find the row of the core that is nearest to each row outside it.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    in_core : ndarray of shape (n_samples,)
        Whether each row belongs to the core.
    metric : str
        As in `shortest_missing_edges`.

    Returns
    -------
    ndarray of shape (n_samples - in_core.sum(),)
        Positions in X.
    """
    space = metric_space(X, metric)
    core = np.flatnonzero(in_core)
    rows = space.rows
    return core[_nearest(rows[~in_core], rows[core], space.metric)[0]]


def _wide_lists(space: MetricSpace) -> tuple[Integers, Floats]:
    """Find some neighbours of each row, if an exact search is cheap."""
    n_samples = space.rows.shape[0]
    if cheapest_search(space.rows, space.metric) != "exact":
        return np.zeros((n_samples, 0), dtype=np.intp), np.zeros((n_samples, 0))
    n_neighbors = min(_WIDE, n_samples - 1)
    return exact_neighbors(space.rows, n_neighbors, space.metric, None)


def _nearest_outside(
    space: MetricSpace, labels: Integers, wide: tuple[Integers, Floats]
) -> Edges:
    """Find the shortest edge from each piece except the largest to a row outside.

    The lists of neighbours give the edge if they are long enough. Otherwise the piece
    is compared with all rows outside.
    """
    count = labels.max() + 1
    begin, end, lengths, is_sure = _within_lists(labels, count, *wide)
    pieces = np.delete(np.arange(count), np.bincount(labels).argmax())
    unsure = pieces[~is_sure[pieces]]
    size = int(_MAX_PAIRS / max(1, len(unsure) * len(labels)))
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(count + 1))
    for piece in unsure:
        inside = order[starts[piece] : starts[piece + 1]]
        inside = inside[:: 1 + len(inside) // max(1, size)]
        outside = np.flatnonzero(labels != piece)
        nearest, gaps = _nearest(space.rows[inside], space.rows[outside], space.metric)
        best = gaps.argmin()
        begin[piece], end[piece] = inside[best], outside[nearest[best]]
        lengths[piece] = gaps[best]
    return begin[pieces], end[pieces], lengths[pieces]


def _within_lists(
    labels: Integers, count: int, indices: Integers, distances: Floats
) -> tuple[Integers, Integers, Floats, Flags]:
    """Return each piece's shortest edge in the lists, and whether it is certain."""
    rows = np.arange(len(labels))
    if not indices.shape[1]:
        nothing = np.zeros(count, dtype=np.intp)
        return nothing, nothing.copy(), np.zeros(count), np.zeros(count, dtype=bool)
    is_outside = labels[indices] != labels[:, None]
    sees = is_outside.any(axis=1)
    first = is_outside.argmax(axis=1)
    gaps = np.where(sees, distances[rows, first], np.inf)
    order = np.lexsort((gaps, labels))
    best = order[np.searchsorted(labels[order], np.arange(count))]
    # Rows that are not in a list are at least as far as its last entry.
    unlisted = np.full(count, np.inf)
    np.minimum.at(unlisted, labels, np.where(sees, np.inf, distances[:, -1]))
    is_sure = np.isfinite(gaps[best]) & (gaps[best] <= unlisted)
    return best, indices[best, first[best]], gaps[best].astype(np.float64), is_sure


def _nearest(X: Matrix, Y: Matrix, metric: str) -> tuple[Integers, Floats]:
    """Return the nearest row of Y for each row of X, and its distance."""
    known = SPARSE_METRICS if is_sparse(X) else EXACT_METRICS
    with few_threads(X.shape[0]):
        if metric in known:
            return pairwise_distances_argmin_min(X, Y, metric=metric)
        nearest = np.empty(X.shape[0], dtype=np.intp)
        lengths = np.empty(X.shape[0])
        for rows, distances in blocks_of_distances(X, Y, metric):
            nearest[rows], lengths[rows] = (
                distances.argmin(axis=1),
                distances.min(axis=1),
            )
    return nearest, lengths
