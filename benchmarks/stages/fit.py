"""Seconds of each stage of a fit, and its memory."""

import numpy as np
from sklearn.base import clone

from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral._graph.search.neighbors import nearest_neighbors

from .rows import Rows


class Fit(Rows):
    """All of `fit`."""

    def time_fit(self, *_):
        self.model.fit(self.X)

    def peakmem_fit(self, *_):
        self.model.fit(self.X)


class Neighbors(Rows):
    """The search."""

    def time_neighbors(self, *_):
        source = np.random.RandomState(0)
        nearest_neighbors(self.X, 15, metric="euclidean", random_state=source)


class WithGraph(Rows):
    """The graph of the rows is there too."""

    def setup(self, n_samples, n_features, n_clusters):
        super().setup(n_samples, n_features, n_clusters)
        self.W = clone(self.model).set_params(max_iter=1).fit(self.X).affinity_matrix_


class Eigenvectors(WithGraph):
    """The eigenvectors alone."""

    def time_eigenvectors(self, n_samples, n_features, n_clusters):
        source = np.random.RandomState(0)
        Laplacian(self.W).eigenpairs(n_clusters, random_state=source)


class Training(WithGraph):
    """What follows the graph: eigenvectors, training, k-means."""

    def time_fit_to_a_graph(self, *_):
        self.model.fit(self.X, affinity_matrix=self.W)
