"""How few rows are too few for a cluster."""

import numpy as np

from ..arrays import Flags, Integers

# Pieces with fewer rows than the first share of the mean cluster are outliers. The
# second share is the limit if smaller pieces would take more than half of the clusters.
OUTLIERS, _SMALL = 0.05, 0.2
# Small pieces that hold more than this share of all rows are parts of clusters. Only
# pieces below the second share of the mean cluster are outliers then.
_MAX_OUTLYING, _SPECKS = 0.25, 0.02
# A connected group below this share of the mean cluster takes no eigenvector.
_MIN_GROUP = 1 / 30


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
        Number of clusters to make.
    can_follow : bool
        Whether it is known what a piece is near. If not, small pieces stay if there are
        enough clusters for them.

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
    """Tell which pieces have enough rows, or call all of them large if none has.

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


def _outlying(sizes: Integers, min_rows: float) -> float:
    """Return the share of the rows that smaller pieces hold."""
    return sizes[sizes < min_rows].sum() / sizes.sum()


def _rows(size: float, n_samples: int) -> int:
    """Return a number of rows that is given as such, or as a share."""
    if isinstance(size, float):
        return max(1, int(np.ceil(size * n_samples)))
    return int(size)
