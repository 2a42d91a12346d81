"""What it costs to cut a graph: along the borders of clusters, or through one."""

import numpy as np

from ..arrays import Floats, Integers, Matrix
from ..eigenvectors.laplacian import Laplacian
from ..node_groups import between

# Shares of the volume at which a cut along the second eigenvector is tried.
_PLACES = np.linspace(0.1, 0.9, 17)
_TOL = 1e-4


def shares_cut(W: Matrix, labels: Integers) -> Floats:
    """Return the share of each cluster's weight that leaves it.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Symmetric affinities.
    labels : ndarray of shape (n_nodes,)
        Clusters, from zero.

    Returns
    -------
    ndarray of shape (n_clusters,)
        The shares; zero for a cluster without weight.
    """
    sums = between(W, labels)
    weights = sums.sum(axis=1)
    leaving = weights - np.diagonal(sums)
    return np.divide(leaving, weights, out=np.zeros(len(weights)), where=weights > 0)


def cheapest_inner_cut(W: Matrix) -> float:
    """Find the cheapest of some cuts along the second eigenvector.

    Each side of a cut has at least a tenth of the weight.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Symmetric affinities.

    Returns
    -------
    float
        The weight that is cut, divided by the weight of the lighter side. One if there
        is nothing to cut.
    """
    graph = Laplacian(W)
    if np.count_nonzero(graph.mass) < 3:
        return 1.0
    _, Y = graph.eigenpairs(2, tol=_TOL, random_state=np.random.RandomState(0))
    order = np.argsort(Y[:, 1], kind="stable")
    weights = np.cumsum(graph.mass[order]) / graph.volume
    is_before = np.zeros((len(order), len(_PLACES)))
    is_before[order] = weights[:, None] <= _PLACES
    inside = is_before.T @ graph.degrees
    cut = inside - np.einsum("ij,ij->j", is_before, graph.W @ is_before)
    lighter = np.minimum(inside, graph.degrees.sum() - inside)
    return float(np.min(cut[lighter > 0] / lighter[lighter > 0], initial=1.0))
