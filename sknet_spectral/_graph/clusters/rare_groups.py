"""Rare groups: small ones that are clusters, since the number of clusters counts them.

If the other rows have as many clusters as are requested, small groups are satellites.
If they have fewer, small groups are rare clusters: otherwise, a large cluster would be
cut in their place. The eigenvalues tell which, since they have a gap after the number
of clusters. Very small groups are satellites unless it is clear that they are counted.
Larger ones are counted unless the gap is larger without them.
"""

import numpy as np

from ..arrays import Flags, Floats, Integers, Matrix
from ..components import connected_components
from ..eigenvectors.laplacian import Laplacian
from .small_groups import Reduced, without_small_groups

# An eigenvalue below this share of the next one is before a gap.
_GAP = 0.5
# An eigenvalue above this share of the next one is before no gap.
_NO_GAP = 0.8
# A group of fewer rows than the first, or than the second as a share of the mean
# cluster, is no cluster. A large graph often has a few pieces of so few rows.
_MIN_ROWS, _MIN_SHARE = 10, 1 / 500
# More small groups than this are satellites.
_MAX_RARE = 2
# Larger groups, as a share of the mean cluster, are clusters whatever the gaps are.
_MAX_SHARE = 1 / 6
_TOL = 1e-4


def min_rare_rows(n_samples: int, n_clusters: int) -> float:
    """Return the number of rows below which no group is a rare one.

    Parameters
    ----------
    n_samples, n_clusters : int
        Numbers of rows and of clusters.

    Returns
    -------
    float
        The number of rows.
    """
    return max(_MIN_ROWS, _MIN_SHARE * n_samples / n_clusters)


def are_counted(spectrum: Floats, others: Floats, n_clusters: int) -> bool:
    """Tell whether a number of clusters counts the small groups of a graph.

    It does if the spectrum has a gap there, and no gap without these groups. There may
    be one or two of them, but no more than half of the clusters, rounded up: the more
    there are, the more often the spectrum of the others has a gap there by chance.

    Parameters
    ----------
    spectrum : ndarray of shape (n_eigenvalues,)
        The lowest eigenvalues, in ascending order.
    others : ndarray of shape (n_left,)
        The eigenvalues without small groups, which take one each.
    n_clusters : int
        The number of clusters.

    Returns
    -------
    bool
        Whether small groups are counted. They are not if there are none.
    """
    n_small = len(spectrum) - len(others)
    if not 0 < n_small <= _max_rare(n_clusters) or len(others) <= n_clusters:
        return False
    before, after = spectrum[n_clusters - 1 : n_clusters + 1]
    others_before, others_after = others[n_clusters - 1 : n_clusters + 1]
    return bool(before < _GAP * after and others_before > _NO_GAP * others_after)


def without_uncounted_groups(
    kept: Reduced, graph: Laplacian, n_wanted: int, n_clusters: int
) -> Reduced:
    """Leave out groups below a sixth of the mean cluster that are not counted.

    The number of clusters does not count them if the spectrum has a larger gap there
    without them.

    Parameters
    ----------
    kept : Reduced
        Eigenpairs without those of small groups.
    graph : Laplacian
        The graph.
    n_wanted : int
        Number of eigenpairs that are needed.
    n_clusters : int
        The number of clusters.

    Returns
    -------
    Reduced
        The eigenpairs. They are doubtful if there are too few of them to tell.
    """
    min_rows = _MAX_SHARE * len(kept.Y) / n_clusters
    others = without_small_groups(kept.eigenvalues, kept.Y, graph, 1, min_rows)
    if others.Y is kept.Y:
        return kept
    if len(others.eigenvalues) <= max(n_clusters, n_wanted - 1):
        return kept._replace(is_doubtful=True)
    before, after = kept.eigenvalues[n_clusters - 1 : n_clusters + 1]
    others_before, others_after = others.eigenvalues[n_clusters - 1 : n_clusters + 1]
    return others if others_before * after < before * others_after else kept


def with_counted_pieces(
    W: Matrix, pieces: Integers, is_large: Flags, n_clusters: int
) -> Flags:
    """Count small pieces of a graph as large, if the number of clusters counts them.

    A piece that weak edges join to others consists of near-copies, and is not counted.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        Symmetric affinities.
    pieces : ndarray of shape (n_samples,)
        Piece of each row.
    is_large : ndarray of shape (n_pieces,)
        Which pieces are large.
    n_clusters : int
        The number of clusters.

    Returns
    -------
    ndarray of shape (n_pieces,)
        Which pieces count as large, bool.
    """
    sizes = np.bincount(pieces)
    labels = connected_components(W)[1]
    is_apart = np.zeros(len(sizes), dtype=bool)
    is_apart[pieces] = np.bincount(labels)[labels] == sizes[pieces]
    is_rare = ~is_large & is_apart & (sizes >= min_rare_rows(len(pieces), n_clusters))
    # The large pieces are apart, so each small one has an eigenvalue of zero.
    n_small = np.count_nonzero(is_rare)
    core = np.flatnonzero(is_large[pieces])
    if not 0 < n_small <= _max_rare(n_clusters) or len(core) <= n_clusters:
        return is_large
    graph = Laplacian(W[core][:, core])
    random_state = np.random.RandomState(0)
    others, _ = graph.eigenpairs(n_clusters + 1, tol=_TOL, random_state=random_state)
    spectrum = np.concatenate([np.zeros(n_small), others])
    return is_large | (is_rare & are_counted(spectrum, others, n_clusters))


def _max_rare(n_clusters: int) -> int:
    return min(_MAX_RARE, (n_clusters + 1) // 2)
