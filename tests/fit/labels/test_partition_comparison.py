"""Which of two partitions a graph supports more, by hand."""

import numpy as np

from sknet_spectral._fit.labels.partition_comparison import (
    is_better_cut,
    is_far_cheaper_cut,
)
from sknet_spectral._partition import Partition


def test_the_graph_prefers_large_modularity_at_no_larger_cut():
    # Two triangles joined by an edge, with a lone node that hangs on by another.
    W = np.zeros((7, 7))
    edges = [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (2, 3), (5, 6)]
    for a, b in edges:
        W[a, b] = W[b, a] = 1.0
    triangles = Partition(W, np.array([0, 0, 0, 1, 1, 1, 1]))
    lone = Partition(W, np.array([0, 0, 0, 0, 0, 0, 1]))
    assert is_better_cut(triangles, lone)
    assert not is_better_cut(lone, triangles)
    assert not is_better_cut(triangles, triangles)


def test_fewer_clusters_are_not_better():
    W = np.ones((4, 4)) - np.eye(4)
    one, two = Partition(W, np.zeros(4, int)), Partition(W, np.array([0, 0, 1, 1]))
    assert not is_better_cut(one, two)


def split_path(n_nodes):
    """A path whose third edge is weak, cut there and in the middle."""
    weights = np.ones(n_nodes - 1)
    weights[2] = 1e-3
    W = np.diag(weights, 1) + np.diag(weights, -1)
    return [
        Partition(W, (np.arange(n_nodes) >= place).astype(int))
        for place in (3, n_nodes // 2)
    ]


def test_a_cut_is_far_cheaper_only_with_as_many_clusters_of_enough_rows():
    weak, middle = split_path(40)
    assert is_far_cheaper_cut(weak, middle)
    assert not is_far_cheaper_cut(middle, weak)
    one = middle.of_same_graph(np.zeros(40, int))
    assert not is_far_cheaper_cut(one, middle)
    # Three rows are fewer than a twentieth of the mean cluster's hundred.
    assert not is_far_cheaper_cut(*split_path(200))
