"""Collapsed clusters: one holds nearly all rows, or several hold next to none."""

from typing import NamedTuple

import numpy as np

from ..arrays import Integers, Matrix
from .cuts import cheapest_inner_cut, shares_cut

# A cluster with more than this share of all rows leaves the others next to nothing.
_NEARLY_ALL = 0.8
# A cluster below this share of the mean cluster holds next to nothing.
_NEXT_TO_NONE = 0.05
# Among fewer rows than this, a handful may be all that is apart.
_FEW_ROWS = 100
# Borders below this share of a cut through the largest cluster are gaps in the data.
_GAP = 0.75


class Collapse(NamedTuple):
    """Clusters that have collapsed.

    Attributes
    ----------
    sizes : ndarray of shape (n_clusters,)
        Rows of the clusters, the largest first.
    n_tiny : int
        How many hold less than a twentieth of the mean cluster.
    """

    sizes: np.ndarray
    n_tiny: int


def find_collapse(W: Matrix, labels: Integers) -> Collapse | None:
    """Tell whether clusters have collapsed, and do not show groups of the data.

    Rare groups that lie apart are real clusters, however small. A collapse shows in the
    largest cluster: if a further cut through it costs little more than the borders of
    the small clusters, it is no more of a cluster than they are.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        Affinities of the rows.
    labels : ndarray of shape (n_samples,)
        Clusters, from zero.

    Returns
    -------
    Collapse or None
        None if the clusters have similar sizes or lie apart, or if there are fewer than
        100 rows.
    """
    if len(labels) < _FEW_ROWS:
        return None
    labels = np.unique(labels, return_inverse=True)[1].reshape(-1)
    sizes = np.bincount(labels)
    is_tiny = sizes < _NEXT_TO_NONE * sizes.mean()
    is_small = is_tiny if is_tiny.sum() > 1 else np.zeros(len(sizes), dtype=bool)
    if sizes.max() > _NEARLY_ALL * len(labels):
        is_small = np.arange(len(sizes)) != sizes.argmax()
    if not is_small.any():
        return None
    largest = labels == sizes.argmax()
    border = shares_cut(W, labels)[is_small].max()
    if border < _GAP * cheapest_inner_cut(W[largest][:, largest]):
        return None
    return Collapse(-np.sort(-sizes), int(is_tiny.sum()))
