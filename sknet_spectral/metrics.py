"""Scores of a clustering and of an embedding."""

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from sklearn.metrics.cluster import contingency_matrix
from sklearn.utils.validation import check_array, check_consistent_length

__all__ = ["clustering_accuracy", "normalized_cut", "subspace_distance"]


def clustering_accuracy(labels_true, labels_pred):
    """Share of rows whose label is right under the best matching of labels.

    Parameters
    ----------
    labels_true, labels_pred : array-like of shape (n_samples,)
        Two labellings of the same rows.

    Returns
    -------
    float
        Accuracy in [0, 1], labels matched one to one (Hungarian method).

    Raises
    ------
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> from sknet_spectral.metrics import clustering_accuracy
    >>> clustering_accuracy([0, 0, 1, 1], [1, 1, 0, 1])
    0.75
    """
    check_consistent_length(labels_true, labels_pred)
    table = contingency_matrix(labels_true, labels_pred)
    return float(table[linear_sum_assignment(-table)].sum() / len(labels_true))


def normalized_cut(affinity_matrix, labels):
    """Sum over clusters of the weight that leaves, over the cluster's volume.

    Parameters
    ----------
    affinity_matrix : {array-like, sparse matrix} of shape (n_samples, n_samples)
        Symmetric affinities; the diagonal is ignored.
    labels : array-like of shape (n_samples,)
        Cluster of each row.

    Returns
    -------
    float
        Normalised cut, in [0, n_clusters] (Shi and Malik, 2000).

    Raises
    ------
    ValueError
        If the matrix is not square or does not fit the labels.

    Examples
    --------
    >>> from sknet_spectral.metrics import normalized_cut
    >>> normalized_cut([[0, 1, 0], [1, 0, 1], [0, 1, 0]], [0, 0, 1])
    1.3333333333333333
    """
    W = sparse.csr_matrix(
        check_array(affinity_matrix, accept_sparse="csr", dtype=np.float64)
    )
    check_consistent_length(W, labels)
    if W.shape[0] != W.shape[1]:
        raise ValueError(f"affinity_matrix must be square, got shape {W.shape}.")
    W = W - sparse.diags(W.diagonal())
    _, labels = np.unique(labels, return_inverse=True)
    indicators = np.eye(labels.max() + 1)[labels]
    volumes = indicators.T @ np.asarray(W.sum(axis=1)).ravel()
    inside = np.einsum("ij,ij->j", indicators, W @ indicators)
    cuts = volumes - inside
    return float(np.divide(cuts, volumes, where=volumes > 0, out=0 * cuts).sum())


def subspace_distance(A, B, sample_weight=None):
    """One minus the mean squared cosine of the principal angles of two spans.

    The Grassmann (projection) distance, as a share: 0 for equal spans, 1 for
    orthogonal ones.

    Parameters
    ----------
    A, B : array-like of shape (n_samples, n_components)
        Bases of the two subspaces, of full rank.
    sample_weight : array-like of shape (n_samples,), default=None
        Diagonal of the inner product, such as the degrees; None means ones.

    Returns
    -------
    float
        Distance in [0, 1].

    Raises
    ------
    ValueError
        If the numbers of rows differ.

    Examples
    --------
    >>> from sknet_spectral.metrics import subspace_distance
    >>> subspace_distance([[1], [0]], [[1], [1]])
    0.5
    """
    A, B = check_array(A, dtype=np.float64), check_array(B, dtype=np.float64)
    check_consistent_length(A, B)
    weight = np.ones(len(A)) if sample_weight is None else np.asarray(sample_weight)
    root = np.sqrt(weight)[:, None]
    first, second = np.linalg.qr(root * A)[0], np.linalg.qr(root * B)[0]
    distance = 1.0 - np.square(first.T @ second).sum() / first.shape[1]
    return float(np.clip(np.round(distance, 15), 0.0, 1.0))
