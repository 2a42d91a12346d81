"""Groups of too few rows to be a cluster: pieces of the graph, and eigenvectors."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

from ..arrays import Flags, Floats, Integers, Matrix
from ..components import connected_components
from ..eigenvectors.laplacian import Laplacian
from ..eigenvectors.signs import signs

# Pieces with fewer rows than the first share of the mean cluster are outliers. The
# second share is the limit if smaller pieces would take more than half of the clusters.
OUTLIERS, _SMALL = 0.05, 0.2
# Small pieces that hold more than this share of all rows are parts of clusters. Only
# pieces below the second share of the mean cluster are outliers then.
_MAX_OUTLYING, _SPECKS = 0.25, 0.02
# A connected group below this share of the mean cluster takes no eigenvector.
_MIN_GROUP = 1 / 30
# An edge below this share of the strongest edge of each end joins nothing.
_WEAK = 1e-3
_BLOCK_ROWS = 2**16
# Rows of a small group have at least this multiple of the mean leverage. If there are
# many vectors for few rows, all rows have more than the least size allows.
_MIN_RATIO = 2.0
# If a small group holds more than this share of a direction, part of it may be missed.
_DOUBTFUL = 0.25
# A direction with more than this share of its square on small groups is theirs.
_HALF = 0.5
# As a share of the degrees. It puts rows that are connected to no others at zero.
_RIDGE = 1e-9


class Reduced(NamedTuple):
    """Eigenpairs without the eigenpairs of small groups.

    Attributes
    ----------
    eigenvalues : ndarray of shape (n_left,)
        In ascending order.
    Y : ndarray of shape (n_nodes, n_left)
        The vectors.
    min_rows : float
        Least number of rows of a group that has an eigenvector.
    is_doubtful : bool
        Whether further eigenvectors may belong to small groups of which these ones
        hold but a part.
    """

    eigenvalues: np.ndarray
    Y: np.ndarray
    min_rows: float
    is_doubtful: bool


def min_piece_rows(
    min_cluster_size: float | None,
    sizes: Integers,
    n_clusters: int,
    *,
    can_follow: bool,
) -> float:
    """Return the number of rows below which a piece of the graph is no cluster.

    Parameters
    ----------
    min_cluster_size : int, float or None
        Rows, or their share. None means a twentieth of the mean cluster, or a fifth if
        smaller pieces would take more than half of the clusters. Such pieces hold at
        most a quarter of the rows; otherwise the next smaller share is taken, down to a
        fiftieth. If there are as many pieces as clusters, every piece is one.
    sizes : ndarray of shape (n_pieces,)
        Rows of the pieces.
    n_clusters : int
        How many clusters are to be made.
    can_follow : bool
        Whether it is known what a piece is near to. If not, small ones stay where
        there are clusters for them.

    Returns
    -------
    int
        The number of rows.
    """
    if min_cluster_size is not None:
        return _rows(min_cluster_size, sizes.sum())
    if len(sizes) == n_clusters or (len(sizes) < n_clusters and not can_follow):
        return 1
    mean = sizes.sum() / n_clusters
    n_small = np.count_nonzero((sizes >= OUTLIERS * mean) & (sizes < _SMALL * mean))
    shares = [OUTLIERS, _SPECKS]
    if n_small > n_clusters / 2:
        shares.insert(0, _SMALL)
    share = next(
        (share for share in shares if _outlying(sizes, share * mean) <= _MAX_OUTLYING),
        _SPECKS,
    )
    return max(1, int(np.ceil(share * mean)))


def _outlying(sizes: Integers, min_rows: float) -> float:
    """Return the share of the rows that smaller pieces hold."""
    return sizes[sizes < min_rows].sum() / sizes.sum()


def min_group_rows(
    min_cluster_size: float | None, n_samples: int, n_clusters: int
) -> float:
    """Return the number of rows below which a group takes no eigenvector.

    Parameters
    ----------
    min_cluster_size : int, float or None
        Rows, or their share. None means a thirtieth of the mean cluster.
    n_samples, n_clusters : int
        Numbers of rows and of clusters.

    Returns
    -------
    float
        The number of rows.
    """
    if min_cluster_size is not None:
        return _rows(min_cluster_size, n_samples)
    return max(1.0, _MIN_GROUP * n_samples / n_clusters)


def at_least(sizes: Integers, min_rows: float) -> Flags:
    """Tell which pieces have enough rows: all of them, where none has.

    Parameters
    ----------
    sizes : ndarray of shape (n_pieces,)
        Their rows.
    min_rows : float
        How many are enough.

    Returns
    -------
    ndarray of shape (n_pieces,)
        Whether each has, bool.
    """
    is_large = sizes >= min_rows
    return is_large if is_large.any() else ~is_large


def strongly_joined(W: sparse.csr_matrix) -> Integers:
    """Label the pieces that are left without weak edges.

    Local scaling gives the edges from near-copies of a row to all others next to no
    weight, but without them the copies are a piece of their own. An edge is weak if it
    has less than a thousandth of the strongest weight at both ends; a row that is far
    from all others keeps its strongest edges.

    Parameters
    ----------
    W : csr_matrix of shape (n_samples, n_samples)
        Symmetric affinities.

    Returns
    -------
    ndarray of shape (n_samples,)
        Piece of each row.
    """
    strongest = W.max(axis=1).toarray().ravel()
    is_weak = np.concatenate(
        [
            _weak_in_block(W, strongest, begin)
            for begin in range(0, W.shape[0], _BLOCK_ROWS)
        ]
    )
    if is_weak.any():
        W = sparse.csr_matrix(
            (np.where(is_weak, 0.0, W.data), W.indices, W.indptr), shape=W.shape
        )
    return connected_components(W)[1]


def _rows(size: float, n_samples: int) -> int:
    """A number of rows that is given as such, or as a share."""
    if isinstance(size, float):
        return max(1, int(np.ceil(size * n_samples)))
    return int(size)


def _weak_in_block(W: sparse.csr_matrix, strongest: Floats, begin: int) -> Flags:
    block = W[begin : begin + _BLOCK_ROWS]
    own = np.repeat(strongest[begin : begin + _BLOCK_ROWS], np.diff(block.indptr))
    return block.data < _WEAK * np.minimum(own, strongest[block.indices])


def without_small_groups(
    eigenvalues: Floats, Y: Floats, graph: Laplacian, n_wanted: int, min_rows: float
) -> Reduced:
    """Take out of a span of eigenvectors what belongs to small groups.

    A group of r rows that has an eigenvector of its own, or several that share some,
    has the leverage 1 / r in each row: the squares of its entries. Rows of larger
    leverage than 1 / `min_rows`, and than twice the mean, are in small groups. The
    directions of the span that live on them are taken out; what is left is solved
    again in what is left of the span. The rows then follow those that they hang on.

    Parameters
    ----------
    eigenvalues : ndarray of shape (n_vectors,)
        In ascending order.
    Y : ndarray of shape (n_nodes, n_vectors)
        The eigenvectors, with ``Y.T @ M @ Y = tr(M) I``; the constant one, the first,
        stays.
    graph : Laplacian
        The graph.
    n_wanted : int
        As many vectors stay, even where they live on small groups.
    min_rows : float
        Rows of a group that is large enough. Pieces apart of up to twice as many stay.

    Returns
    -------
    Reduced
        The eigenpairs. If there is no small group, they are the given ones.
    """
    shares = graph.shares
    # A row with many copies counts as one of them.
    leverage = np.minimum(shares, 1.0 / len(Y)) * np.square(Y).sum(axis=1)
    held, _ = _held(Y, shares, leverage > _DOUBTFUL / min_rows)
    is_doubtful = bool(held.max(initial=0.0) > _DOUBTFUL)
    usual = Y.shape[1] / len(Y)
    small = leverage > max(1.0 / min_rows, _MIN_RATIO * usual)
    if small.any():
        small &= in_larger_pieces(graph.W, 2 * min_rows)
    held, axes = _held(Y, shares, small)
    n_left = max(np.count_nonzero(held < _HALF), min(n_wanted - 1, len(held)))
    if n_left == len(held):
        return Reduced(eigenvalues, Y, min_rows, is_doubtful)
    span = axes[:, :n_left]
    left, rotation = np.linalg.eigh(span.T @ (eigenvalues[1:, None] * span))
    others = Y[:, 1:] @ (span @ rotation)
    others[small] = followed(graph, others, small)
    return Reduced(
        np.r_[eigenvalues[0], np.maximum(left, 0.0)],
        np.column_stack([Y[:, 0], others * signs(others.T)]),
        min_rows,
        is_doubtful,
    )


def _held(Y: Floats, shares: Floats, some: Flags) -> tuple[Floats, Floats]:
    """What directions of the span, without the constant one, have on some rows."""
    rows = Y[some, 1:]
    return np.linalg.eigh((rows.T * shares[some]) @ rows)


def followed(graph: Laplacian, Y: Floats, some: Flags) -> Floats:
    """Put some rows between the others, as the edges pull them.

    Parameters
    ----------
    graph : Laplacian
        The graph.
    Y : ndarray of shape (n_nodes, n_vectors)
        Where the others are.
    some : ndarray of shape (n_nodes,)
        Whether each row is placed, bool.

    Returns
    -------
    ndarray of shape (n_placed, n_vectors)
        The places.
    """
    among = graph.W[some][:, some]
    pull = graph.W[some][:, ~some] @ Y[~some]
    degrees = np.maximum(graph.degrees[some] * (1 + _RIDGE), np.finfo(float).tiny)
    if sparse.issparse(among):
        return spsolve(sparse.csc_matrix(sparse.diags(degrees) - among), pull).reshape(
            pull.shape
        )
    return np.linalg.solve(np.diag(degrees) - among, pull)


def in_larger_pieces(W: Matrix, n_rows: float) -> Flags:
    """Tell which rows are in pieces of more than a number of rows.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Symmetric affinities.
    n_rows : float
        The number.

    Returns
    -------
    ndarray of shape (n_nodes,)
        Whether the piece of each row is larger, bool.
    """
    labels = connected_components(W)[1]
    return np.bincount(labels)[labels] > n_rows
