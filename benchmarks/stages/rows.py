"""The rows of all benchmarks: overlapping Gaussians, so that the graph is one piece."""

import numpy as np

from sknet_spectral import SpectralNetClustering


def gaussian_rows(n_samples, n_features, n_clusters):
    """Draw rows of float32 around as many centres as there are clusters."""
    rng = np.random.default_rng(0)
    centers = 3 * rng.normal(size=(n_clusters, n_features)) / np.sqrt(n_features)
    noise = rng.normal(size=(n_samples, n_features))
    return (centers[rng.integers(n_clusters, size=n_samples)] + noise).astype(
        np.float32
    )


class Rows:
    """Rows that are there already, of several shapes, and an estimator for them."""

    params = ([2_000, 20_000], [8, 64, 512], [5, 20])
    param_names = ("n_samples", "n_features", "n_clusters")
    timeout = 300

    def setup(self, n_samples, n_features, n_clusters):
        self.X = gaussian_rows(n_samples, n_features, n_clusters)
        self.model = SpectralNetClustering(n_clusters, random_state=0)
