"""Groups of nodes: who is in them, what lies between them, and which to join.

Each node joins the neighbour of its strongest edge (Karypis and Kumar, SIAM J. Sci.
Comput. 20, 1998).
"""

import numpy as np
from scipy import sparse

from .._chunks import chunks, product_in_chunks
from .._partition import members_of
from .arrays import Floats, Integers, Matrix, is_sparse
from .components import connected_components
from .threads import results_in_threads

# Weights whose relative difference is below this count as equal.
_TIE = 1e-6
# Its multiples, modulo one, order nodes as if by chance.
_GOLDEN_RATIO = 0.5 * (1.0 + 5.0**0.5)


def between(W: Matrix, labels: Integers) -> Floats:
    """Sum the weights within and between clusters.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Symmetric weights.
    labels : ndarray of shape (n_nodes,)
        Cluster of each node, from zero.

    Returns
    -------
    ndarray of shape (n_clusters, n_clusters)
        The sums.
    """
    members = members_of(labels, labels.max(initial=-1) + 1)
    sums = members.T @ product_in_chunks(W, members)
    return sums.toarray() if is_sparse(sums) else np.asarray(sums)


def joined_by_strongest_edges(W: sparse.csr_matrix) -> Integers:
    """Join each node to the neighbour of its strongest edge.

    Parameters
    ----------
    W : csr_matrix of shape (n_nodes, n_nodes)
        Symmetric affinities without a diagonal.

    Returns
    -------
    ndarray of shape (n_nodes,)
        Group of each node, from zero.
    """
    # Of equal edges, all nodes around prefer those to the same node.
    rank = np.arange(W.shape[0]) * _GOLDEN_RATIO % 1.0
    blocks = chunks((W.shape[0], 1))
    strongest = [_strongest_edges(W[rows], rank) for rows in blocks]
    return connected_components(sparse.vstack(strongest, format="csr"))[1]


def _strongest_edges(W: sparse.csr_matrix, rank: Floats) -> sparse.csr_matrix:
    """Keep the strongest edge of each node of a block; of equal ones, by the rank."""
    preference = W.data * (1.0 + _TIE * rank[W.indices])
    n_edges = np.diff(W.indptr)
    has_edges = n_edges > 0
    strongest = np.zeros(W.shape[0])
    if has_edges.any():
        strongest[has_edges] = np.maximum.reduceat(preference, W.indptr[:-1][has_edges])
    is_strongest = preference == np.repeat(strongest, n_edges)
    ends = np.concatenate([[0], np.cumsum(is_strongest)])[W.indptr]
    kept = (W.data[is_strongest], W.indices[is_strongest], ends)
    return sparse.csr_matrix(kept, shape=W.shape)


def joined_nodes(W: sparse.csr_matrix, group: Integers) -> sparse.csr_matrix:
    """Sum the affinities between groups of nodes.

    Parameters
    ----------
    W : csr_matrix of shape (n_nodes, n_nodes)
        Affinities.
    group : ndarray of shape (n_nodes,)
        Group of each node, from zero.

    Returns
    -------
    csr_matrix of shape (n_groups, n_groups)
        The sums, without a diagonal.
    """
    members = members_of(group, group.max() + 1)
    by_group = sparse.csr_matrix(members.T)

    def sums_of(groups: slice) -> sparse.csr_matrix:
        nodes = by_group[groups]
        own = members_of(group[nodes.indices] - groups.start, nodes.shape[0])
        # In this order, the product in between is the smaller one.
        sums = own.T @ (W[nodes.indices] @ members)
        inside = sparse.diags([sums.diagonal(groups.start)], [groups.start], sums.shape)
        between = sparse.csr_matrix(sums - inside)
        between.eliminate_zeros()
        return between

    # The product for all groups would need more memory than the graph.
    blocks = chunks((by_group.shape[0], 1))
    return sparse.vstack(results_in_threads(sums_of, blocks), format="csr")
