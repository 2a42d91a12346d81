"""Leiden's communities of the Jaccard-weighted neighbour graph, as PhenoGraph's."""

import numpy as np
from accuracy_spaces import import_peer
from pynndescent import NNDescent
from scipy import sparse
from sklearn.base import BaseEstimator, ClusterMixin

N_NEIGHBORS = 15
# Bisections of the logarithm of the resolution.
N_TRIED = 20
LOWEST, HIGHEST = -3.0, 2.0


def jaccard_graph(X, metric, seed):
    """Weigh each pair of neighbours by the share of neighbours that they share."""
    indices = NNDescent(
        X, metric, n_neighbors=N_NEIGHBORS + 1, random_state=seed
    ).neighbor_graph[0]
    n_samples = X.shape[0]
    ends = np.repeat(np.arange(n_samples), indices.shape[1]), indices.ravel()
    N = sparse.csr_matrix((np.ones(indices.size), ends), shape=(n_samples, n_samples))
    shared = (N @ N.T).multiply((N + N.T) > 0).tocoo()
    is_edge = shared.row < shared.col
    rows, columns = shared.row[is_edge], shared.col[is_edge]
    shared = shared.data[is_edge]
    return rows, columns, shared / (2 * indices.shape[1] - shared)


class Leiden(ClusterMixin, BaseEstimator):
    """Leiden with the resolution that gives the number of communities asked for."""

    def __init__(self, n_clusters, metric="euclidean", random_state=None):
        self.n_clusters = n_clusters
        self.metric = metric
        self.random_state = random_state

    def fit(self, X, y=None):
        leidenalg, igraph = import_peer("leidenalg"), import_peer("igraph")
        rows, columns, weights = jaccard_graph(X, self.metric, self.random_state)
        graph = igraph.Graph(X.shape[0], np.column_stack([rows, columns]))

        def partition(resolution):
            return leidenalg.find_partition(
                graph,
                leidenalg.RBConfigurationVertexPartition,
                weights=weights,
                resolution_parameter=resolution,
                seed=self.random_state,
            )

        low, high, best = LOWEST, HIGHEST, None
        for _ in range(N_TRIED):
            middle = (low + high) / 2
            found = partition(10.0**middle)
            missed = len(found) - self.n_clusters
            if best is None or abs(missed) < abs(best[0]):
                best = missed, np.array(found.membership)
            if not missed:
                break
            low, high = (low, middle) if missed > 0 else (middle, high)
        self.labels_ = best[1]
        return self
