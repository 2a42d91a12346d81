"""A partition of the nodes of a graph, and how well the graph supports it."""

from functools import cached_property
from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.utils.validation import check_array, column_or_1d

from ._chunks import chunks, product_in_chunks
from ._warnings import warn


class Partition:
    """Clusters of the nodes of a graph.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Symmetric affinities. The diagonal is ignored.
    labels : ndarray of shape (n_nodes,)
        Cluster of each node, from zero.

    Attributes
    ----------
    n_clusters : int
        Number of clusters.
    """

    def __init__(self, W: Any, labels: NDArray[np.integer[Any]]) -> None:
        self._W, self.labels = W, labels
        self.n_clusters = int(labels.max(initial=-1)) + 1

    def of_same_graph(self, labels: NDArray[np.integer[Any]]) -> "Partition":
        """Make another partition of the same graph.

        Parameters
        ----------
        labels : ndarray of shape (n_nodes,)
            Its clusters, from zero.

        Returns
        -------
        Partition
            The partition.
        """
        return Partition(self._W, labels)

    @cached_property
    def modularity(self) -> float:
        """Sum the weight inside clusters beyond what chance puts there.

        Returns
        -------
        float
            The sum as a share of all weight.
        """
        volumes, inside = self._volumes_and_inside
        total = volumes.sum() or 1.0
        return float((inside / total - np.square(volumes / total)).sum())

    @cached_property
    def normalized_cut(self) -> float:
        """Sum the weights that leave each cluster, divided by its volume.

        Returns
        -------
        float
            The sum.
        """
        volumes, inside = self._volumes_and_inside
        cuts = volumes - inside
        return float(np.divide(cuts, volumes, where=volumes > 0, out=0 * cuts).sum())

    @cached_property
    def _volumes_and_inside(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Sum the degrees of each cluster's nodes, and the weights between them.

        Returns
        -------
        volumes, inside : ndarray of shape (n_clusters,)
            The sums.
        """
        members = members_of(self.labels, self.n_clusters)
        between = members.T @ product_in_chunks(self._W, members)
        loops = members.T @ self._W.diagonal()
        volumes = np.asarray(between.sum(axis=1)).ravel() - loops
        return volumes, between.diagonal() - loops


def members_of(labels: NDArray[np.integer[Any]], n_clusters: int) -> sparse.csr_matrix:
    """Return the indicators of clusters.

    Parameters
    ----------
    labels : ndarray of shape (n_nodes,)
        Cluster of each node, from zero.
    n_clusters : int
        Number of clusters; some may be empty.

    Returns
    -------
    csr_matrix of shape (n_nodes, n_clusters)
        One where a node is in a cluster.
    """
    n_nodes = len(labels)
    entries = (np.ones(n_nodes), labels, np.arange(n_nodes + 1))
    return sparse.csr_matrix(entries, shape=(n_nodes, n_clusters))


def symmetric(W: Any, name: str) -> Any:
    """Average a matrix with its transpose, if the two differ by more than rounding.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        Affinities.
    name : str
        Name of the matrix in the warning.

    Returns
    -------
    {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The same object if it is symmetric.

    Warns
    -----
    UserWarning
        If the matrix is not symmetric.
    """
    entries = W.data if sparse.issparse(W) else W
    rounding = np.sqrt(np.finfo(W.dtype).eps) * entries.max(initial=0.0)
    if _asymmetry(W) <= rounding:
        return W
    warn(f"{name} is not symmetric: averaged with its transpose.")
    return 0.5 * W + 0.5 * W.T


def _asymmetry(W: Any) -> float:
    """Return the largest difference between an entry and its mirror image."""
    if sparse.issparse(W):
        return abs(W - W.T).max()
    return max(_difference(W[rows], W[:, rows].T) for rows in chunks(W.shape))


def _difference(A: NDArray[Any], B: NDArray[Any]) -> float:
    return float(np.abs(A - B).max())


def check_labels(labels: ArrayLike, name: str) -> np.ndarray:
    """Check that labels can be told apart, and that none is missing.

    Parameters
    ----------
    labels : array-like of shape (n_rows,)
        Numbers, strings or categories.
    name : str
        Name of the parameter.

    Returns
    -------
    ndarray of shape (n_rows,)
        The labels.

    Raises
    ------
    ValueError
        If this is no array, or some are missing, or of kinds that have no common order.
    """
    # Beside strings, numpy makes a string of NaN.
    is_list = isinstance(labels, list | tuple)
    values = np.asarray(labels, dtype=object if is_list else None)
    if values.ndim == 0:
        raise ValueError(
            f"{name} must be an array with a label for each row, got "
            f"{type(labels).__name__}."
        )
    if values.dtype == object:
        values = _of_one_kind(values, name)
    checked = check_array(values, ensure_2d=False, dtype=None, input_name=name)
    return column_or_1d(checked)


def _of_one_kind(labels: np.ndarray, name: str) -> np.ndarray:
    """Check that objects have a common order; return numbers as such."""
    kinds = {type(label) for label in labels.flat}
    if all(issubclass(kind, Number) for kind in kinds):
        return np.array(labels.tolist())
    try:
        np.unique(labels)
    except TypeError as error:
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise ValueError(
            f"{name} must be all numbers or all strings, without gaps, got {names}. "
            "Leave out rows without a label, or give them a label of their own."
        ) from error
    return labels
