"""Distances given as affinities, and affinities given as distances."""

import numpy as np
from scipy import sparse

from ..._warnings import warn
from ..arrays import Flags, Matrix, is_sparse
from .extreme_entries import are_largest, are_smallest

_NEARLY_ALL = 0.9
# Distances to oneself may be rounding, as in ``1 - cosine_similarity(X)``.
_ROUNDING = 1e-6


def warn_if_distances(W: Matrix, name: str) -> None:
    """Warn if affinities look like distances.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The given affinities.
    name : str
        Name of the matrix in the warning.

    Warns
    -----
    UserWarning
        If nearly all entries are positive but those on the diagonal; if a sparse matrix
        stores zeros on its diagonal; if a matrix that is mostly zero has the smallest
        entries of each row.
    """
    if _has_zero_diagonal(W):
        reason = "has a zero diagonal and is positive elsewhere"
    elif _is_mostly_zero(W) and are_smallest(sparse.csr_matrix(W)):
        reason = "has the smallest entries of each row, like lists of neighbours"
    else:
        return
    warn(
        f"{name} {reason}: are these distances? Affinities are large between near "
        "rows. Convert distances using np.exp(-gamma * distances**2), or use "
        "affinity='precomputed_nearest_neighbors'. If only some distances are known, "
        "keep them in a sparse matrix.",
    )


def warn_if_affinities(distances: Matrix) -> None:
    """Warn if distances look like affinities.

    Parameters
    ----------
    distances : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The given distances.

    Warns
    -----
    UserWarning
        If nearly all rows have their largest entry on the diagonal; if a sparse matrix
        stores the largest entries of each row. A connectivity matrix is exempt.
        If a dense matrix is mostly zero.
    """
    if not has_lengths(distances):
        return
    if not is_sparse(distances) and _is_mostly_zero(distances):
        warn(
            "X is dense and mostly zero, so most rows are at distance zero from each "
            "other. If zeros stand for distances that are not known, keep the others "
            "in a sparse matrix, which does not store these.",
        )
        return
    if _has_largest_diagonal(distances):
        reason = "Nearly all rows of X have their largest entry on the diagonal"
    elif is_sparse(distances) and are_largest(distances):
        reason = "X has the largest entries of each row, like lists of similar rows"
    else:
        return
    warn(
        f"{reason}: are these affinities? affinity='precomputed_nearest_neighbors' "
        "takes distances, which are small between near rows. For affinities, use "
        "affinity='precomputed'.",
    )


def has_lengths(distances: Matrix) -> bool:
    """Tell distances from a connectivity matrix, whose entries are all ones.

    Parameters
    ----------
    distances : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The given distances.

    Returns
    -------
    bool
        Whether the entries differ.
    """
    entries = distances.data if is_sparse(distances) else distances
    return entries.size > 0 and bool(entries.min() < entries.max())


def _has_zero_diagonal(W: Matrix) -> bool:
    """Tell whether nearly all rows have a zero diagonal and nothing else that is zero.

    A sparse matrix may have few entries, if it stores the zeros of its diagonal: a
    search for neighbours does, affinities do not.
    """
    n_samples = W.shape[0]
    n_positive = np.count_nonzero(W.data > 0) if is_sparse(W) else (W > 0).sum()
    if n_positive >= _NEARLY_ALL * n_samples * (n_samples - 1):
        means = np.asarray(W.mean(axis=1)).ravel()
        return _nearly_all(W.diagonal() <= _ROUNDING * means)
    if not is_sparse(W):
        return False
    rows = np.repeat(np.arange(n_samples), np.diff(W.indptr))
    is_zero = (rows == W.indices) & (W.data == 0)
    return _nearly_all(np.bincount(W.indices[is_zero], minlength=n_samples) > 0)


def _is_mostly_zero(W: Matrix) -> bool:
    return is_sparse(W) or bool(np.count_nonzero(W) < 0.5 * W.size)


def _has_largest_diagonal(W: Matrix) -> bool:
    diagonal, largest = W.diagonal(), W.max(axis=1)
    largest = largest.toarray().ravel() if is_sparse(largest) else largest
    return _nearly_all((diagonal > 0) & (diagonal >= largest))


def _nearly_all(is_so: Flags) -> bool:
    return len(is_so) > 2 and bool(np.mean(is_so) >= _NEARLY_ALL)
