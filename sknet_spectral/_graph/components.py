"""Connected components of a graph, and edges that join them."""

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph
from sklearn.metrics import pairwise_distances_argmin_min

from .distances import EXACT_METRICS, SPARSE_METRICS
from .metric_spaces import metric_space
from .pairwise_measures import blocks_of_distances
from .threads import few_threads


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


def strongest_edge(W):
    """Return the weight of the strongest edge, or one where there is none.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Affinity matrix.

    Returns
    -------
    float
        The weight.
    """
    return _edge_weights(W).max(initial=0.0) or 1.0


def shortest_missing_edges(X, labels, n_components, metric):
    """Find the shortest edges that leave at most `n_components` components.

    Each round links every component but the largest to its nearest outside row,
    shortest links first (Boruvka), until few enough components are left.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    labels : ndarray of shape (n_samples,)
        Component of each row.
    n_components : int
        How many components may stay.
    metric : str
        Name of the metric.

    Returns
    -------
    rows, columns : ndarray of shape (n_edges,)
        The ends of each edge.
    distances : ndarray of shape (n_edges,)
        Their lengths, float64.
    """
    space = metric_space(X, metric)
    edges, count = [], labels.max() + 1
    while count > n_components:
        for distance, row, column in _nearest_outside(space, labels):
            if count > n_components and labels[row] != labels[column]:
                edges.append((row, column, distance))
                labels = np.where(labels == labels[row], labels[column], labels)
                count -= 1
        labels = np.unique(labels, return_inverse=True)[1]
    rows, columns, distances = zip(*edges, strict=True)
    return np.array(rows), np.array(columns), space.finish(np.array(distances))


def shortest_forest(begin, end, lengths, n_pieces):
    """Choose edges between pieces, the shortest first, that leave at most so many.

    Parameters
    ----------
    begin, end : ndarray of shape (n_edges,)
        The pieces that each edge joins, from zero.
    lengths : ndarray of shape (n_edges,)
        Their lengths.
    n_pieces : int
        How many pieces may stay.

    Returns
    -------
    ndarray of shape (n_chosen,)
        Positions of the chosen edges; too few where these leave more pieces.
    """
    count = 1 + max(begin.max(initial=-1), end.max(initial=-1))
    root = list(range(count))

    def find(piece):
        while root[piece] != piece:
            root[piece] = root[root[piece]]
            piece = root[piece]
        return piece

    chosen = []
    for edge in np.argsort(lengths, kind="stable"):
        if count <= n_pieces:
            break
        one, other = find(begin[edge]), find(end[edge])
        if one != other:
            root[one] = other
            chosen.append(edge)
            count -= 1
    return np.array(chosen, dtype=np.intp)


def nearest_core_rows(X, in_core, metric):
    """Find the row of the core that is nearest to each row outside it.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    in_core : ndarray of shape (n_samples,)
        Which rows are the core, bool.
    metric : str
        As in `shortest_missing_edges`.

    Returns
    -------
    ndarray of shape (n_samples - in_core.sum(),)
        Positions in X.
    """
    space = metric_space(X, metric)
    core = np.flatnonzero(in_core)
    rows = space.rows
    return core[_nearest(rows[~in_core], rows[core], space.metric)[0]]


def attach(W, rows, columns):
    """Replace all edges of outlying rows by one to a row of the core each.

    The eigenvectors there are nearly what they are in the core: none is spent on an
    outlier. Rows that share a row of the core share a mean row's affinities, or they
    would outweigh it.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        Affinity matrix.
    rows : ndarray of shape (n_rows,)
        All rows of the components outside the core.
    columns : ndarray of shape (n_rows,)
        A row of the core for each; -1 leaves a row without edges.

    Returns
    -------
    {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The joined affinity matrix.
    """
    mean = _edge_weights(W).sum() / W.shape[0]
    kept = np.ones(W.shape[0], dtype=W.dtype)
    kept[rows] = 0
    rows, columns = rows[columns >= 0], columns[columns >= 0]
    weights = mean / np.bincount(columns)[columns]
    ends = np.concatenate([rows, columns]), np.concatenate([columns, rows])
    entries = np.tile(weights, 2).astype(W.dtype)
    if sparse.issparse(W):
        W = sparse.diags(kept) @ W @ sparse.diags(kept)
        W.eliminate_zeros()
        return sparse.csr_matrix(W + sparse.csr_matrix((entries, ends), shape=W.shape))
    W = W * kept[:, None] * kept
    W[ends] = entries
    return W


def _edge_weights(W):
    """Return the entries off the diagonal, which joins no rows."""
    if sparse.issparse(W):
        edges = W.tocoo(copy=False)
        return edges.data[edges.row != edges.col]
    n_nodes = len(W)
    # Of the flat matrix every n_nodes + 1-st entry is one of the diagonal.
    return W.ravel(order="K")[1:].reshape(n_nodes - 1, n_nodes + 1)[:, :-1]


def _nearest_outside(space, labels):
    """For each component but the largest: (distance, row, row outside), sorted."""
    links, sizes = [], np.bincount(labels)
    for component in np.delete(np.arange(len(sizes)), sizes.argmax()):
        inside = np.flatnonzero(labels == component)
        outside = np.flatnonzero(labels != component)
        rows = space.rows
        nearest, distance = _nearest(rows[inside], rows[outside], space.metric)
        best = distance.argmin()
        links.append((distance[best], inside[best], outside[nearest[best]]))
    return sorted(links)


def _nearest(X, Y, metric):
    """Return, for each row of X, its nearest row of Y and how far that is."""
    known = SPARSE_METRICS if sparse.issparse(X) else EXACT_METRICS
    with few_threads(X.shape[0]):
        if metric in known:
            return pairwise_distances_argmin_min(X, Y, metric=metric)
        nearest = np.empty(X.shape[0], dtype=np.intp)
        lengths = np.empty(X.shape[0])
        for rows, distances in blocks_of_distances(X, Y, metric):
            nearest[rows], lengths[rows] = (
                distances.argmin(axis=1),
                distances.min(axis=1),
            )
    return nearest, lengths
