"""Random graphs of all kinds, for the eigensolvers."""

import numpy as np
from scipy import sparse
from sklearn.datasets import load_digits, make_blobs, make_moons
from sklearn.neighbors import kneighbors_graph

from sknet_spectral._graph.affinities.affinity import neighbor_affinity
from sknet_spectral._graph.arrays import Neighbors


def from_edges(begin, end, n_nodes, weights=None):
    """A symmetric graph without loops and without double edges."""
    weights = np.ones(len(begin)) if weights is None else weights
    kept = begin != end
    W = sparse.csr_matrix(
        (weights[kept], (begin[kept], end[kept])), shape=(n_nodes, n_nodes)
    )
    return sparse.csr_matrix(W.maximum(W.T))


def planted_partition(n_nodes, rng):
    group = rng.integers(rng.integers(2, 7), size=n_nodes)
    begin, end = rng.integers(n_nodes, size=(2, 8 * n_nodes))
    kept = (group[begin] == group[end]) | (rng.random(len(begin)) > 0.97)
    return from_edges(begin[kept], end[kept], n_nodes)


def planted_partition_with_hubs(n_nodes, rng):
    W = planted_partition(n_nodes, rng)
    hubs = rng.integers(5, size=2 * n_nodes)
    nodes = np.arange(2 * n_nodes) % n_nodes
    return sparse.csr_matrix(W.maximum(from_edges(nodes, hubs, n_nodes)))


def stars(n_nodes, rng):
    """Leaves on hubs, the hubs on a ring of random weights."""
    n_hubs = rng.integers(2, 12)
    nodes = np.arange(n_nodes)
    hubs = nodes[:n_hubs]
    W = from_edges(nodes, rng.permutation(nodes % n_hubs), n_nodes)
    ring = from_edges(hubs, np.roll(hubs, 1), n_nodes, rng.uniform(0.1, 5, n_hubs))
    return sparse.csr_matrix(W.maximum(ring))


def loose_groups(n_nodes, rng):
    """A connected graph, and six dense groups that hang by weak edges."""
    n_groups, size = 6, max(n_nodes // 60, 2)
    n_core = max(n_nodes - n_groups * size, 2 * n_groups)
    core = neighbor_graph(rng.uniform(size=(n_core, 3)))
    groups = [np.ones((size, size)) - np.eye(size)] * n_groups
    W = sparse.block_diag([core, *groups], format="csr")
    begin = np.concatenate([n_core + size * np.arange(n_groups)] * 2)
    begin[n_groups:] += 1
    end = rng.integers(n_core, size=len(begin))
    weak = from_edges(begin, end, W.shape[0], np.full(len(begin), 1e-6))
    return sparse.csr_matrix(W.maximum(weak))


def preferential_attachment(n_nodes, rng):
    n_edges = rng.integers(1, 5)
    ends = list(range(n_edges + 1))
    begin, end = [], []
    for node in range(n_edges + 1, n_nodes):
        chosen = {ends[i] for i in rng.integers(len(ends), size=n_edges)}
        begin += [node] * len(chosen)
        end += chosen
        ends += [*chosen, *[node] * len(chosen)]
    return from_edges(np.array(begin), np.array(end), n_nodes)


def ring(n_nodes, rng):
    nodes = np.arange(n_nodes)
    steps = range(1, 1 + rng.integers(1, 5))
    return from_edges(
        np.concatenate([nodes] * len(steps)),
        np.concatenate([np.roll(nodes, step) for step in steps]),
        n_nodes,
    )


def path(n_nodes, rng):
    return from_edges(np.arange(n_nodes - 1), np.arange(1, n_nodes), n_nodes)


def grid(n_nodes, rng):
    side = int(np.sqrt(n_nodes))
    widths = side, side + rng.integers(2)  # every second one is a square
    rows = path(widths[0], rng), path(widths[1], rng)
    return sparse.csr_matrix(sparse.kronsum(*rows))


def complete_bipartite(n_nodes, rng):
    n_left = rng.integers(n_nodes // 4, n_nodes // 2)
    W = np.zeros((n_nodes, n_nodes))
    W[:n_left, n_left:] = 1
    return sparse.csr_matrix(W + W.T)


def sparse_bipartite(n_nodes, rng):
    half = n_nodes // 2
    begin, end = rng.integers(half, size=(2, 5 * n_nodes))
    return from_edges(begin, half + end, n_nodes)


def complete(n_nodes, rng):
    return sparse.csr_matrix(1.0 - np.eye(n_nodes))


def weighted_over_ten_decades(n_nodes, rng):
    W = sparse.triu(planted_partition(n_nodes, rng)).tocoo()
    return from_edges(W.row, W.col, n_nodes, 10 ** rng.uniform(-10, 0, W.nnz))


def disconnected(n_nodes, rng):
    parts = rng.integers(2, 9)
    sizes = np.full(parts, n_nodes // parts)
    kinds = [ring, planted_partition, grid, stars]
    return sparse.csr_matrix(
        sparse.block_diag([kinds[rng.integers(4)](size, rng) for size in sizes])
    )


def neighbor_graph(X):
    graph = kneighbors_graph(X, 15, mode="distance")
    neighbors = Neighbors(
        graph.indices.reshape(len(X), 15), graph.data.reshape(len(X), 15)
    )
    return neighbor_affinity(neighbors, weights="local_scaling", gamma=None)


def moons(n_nodes, rng):
    seed = int(rng.integers(1000))
    return neighbor_graph(make_moons(n_nodes, noise=0.05, random_state=seed)[0])


def digits(n_nodes, rng):
    X = load_digits().data
    return neighbor_graph(rng.permutation(X)[:n_nodes])


def blobs(n_nodes, rng):
    options = {"n_features": int(rng.integers(2, 11)), "centers": 3, "cluster_std": 2}
    seed = int(rng.integers(1000))
    return neighbor_graph(make_blobs(n_nodes, random_state=seed, **options)[0])


KINDS = [
    planted_partition,
    planted_partition_with_hubs,
    stars,
    preferential_attachment,
    ring,
    path,
    grid,
    complete_bipartite,
    sparse_bipartite,
    complete,
    weighted_over_ten_decades,
    disconnected,
    loose_groups,
    moons,
    digits,
    blobs,
]
