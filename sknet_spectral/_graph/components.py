"""Connected components of a graph, and rows that are attached to one."""

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph


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
        return csgraph.connected_components(W, directed=False)
    return _dense_components(W)


def _dense_components(W):
    """Walk along the edges, where scipy would copy the matrix six times."""
    labels = np.full(len(W), -1, dtype=np.int32)
    count = 0
    for node in range(len(W)):
        if labels[node] >= 0:
            continue
        labels[node] = count
        reached = [node]
        while reached and (labels < 0).any():
            neighbors = np.flatnonzero((labels < 0) & (W[reached.pop()] > 0))
            labels[neighbors] = count
            reached.extend(neighbors)
        count += 1
    return count, labels


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
