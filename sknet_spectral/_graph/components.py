"""Connected components, and the shortest edges that join them."""

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph
from sklearn.metrics import pairwise_distances_argmin_min

from .distances import EXACT_METRICS, SPARSE_METRICS, condition
from .threads import few_threads

# pynndescent's other names for what scikit-learn measures.
_SKLEARN_NAMES = {
    "taxicab": "manhattan",
    "linfinity": "chebyshev",
    "linfty": "chebyshev",
    "linf": "chebyshev",
    "true_angular": "cosine",
    "dot": "cosine",
}


def connected_components(W):
    """Count and label the connected components of a graph.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Symmetric affinities; a stored zero is no edge.

    Returns
    -------
    count : int
        Number of components.
    labels : ndarray of shape (n_nodes,)
        Component of each node.
    """
    if sparse.issparse(W):
        if (W.data == 0).any():
            W = W.copy()
            W.eliminate_zeros()
    elif (W[0, 1:] > 0).all():  # one node with an edge to each: a usual kernel
        return 1, np.zeros(len(W), dtype=np.int32)
    return csgraph.connected_components(W, directed=False)


def shortest_missing_edges(X, labels, n_components, metric, least_rows=0):
    """Find the shortest edges that leave at most `n_components` components.

    Each round links every component but the largest to its nearest outside row,
    shortest links first (Boruvka), until few enough components are left. As long as
    there are small components, only they are linked: outliers, whose links are long.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    labels : ndarray of shape (n_samples,)
        Component of each row.
    n_components : int
        How many components may stay.
    metric : str
        Name of the metric; one that scikit-learn lacks for such rows is
        measured as euclidean.
    least_rows : float, default=0
        Components of fewer rows are small.

    Returns
    -------
    rows, columns : ndarray of shape (n_edges,)
        The ends of each edge.
    distances : ndarray of shape (n_edges,)
        Their lengths, float64.
    """
    metric = _SKLEARN_NAMES.get(metric, metric)
    known = SPARSE_METRICS if sparse.issparse(X) else EXACT_METRICS
    metric = metric if metric in known else "euclidean"
    X, scale = condition(X, metric)
    edges, sizes = [], np.bincount(labels)
    while len(sizes) > n_components:
        count, small = len(sizes), np.flatnonzero(sizes < least_rows)
        linked = small if len(small) else np.delete(np.arange(count), sizes.argmax())
        for distance, row, column in _nearest_outside(X, labels, linked, metric):
            if count > n_components and labels[row] != labels[column]:
                edges.append((row, column, distance))
                labels = np.where(labels == labels[row], labels[column], labels)
                count -= 1
        labels = np.unique(labels, return_inverse=True)[1]
        sizes = np.bincount(labels)
    rows, columns, distances = zip(*edges, strict=True)
    lengths = np.array(distances, dtype=np.float64) * scale
    return np.array(rows), np.array(columns), lengths


def _nearest_outside(X, labels, components, metric):
    """For each of some components: (distance, row, row outside), sorted."""
    links = []
    for component in components:
        inside = np.flatnonzero(labels == component)
        outside = np.flatnonzero(labels != component)
        with few_threads(len(inside)):
            nearest, distance = pairwise_distances_argmin_min(
                X[inside], X[outside], metric=metric
            )
        best = distance.argmin()
        links.append((distance[best], inside[best], outside[nearest[best]]))
    return sorted(links)
