"""Connected components of a graph, and rows that are attached to a component."""

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from .arrays import Flags, Floats, Integers, Matrix, is_sparse

# An edge below this share of the strongest edge of each end joins nothing.
_WEAK = 1e-3
_BLOCK_ROWS = 2**16


def connected_components(W: Matrix) -> tuple[int, Integers]:
    """Count and label the connected components of a graph.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Symmetric affinities; a stored zero is not an edge.

    Returns
    -------
    count : int
        Number of components.
    labels : ndarray of shape (n_nodes,)
        Component of each node.
    """
    if is_sparse(W):
        if (W.data == 0).any():
            W = W.copy()
            W.eliminate_zeros()
        return csgraph.connected_components(W, directed=False)
    return _dense_components(W)


def _dense_components(W: Floats) -> tuple[int, Integers]:
    """Walk along the edges, since scipy would copy the matrix six times."""
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


def in_larger_pieces(W: Matrix, n_rows: float) -> Flags:
    """Tell which rows are in pieces of more than a number of rows.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Symmetric affinities.
    n_rows : float
        The number.

    Returns
    -------
    ndarray of shape (n_nodes,)
        Whether the piece of each row is larger, bool.
    """
    labels = connected_components(W)[1]
    return np.bincount(labels)[labels] > n_rows


def strongly_joined(W: sparse.csr_matrix) -> Integers:
    """Label the pieces that are left without weak edges.

    Local scaling gives the edges from near-copies of a row to all others next to no
    weight, but without them the copies are a piece of their own. An edge is weak if it
    has less than a thousandth of the strongest weight at both ends; a row that is far
    from all others keeps its strongest edges.

    Parameters
    ----------
    W : csr_matrix of shape (n_samples, n_samples)
        Symmetric affinities.

    Returns
    -------
    ndarray of shape (n_samples,)
        Piece of each row.
    """
    strongest = W.max(axis=1).toarray().ravel()
    is_weak = np.concatenate(
        [
            _weak_in_block(W, strongest, begin)
            for begin in range(0, W.shape[0], _BLOCK_ROWS)
        ]
    )
    if is_weak.any():
        W = sparse.csr_matrix(
            (np.where(is_weak, 0.0, W.data), W.indices, W.indptr), shape=W.shape
        )
    return connected_components(W)[1]


def _weak_in_block(W: sparse.csr_matrix, strongest: Floats, begin: int) -> Flags:
    block = W[begin : begin + _BLOCK_ROWS]
    own = np.repeat(strongest[begin : begin + _BLOCK_ROWS], np.diff(block.indptr))
    return block.data < _WEAK * np.minimum(own, strongest[block.indices])


def strongest_edge(W: Matrix) -> float:
    """Return the weight of the strongest edge, or one if the graph has no edges.

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


def attach(W: Matrix, rows: Integers, columns: Integers) -> Matrix:
    """Replace all edges of each outlying row by one edge to a row of the core.

    Eigenvectors then take nearly the same values at an outlier as at its core row, so
    no eigenvector describes the outlier alone. Outliers with the same core row share
    the affinities of this row to the others, or those of an average row if they are
    less; otherwise they would outweigh the core row, and take it from the others.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        Affinity matrix.
    rows : ndarray of shape (n_rows,)
        All rows of the components outside the core.
    columns : ndarray of shape (n_rows,)
        The core row of each outlier; -1 leaves the outlier without edges.

    Returns
    -------
    {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The new affinity matrix.
    """
    mean = _edge_weights(W).sum() / W.shape[0]
    kept = np.ones(W.shape[0], dtype=W.dtype)
    kept[rows] = 0
    rows, columns = rows[columns >= 0], columns[columns >= 0]
    if is_sparse(W):
        W = sparse.diags(kept) @ W @ sparse.diags(kept)
        W.eliminate_zeros()
    else:
        W = W * kept[:, None] * kept
    degrees = np.asarray(W.sum(axis=1)).ravel() - W.diagonal()
    shared = np.where(degrees > 0, np.minimum(degrees, mean), mean)
    weights = shared[columns] / np.bincount(columns)[columns]
    ends = np.concatenate([rows, columns]), np.concatenate([columns, rows])
    entries = np.tile(weights, 2).astype(W.dtype)
    if is_sparse(W):
        return sparse.csr_matrix(W + sparse.csr_matrix((entries, ends), shape=W.shape))
    W[ends] = entries
    return W


def _edge_weights(W: Matrix) -> Floats:
    """Return the entries off the diagonal."""
    if is_sparse(W):
        edges = W.tocoo(copy=False)
        return edges.data[edges.row != edges.col]
    n_nodes = len(W)
    # In the flattened matrix, every (n_nodes + 1)-th entry lies on the diagonal.
    return W.ravel(order="K")[1:].reshape(n_nodes - 1, n_nodes + 1)[:, :-1]
