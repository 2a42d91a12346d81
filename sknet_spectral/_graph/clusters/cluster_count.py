"""How many clusters a graph has: groups merge until every border is a gap."""

from typing import TypeAlias

import numpy as np
from sklearn.metrics import pairwise_distances_argmin

from ..arrays import Flags, Floats, Integers, Matrix
from ..node_groups import between
from .eigengap import MAX_CLUSTERS
from .parts import group_centers, part_centers

# The cuts through groups that were found: their share and their weight.
Cuts: TypeAlias = dict[bytes, tuple[float, float]]

_RUNS = 5
_ROWS_PER_GROUP = 25
# As a share of the largest eigenvalue. Without it, distances between separate pieces
# would hide those within.
_MIN_EIGENVALUE = 0.1
# A border is a gap if it costs less than a share of the cuts through its groups. Cuts
# through few rows differ by chance: the share falls with their number.
_MIN_SHARE, _MAX_SHARE, _CHANCE = 0.2, 0.53, 1.8
# A smaller share of the rows, or fewer rows, are no group unless they are apart.
_MIN_GROUP, _MIN_ROWS, _APART = 1 / 28, 30, 0.05
# Each side of a cut through a group has at least this share of its weight.
_MIN_SIDE = 0.25


def count_clusters(
    W: Matrix, eigenvalues: Floats, Y: Floats, random_state: np.random.RandomState
) -> int:
    """Count the groups of a graph between which there are gaps.

    Groups are made of small parts of the embedding, more than there can be clusters.
    Two of them merge as long as the border between them costs about as much as cuts
    through them do. The count is the median of five runs.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        Symmetric affinities.
    eigenvalues : ndarray of shape (n_vectors,)
        The lowest, in ascending order.
    Y : ndarray of shape (n_samples, n_vectors)
        Their eigenvectors.
    random_state : numpy.random.RandomState
        Draws rows and initial centres.

    Returns
    -------
    int
        Number of clusters, from 1 to 20.
    """
    # Rows without edges have no place. Their part would gather rows of all groups.
    has_place = Y.any(axis=1)
    if not has_place.all():
        W, Y = W[has_place][:, has_place], Y[has_place]
    n_apart = int(np.sum(eigenvalues[:MAX_CLUSTERS] == 0))
    n_groups = min(MAX_CLUSTERS, max(2, len(Y) // _ROWS_PER_GROUP, n_apart))
    points = _commute_points(eigenvalues, Y)
    counts = []
    for _ in range(_RUNS):
        parts = _cut_into_parts(points, n_groups, random_state)
        A, rows = between(W, parts), np.bincount(parts)
        A /= A.max() or 1.0
        groups = _group_parts(points, parts, n_groups, random_state)
        counts.append(merge_at_gaps(A, rows, groups).max() + 1)
    return int(np.median(counts))


def commute_lengths(eigenvalues: Floats) -> Floats:
    """Return divisors of eigenvectors that make distances commute times.

    Parameters
    ----------
    eigenvalues : ndarray of shape (n_vectors,)
        The lowest, in ascending order.

    Returns
    -------
    ndarray of shape (n_vectors,)
        The roots of the eigenvalues, none of which is far below the largest.
    """
    largest = eigenvalues.max(initial=0.0) or 1.0
    squares = np.maximum(eigenvalues, _MIN_EIGENVALUE * largest)
    squares[0] = squares[min(1, len(squares) - 1)]
    return np.sqrt(squares)


def merge_at_gaps(A: Floats, rows: Integers, groups: Integers) -> Integers:
    """Merge groups of nodes until all borders between them are gaps.

    Parameters
    ----------
    A : ndarray of shape (n_nodes, n_nodes)
        Symmetric weights; the diagonal holds twice the weight inside a node.
    rows : ndarray of shape (n_nodes,)
        Number of rows that each node stands for.
    groups : ndarray of shape (n_nodes,)
        Groups to begin with, from zero.

    Returns
    -------
    ndarray of shape (n_nodes,)
        Groups that are left, from zero.
    """
    groups = groups.copy()
    known: Cuts = {}
    while groups.max() > 0:
        pair = _next_pair(A, rows, groups, known)
        if pair is None:
            break
        kept, gone = sorted(pair)
        groups[groups == gone] = kept
        groups[groups > gone] -= 1
    return groups


def _next_pair(
    A: Floats, rows: Integers, groups: Integers, known: Cuts
) -> tuple[int, int] | None:
    """Return the two groups to merge next, or None if every border is a gap."""
    sums, sizes = between(A, groups), np.bincount(groups, weights=rows)
    inner = [_inner_cut(A, groups == group, known) for group in range(len(sums))]
    shares, weights = np.array(inner).T
    volumes = sums.sum(axis=1)
    lighter = np.maximum(np.minimum.outer(volumes, volumes), 1e-300)
    cost = sums / lighter
    np.fill_diagonal(cost, -1.0)
    ratio = 2.0 * cost / np.maximum(np.add.outer(shares, shares), 1e-12)
    least = max(_MIN_GROUP * sizes.sum(), _MIN_ROWS)
    is_small = (sizes < least) & (ratio.max(axis=1) > _APART)
    if is_small.any():
        small = int(np.where(is_small, sizes, np.inf).argmin())
        return small, int(cost[small].argmax())
    # In units of a row's affinities.
    rows_cut = (
        np.sqrt(np.outer(weights, weights)) * sizes.sum() / max(volumes.sum(), 1e-300)
    )
    share = 1.0 - _CHANCE / np.sqrt(np.maximum(rows_cut, 1e-9))
    is_gap = ratio < np.clip(share, _MIN_SHARE, _MAX_SHARE)
    cost[is_gap] = -1.0
    pair = divmod(int(cost.argmax()), len(cost))
    return None if cost[pair] < 0 else pair


def _inner_cut(A: Floats, some: Flags, known: Cuts) -> tuple[float, float]:
    """Find the cheapest cut along a group's second eigenvector: its share and weight.

    Found cuts are kept in `known`: most groups are the same at the next merge.
    """
    key = some.tobytes()
    if key not in known:
        known[key] = _cheapest_cut(A[np.ix_(some, some)])
    return known[key]


def _cheapest_cut(A: Floats) -> tuple[float, float]:
    degrees = A.sum(axis=1)
    total = degrees.sum()
    if len(A) < 2 or total <= 0:
        return 1.0, total / 2
    root = np.sqrt(np.maximum(degrees, 1e-300))
    vector = np.linalg.eigh(A / np.outer(root, root))[1][:, -2] / root
    order = np.argsort(vector, kind="stable")
    before = np.cumsum(degrees[order])
    inside = A[np.ix_(order, order)].cumsum(axis=0).cumsum(axis=1).diagonal()
    # Rounding must not make a cut through no edge negative: its root has no value.
    cut = np.maximum(before - inside, 0.0)
    lighter = np.minimum(before, total - before)
    allowed = lighter > _MIN_SIDE * total
    if not allowed.any():
        return 1.0, total / 2
    shares = np.where(allowed, cut / np.maximum(lighter, 1e-300), np.inf)
    return shares.min(), cut[shares.argmin()]


def _commute_points(eigenvalues: Floats, Y: Floats) -> Floats:
    """Scale eigenvectors to distances of commute times; give rows unit length."""
    points = Y / commute_lengths(eigenvalues)
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    return np.divide(points, lengths, out=np.zeros_like(points), where=lengths > 0)


def _cut_into_parts(
    points: Floats, n_groups: int, random_state: np.random.RandomState
) -> Integers:
    """Cut points into small parts, by k-means on some of them."""
    centers = part_centers(points, n_groups, random_state)
    parts = pairwise_distances_argmin(points, centers)
    return np.unique(parts, return_inverse=True)[1].reshape(-1)


def _group_parts(
    points: Floats, parts: Integers, n_groups: int, random_state: np.random.RandomState
) -> Integers:
    """Group the parts by k-means on their means."""
    counts = np.bincount(parts)
    sums = [np.bincount(parts, weights=column) for column in points.T]
    means = np.column_stack(sums) / counts[:, None]
    centers = group_centers(
        means, n_groups, random_state, n_init=10, sample_weight=counts
    )
    groups = pairwise_distances_argmin(means, centers)
    return np.unique(groups, return_inverse=True)[1].reshape(-1)
