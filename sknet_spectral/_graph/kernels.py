"""Affinities that are given, or computed by a kernel of all pairs of rows."""

import warnings

import numpy as np
from scipy import sparse
from sklearn.metrics.pairwise import kernel_metrics, pairwise_kernels
from sklearn.utils import assert_all_finite

from .affinity import SMALLEST_WEIGHT
from .components import strongest_edge

KERNELS = frozenset(kernel_metrics())
_MANY_ROWS = 20_000
_NEARLY_ALL = 0.9


def kernel_affinity(X, kernel, **parameters):
    """Compute the kernel of all pairs of rows.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    kernel : str or callable
        A kernel of scikit-learn, or a function of two rows.
    **parameters
        Passed to a callable; a named kernel takes those that it knows.

    Returns
    -------
    ndarray of shape (n_samples, n_samples)
        Affinity matrix, in the precision of X.

    Warns
    -----
    UserWarning
        Above 20,000 rows, since the matrix is dense.
    """
    if X.shape[0] > _MANY_ROWS:
        warnings.warn(
            f"affinity={kernel!r} of {X.shape[0]} rows is a dense matrix of "
            f"{X.shape[0] ** 2 * X.dtype.itemsize / 1e9:.1f} GB, and a fit holds "
            f"{X.shape[0] ** 2 * (X.dtype.itemsize + 8) / 1e9:.1f} GB, since the "
            "Laplacian is in float64: use affinity='nearest_neighbors'.",
            UserWarning,
            stacklevel=2,
        )
    return pairwise_kernels(X, metric=kernel, filter_params=True, **parameters)


def check_affinity(W, n_samples, name):
    """Make a given matrix a symmetric, non-negative affinity matrix.

    Parameters
    ----------
    W : {ndarray, sparse matrix}
        Affinities.
    n_samples : int
        Number of rows that they belong to.
    name : str
        What to call the matrix in errors.

    Returns
    -------
    {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The same matrix where nothing had to change.

    Raises
    ------
    ValueError
        If the shape is wrong, or an entry is negative or not finite.

    Warns
    -----
    UserWarning
        If the matrix is not symmetric, and averaged with its transpose; if it
        looks like distances.
    """
    if W.shape != (n_samples, n_samples):
        raise ValueError(
            f"{name} must have shape ({n_samples}, {n_samples}), a row and a column "
            f"for each sample, got {W.shape}. Cross-validation slices only the rows "
            "of such a matrix: precompute it for each fold, or let the estimator "
            "build the graph from features."
        )
    if sparse.issparse(W):
        # The caller's own would else be made canonical in place.
        W = W.tocsr(copy=not W.has_canonical_format)
        W.sum_duplicates()
    entries = W.data if sparse.issparse(W) else W
    check_affinities(entries, name)
    _warn_if_distances(W, name)
    difference = abs(W - W.T)
    rounding = np.sqrt(np.finfo(W.dtype).eps) * entries.max(initial=0.0)
    if difference.max() > rounding:
        warnings.warn(
            f"{name} is not symmetric: averaged with its transpose.",
            UserWarning,
            stacklevel=2,
        )
        W = 0.5 * (W + W.T)
    return W


def check_affinities(entries, name):
    """Raise an error where affinities are not finite, or negative.

    Parameters
    ----------
    entries : ndarray
        The affinities.
    name : str
        What to call their matrix.
    """
    assert_all_finite(entries, input_name=name)
    if entries.min(initial=0.0) < 0:
        raise ValueError(
            f"{name} has negative entries (smallest {entries.min():.3g}): affinities "
            "must be non-negative, as those of the kernel 'rbf' are."
        )


def add_edges(W, extra_edges=None):
    """Add the smallest weight between pairs of rows that have none.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        Affinity matrix.
    extra_edges : tuple of (rows, columns, distances), default=None
        The pairs; their distances are not used.

    Returns
    -------
    {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The joined affinity matrix; `W` itself without extra edges.
    """
    if extra_edges is None:
        return W
    rows, columns, _ = extra_edges
    weight = SMALLEST_WEIGHT * strongest_edge(W)
    ends = np.concatenate([rows, columns]), np.concatenate([columns, rows])
    if sparse.issparse(W):
        weights = np.full(len(ends[0]), weight, dtype=W.dtype)
        return sparse.csr_matrix(W + sparse.csr_matrix((weights, ends), shape=W.shape))
    W = W.copy()
    W[ends] = weight
    return W


def has_lengths(distances):
    """Tell distances from a list of neighbours, which has ones for all of them.

    Parameters
    ----------
    distances : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        What was given as distances.

    Returns
    -------
    bool
        Whether the entries differ.
    """
    entries = distances.data if sparse.issparse(distances) else distances
    return bool(entries.size) and entries.min() < entries.max()


def warn_if_affinities(distances):
    """Ask whether distances are affinities: a row is nearest to itself.

    Parameters
    ----------
    distances : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        What was given as distances.

    Warns
    -----
    UserWarning
        If nearly all rows have their largest entry on the diagonal. Entries that are
        all equal say who is a neighbour, and nothing else.
    """
    if not has_lengths(distances):
        return
    diagonal = distances.diagonal()
    largest = distances.max(axis=1)
    largest = largest.toarray().ravel() if sparse.issparse(largest) else largest
    if _nearly_all((diagonal > 0) & (diagonal >= largest)):
        warnings.warn(
            "X has the largest entries of its rows on the diagonal: are these "
            "affinities? affinity='precomputed_nearest_neighbors' takes distances, "
            "which are small between rows that are near; give affinities to "
            "affinity='precomputed'.",
            UserWarning,
            stacklevel=2,
        )


def _warn_if_distances(W, name):
    """Ask whether affinities are distances: none is near itself, all others are far."""
    n_samples = W.shape[0]
    positive = np.count_nonzero(W.data > 0) if sparse.issparse(W) else (W > 0).sum()
    is_whole = positive >= _NEARLY_ALL * n_samples * (n_samples - 1)
    zero = W.diagonal() == 0
    if sparse.issparse(W) and not is_whole:
        # What a search of neighbours stores: each row is at distance zero from itself.
        rows = np.repeat(np.arange(n_samples), np.diff(W.indptr))
        zero = np.bincount(
            rows[(rows == W.indices) & (W.data == 0)], minlength=n_samples
        )
        is_whole = True
    if n_samples > 2 and is_whole and _nearly_all(zero > 0):
        warnings.warn(
            f"{name} has a zero diagonal and is positive elsewhere: are these "
            "distances? Affinities are large for rows that are near; "
            "np.exp(-gamma * distances**2) makes them so, or give distances to "
            "affinity='precomputed_nearest_neighbors'.",
            UserWarning,
            stacklevel=3,
        )


def _nearly_all(is_so):
    return len(is_so) > 2 and np.mean(is_so) >= _NEARLY_ALL
