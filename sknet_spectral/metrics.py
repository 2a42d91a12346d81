"""Scores of a clustering and of an embedding."""

import math
from bisect import bisect_left
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from sklearn.metrics.cluster import contingency_matrix
from sklearn.utils import check_scalar
from sklearn.utils.validation import (
    _check_sample_weight,
    check_array,
    check_consistent_length,
    column_or_1d,
)

from ._partition import Partition, check_labels, symmetric
from ._stability import stability

__all__ = [
    "clustering_accuracy",
    "min_network_weights",
    "modularity",
    "normalized_cut",
    "stability",
    "subspace_distance",
]

# What rounding puts below zero is no more than this share of the largest entry.
_ROUNDING = 1e-5


def clustering_accuracy(labels_true: ArrayLike, labels_pred: ArrayLike) -> float:
    """Share of rows with the correct label under the best matching of labels.

    Parameters
    ----------
    labels_true, labels_pred : array-like of shape (n_samples,)
        Two labellings of the same rows.

    Returns
    -------
    float
        Accuracy in [0, 1]. Labels are matched one to one by the Hungarian method.

    Raises
    ------
    ValueError
        If the lengths differ, or if there are no rows or missing labels.

    Examples
    --------
    >>> from sknet_spectral.metrics import clustering_accuracy
    >>> clustering_accuracy([0, 0, 1, 1], [1, 1, 0, 1])
    0.75
    """
    check_consistent_length(labels_true, labels_pred)
    labels_true = check_labels(labels_true, "labels_true")
    labels_pred = check_labels(labels_pred, "labels_pred")
    table = contingency_matrix(labels_true, labels_pred)
    return float(table[linear_sum_assignment(-table)].sum() / table.sum())


def min_network_weights(n_samples: int, n_layers: int = 3) -> int:
    """Lower bound on the weights a network needs for every spectral clustering.

    Spectral clustering of n rows, as a class of functions, has a VC dimension of at
    least n / 10 (Shaham et al., section 4). A ReLU network with W weights in L layers
    has a VC dimension of the order W L log2(W) (Bartlett et al., 2019). A network that
    can represent the class therefore has at least the smallest W with
    W L log2(W) >= n / 10, up to a constant. The second bound leaves this constant open;
    it is taken as one here.

    This is a bound for the worst case. It says what is too small, not what is enough. A
    single data set may need far fewer weights or, with many features, far more.

    Parameters
    ----------
    n_samples : int
        Number of rows, at least one.
    n_layers : int, default=3
        Number of layers with weights. Two hidden layers make three.

    Returns
    -------
    int
        Number of weights. It never falls as `n_samples` grows.

    Raises
    ------
    ValueError
        If an argument is less than one.

    References
    ----------
    Shaham et al., "SpectralNet: Spectral Clustering using Deep Neural Networks",
    ICLR 2018. Bartlett, Harvey, Liaw, Mehrabian, "Nearly-tight VC-dimension and
    pseudodimension bounds for piecewise linear neural networks", JMLR 20, 2019.

    Examples
    --------
    >>> from sknet_spectral.metrics import min_network_weights
    >>> min_network_weights(60_000)
    251
    """
    check_scalar(n_samples, "n_samples", Integral, min_val=1)
    check_scalar(n_layers, "n_layers", Integral, min_val=1)
    candidates = range(2, n_samples // 10 + 4)
    position = bisect_left(
        candidates, n_samples / 10, key=lambda W: W * n_layers * math.log2(W)
    )
    return candidates[position]


def modularity(
    affinity_matrix: ArrayLike | sparse.spmatrix, labels: ArrayLike
) -> float:
    """Share of the weight inside clusters, minus the share expected by chance.

    Chance joins nodes in proportion to their degrees. For partitions of one graph into
    the same number of clusters, higher is better. If two partitions have the same
    weight inside clusters, the more balanced one scores higher. Once further cuts go
    through clusters, modularity hardly rises with the number of clusters.

    Parameters
    ----------
    affinity_matrix : {array-like, sparse matrix} of shape (n_samples, n_samples)
        Symmetric affinities. The diagonal is ignored.
    labels : array-like of shape (n_samples,)
        Cluster of each row.

    Returns
    -------
    float
        Modularity of a weighted graph (Newman, 2004), in [-1/2, 1). It is 0 for one
        cluster, or if no two rows are joined.

    Raises
    ------
    ValueError
        If the matrix is not square, has negative entries or does not fit the labels; if
        labels are missing.

    Warns
    -----
    UserWarning
        If the matrix is not symmetric and therefore averaged with its transpose.

    References
    ----------
    Newman, "Analysis of weighted networks", Physical Review E 70, 056131, 2004.

    Examples
    --------
    >>> from sknet_spectral.metrics import modularity
    >>> W = [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    >>> modularity(W, [0, 0, 1, 1]), modularity(W, [0, 0, 0, 0])
    (0.5, 0.0)
    """
    return _partition(affinity_matrix, labels).modularity


def normalized_cut(
    affinity_matrix: ArrayLike | sparse.spmatrix, labels: ArrayLike
) -> float:
    """Sum over clusters of the weight leaving a cluster, divided by its volume.

    Parameters
    ----------
    affinity_matrix : {array-like, sparse matrix} of shape (n_samples, n_samples)
        Symmetric affinities. The diagonal is ignored.
    labels : array-like of shape (n_samples,)
        Cluster of each row.

    Returns
    -------
    float
        Normalised cut, in [0, n_clusters] (Shi and Malik, 2000).

    Raises
    ------
    ValueError
        If the matrix is not square, has negative entries or does not fit the labels; if
        labels are missing.

    Warns
    -----
    UserWarning
        If the matrix is not symmetric and therefore averaged with its transpose.

    Examples
    --------
    >>> from sknet_spectral.metrics import normalized_cut
    >>> normalized_cut([[0, 1, 0], [1, 0, 1], [0, 1, 0]], [0, 0, 1])
    1.3333333333333333
    """
    return _partition(affinity_matrix, labels).normalized_cut


def subspace_distance(
    A: ArrayLike, B: ArrayLike, sample_weight: ArrayLike | None = None
) -> float:
    """One minus the mean squared cosine of the principal angles of two spans.

    This is the Grassmann (projection) distance as a share: 0 for equal spans, 1 for
    orthogonal spans.

    Parameters
    ----------
    A, B : array-like of shape (n_samples, n_components)
        Bases of the two subspaces, of full rank.
    sample_weight : array-like of shape (n_samples,), default=None
        Diagonal of the inner product, such as the degrees, none of them negative. None
        means ones.

    Returns
    -------
    float
        Distance in [0, 1].

    Raises
    ------
    ValueError
        If the numbers of rows or of columns differ; if weights are negative or not
        finite.

    Examples
    --------
    >>> from sknet_spectral.metrics import subspace_distance
    >>> subspace_distance([[1], [0]], [[1], [1]])
    0.5
    """
    first = check_array(A, dtype=np.float64, input_name="A")
    second = check_array(B, dtype=np.float64, input_name="B")
    if sample_weight is not None:
        sample_weight = column_or_1d(sample_weight)
    check_consistent_length(first, second, sample_weight)
    weight = _check_sample_weight(
        sample_weight, first, dtype=np.float64, ensure_non_negative=True
    )
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            "A and B must have the same number of columns, got "
            f"{first.shape[1]} and {second.shape[1]}."
        )
    root = np.sqrt(weight)[:, None]
    Q, other_Q = np.linalg.qr(root * first)[0], np.linalg.qr(root * second)[0]
    distance = 1.0 - np.square(Q.T @ other_Q).sum() / Q.shape[1]
    return float(np.clip(np.round(distance, 15), 0.0, 1.0))


def _partition(
    affinity_matrix: ArrayLike | sparse.spmatrix, labels: ArrayLike
) -> Partition:
    """Check a graph and the clusters of its nodes."""
    W = check_array(
        affinity_matrix,
        accept_sparse="csr",
        dtype=[np.float64, np.float32],
        input_name="affinity_matrix",
    )
    check_consistent_length(W, labels)
    labels = check_labels(labels, "labels")
    if W.shape[0] != W.shape[1]:
        raise ValueError(f"affinity_matrix must be square, got shape {W.shape}.")
    entries = W.data if sparse.issparse(W) else W
    smallest = entries.min(initial=0.0)
    if smallest < -_ROUNDING * entries.max(initial=0.0):
        raise ValueError(
            f"affinity_matrix has negative entries (smallest {smallest:.3g}), but "
            "affinities must be non-negative."
        )
    W = symmetric(_within_range(W), "affinity_matrix")
    return Partition(W, np.unique(labels, return_inverse=True)[1].reshape(-1))


def _within_range(W: Any) -> Any:
    """Scale affinities whose sum would overflow: only their ratios matter."""
    entries = W.data if sparse.issparse(W) else W
    largest = entries.max(initial=0.0)
    is_large = largest > np.finfo(np.float64).max / (2.0 * max(entries.size, 1))
    return W / largest if is_large else W
