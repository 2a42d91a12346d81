"""Models of all kinds, and what must be the same once they are restored."""

import numpy as np
import torch
from scipy import sparse
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_union

from sknet_spectral import (
    AutoencoderTransformer,
    NoisyFeatures,
    SelfLabeling,
    SiameseTransformer,
    SpectralNetClustering,
    SpectralNetEmbedding,
)
from tests.data import SMALL, some_digits

X = some_digits(120)[0]
SHORT = {**SMALL, "max_iter": 3}
W = rbf_kernel(X, gamma=1e-3)
D = NearestNeighbors(n_neighbors=10).fit(X).kneighbors_graph(mode="distance")
MODELS = {
    "kmeans": (SpectralNetClustering(4, **SHORT), X),
    "float32": (SpectralNetClustering(4, **SHORT), X.astype(np.float32)),
    "sparse rows": (SpectralNetClustering(4, **SHORT), sparse.csr_matrix(X)),
    "modularity": (SpectralNetClustering(4, assign_labels="modularity", **SHORT), X),
    "discretize": (SpectralNetClustering(4, assign_labels="discretize", **SHORT), X),
    "cluster_qr": (SpectralNetClustering(4, assign_labels="cluster_qr", **SHORT), X),
    "unnormalized": (SpectralNetClustering(4, laplacian="unnormalized", **SHORT), X),
    "stochastic": (SpectralNetClustering(4, eigen_solver="stochastic", **SHORT), X),
    "auto": (SpectralNetClustering("auto", n_components="auto", **SHORT), X),
    "sample": (SpectralNetClustering(4, max_samples=80, **SHORT), X),
    "kernel": (SpectralNetClustering(4, affinity="rbf", gamma=1e-3, **SHORT), X),
    "self-labeling": (
        SpectralNetClustering(4, assign_labels=SelfLabeling(NoisyFeatures()), **SHORT),
        X,
    ),
    "precomputed": (SpectralNetClustering(4, affinity="precomputed", **SHORT), W),
    "sparse graph": (
        SpectralNetClustering(4, affinity="precomputed", **SHORT),
        sparse.csr_array(np.where(W > 0.2, W, 0)),
    ),
    "stored neighbors": (
        SpectralNetEmbedding(2, affinity="precomputed_nearest_neighbors", **SHORT),
        D,
    ),
    "siamese": (
        SpectralNetClustering(
            4, affinity_transformer=SiameseTransformer(3, **SHORT), **SHORT
        ),
        X,
    ),
    "two autoencoders": (
        SpectralNetClustering(
            4,
            affinity_transformer=make_union(
                AutoencoderTransformer(3, **SHORT), AutoencoderTransformer(2, **SHORT)
            ),
            **SHORT,
        ),
        X,
    ),
    "embedding": (SpectralNetEmbedding(3, diffusion_time=2.0, **SHORT), X),
    "generator": (
        SpectralNetClustering(4, **{**SHORT, "random_state": np.random.RandomState(7)}),
        X,
    ),
    "numpy's numbers": (
        SpectralNetClustering(
            np.int64(4),
            gamma=np.float32(0.1),
            **{**SHORT, "hidden_layer_sizes": np.array([8, 8])},
        ),
        X,
    ),
    "Autoencoder": (AutoencoderTransformer(4, **SHORT), X),
    "Siamese": (SiameseTransformer(4, **SHORT), X.astype(np.float32)),
}


def small_network(n_features, n_outputs):
    return torch.nn.Sequential(
        torch.nn.Linear(n_features, 8),
        torch.nn.BatchNorm1d(8),
        torch.nn.ReLU(),
        torch.nn.Linear(8, n_outputs),
    )


def assert_same(loaded, model, rows):
    assert vars(loaded).keys() == vars(model).keys()
    results = ["predict", "predict_proba", "inverse_transform"]
    if not str(getattr(model, "affinity", "")).startswith("precomputed"):
        results += ["score", "score_samples"]
    Y = model.transform(rows)
    assert loaded.transform(rows).dtype == Y.dtype
    np.testing.assert_array_equal(loaded.transform(rows), Y)
    for name in results:
        if hasattr(model, name):
            given = Y if name == "inverse_transform" else rows
            expected = getattr(model, name)(given)
            np.testing.assert_array_equal(getattr(loaded, name)(given), expected)
    if hasattr(model, "relabel") and model.assign_labels in ("auto", "modularity"):
        np.testing.assert_array_equal(loaded.relabel(7), model.relabel(7))
    for name, value in vars(model).items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(getattr(loaded, name), value)
            assert getattr(loaded, name).dtype == value.dtype
        elif sparse.issparse(value):
            assert type(getattr(loaded, name)) is type(value)
            assert abs(getattr(loaded, name) - value).max() == 0
