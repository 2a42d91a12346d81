"""Graphs that join each node to its k nearest, as a search for neighbours does."""

from typing import NamedTuple

import numpy as np
from scipy import sparse

from ..arrays import Floats, Integers

# Nodes whose edges are looked at, evenly spaced.
_MAX_NODES = 1_000
# The two directions of an edge may differ by this share of an entry, by rounding.
_ROUNDING = 1e-6
# Edges that must not fit lists of the other kind. Lists of neighbours have 6 to 25 %.
_MIN_EDGES, _MIN_SHARE = 30, 0.05
# Share of the variance that is left between nodes of the same degrees. Lists of
# neighbours leave more than 40 %, normalised connectivity less than 5 %.
_EXPLAINED = 0.25


class Listed(NamedTuple):
    """How many edges fit lists of the extreme entries of each row.

    Attributes
    ----------
    n_edges : int
        Number of edges that were looked at.
    n_smallest, n_largest : int
        How many of them are among the k smallest, or the k largest, entries at one of
        their ends, where k is the least degree.
    """

    n_edges: int
    n_smallest: int
    n_largest: int


def are_smallest(W: sparse.csr_matrix) -> bool:
    """Tell whether a graph was made from lists of the smallest entries of each row.

    Every edge then fits such lists. The least degree is their length, because some node
    is in no list of another. Many edges do not fit lists of the largest entries. A
    graph that was not made from lists fits neither.

    Parameters
    ----------
    W : csr_matrix of shape (n_nodes, n_nodes)
        Entries that are not negative. The diagonal is ignored.

    Returns
    -------
    bool
        Whether it was. Never where entries follow from the degrees of their ends, as in
        a normalised connectivity matrix.
    """
    listed = _compare_with_lists(W)
    return listed.n_smallest == listed.n_edges and _are_many(
        listed.n_edges - listed.n_largest, listed.n_edges
    )


def are_largest(W: sparse.csr_matrix) -> bool:
    """Tell whether a graph was made from lists of the largest entries of each row.

    Parameters
    ----------
    W : csr_matrix of shape (n_nodes, n_nodes)
        As of `are_smallest`.

    Returns
    -------
    bool
        Whether it was.
    """
    listed = _compare_with_lists(W)
    return listed.n_largest == listed.n_edges and _are_many(
        listed.n_edges - listed.n_smallest, listed.n_edges
    )


def _are_many(n_edges: int, n_all: int) -> bool:
    return n_edges >= max(_MIN_EDGES, _MIN_SHARE * n_all)


def _compare_with_lists(W: sparse.csr_matrix) -> Listed:
    graph = _undirected(W)
    degrees = np.diff(graph.indptr)
    nodes = np.flatnonzero(degrees)
    if not len(nodes):
        return Listed(0, 0, 0)
    k = degrees[nodes].min()
    nodes = nodes[:: 1 + len(nodes) // _MAX_NODES]
    edges = sparse.coo_matrix(graph[nodes])
    ends = np.stack([nodes[edges.row], edges.col])
    if _follow_from_degrees(edges.data, degrees[ends]):
        return Listed(0, 0, 0)
    nodes, ends = np.unique(ends, return_inverse=True)
    ends = ends.reshape(2, -1)
    smallest, largest = _kth_entries(graph[nodes], k)
    is_small = edges.data <= (1 + _ROUNDING) * smallest[ends].max(axis=0)
    is_large = edges.data >= (1 - _ROUNDING) * largest[ends].min(axis=0)
    return Listed(edges.nnz, int(is_small.sum()), int(is_large.sum()))


def _undirected(W: sparse.csr_matrix) -> sparse.csr_matrix:
    """Join what is joined in either direction, also by an entry of zero.

    The entries stay in their order, between one and two.
    """
    edges = sparse.coo_matrix(W)
    is_edge = edges.row != edges.col
    entries = edges.data[is_edge].astype(np.float64)
    entries = 1.0 + entries / max(entries.max(initial=0.0), np.finfo(float).tiny)
    ends = edges.row[is_edge], edges.col[is_edge]
    graph = sparse.csr_matrix((entries, ends), shape=W.shape)
    return sparse.csr_matrix(graph.maximum(graph.T))


def _follow_from_degrees(entries: Floats, degrees: Integers) -> bool:
    """Tell whether edges between nodes of the same two degrees have like entries."""
    pair = degrees.min(axis=0).astype(np.int64) * (1 + degrees.max()) + degrees.max(0)
    _, pair = np.unique(pair, return_inverse=True)
    n_edges = np.bincount(pair)
    means = np.bincount(pair, entries) / n_edges
    within = np.square(entries - means[pair]).sum() / max(1, (n_edges - 1).sum())
    return bool(within <= _EXPLAINED * entries.var())


def _kth_entries(graph: sparse.csr_matrix, k: int) -> tuple[Floats, Floats]:
    """Return the k-th smallest and the k-th largest entry of each row."""
    rows = np.repeat(np.arange(graph.shape[0]), np.diff(graph.indptr))
    entries = graph.data[np.lexsort((graph.data, rows))]
    return entries[graph.indptr[:-1] + k - 1], entries[graph.indptr[1:] - k]
