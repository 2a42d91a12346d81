"""What each constructor parameter may be given, and what it may not."""

import numpy as np
import torch
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import kneighbors_graph

from sknet_spectral import (
    AutoencoderTransformer,
    NoisyFeatures,
    SelfLabeling,
    SiameseTransformer,
    SpectralNetClustering,
    SpectralNetEmbedding,
)
from sknet_spectral._graph.metrics.distances import EXACT_METRICS
from tests.strategies import seeds

X = np.random.default_rng(0).normal(size=(30, 3))
GRAPHS = {
    "precomputed": rbf_kernel(X),
    "precomputed_nearest_neighbors": kneighbors_graph(X, 10, mode="distance"),
}
TINY = {"hidden_layer_sizes": (8,), "max_iter": 2, "n_components": 2}
BASE = {
    SpectralNetClustering: {**TINY, "n_clusters": 2, "n_init": 1},
    SpectralNetEmbedding: TINY,
    SiameseTransformer: {**TINY, "batch_size": 16},
    AutoencoderTransformer: {**TINY, "batch_size": 16},
}
ESTIMATORS = list(BASE)


def linear(n_features, n_outputs):
    return torch.nn.Linear(n_features, n_outputs)


def bounded(n_features, n_outputs):
    layers = torch.nn.Linear(n_features, n_outputs, bias=False), torch.nn.Tanh()
    return torch.nn.Sequential(*layers)


def normalizing(n_features, n_outputs):
    layers = torch.nn.LayerNorm(n_features), torch.nn.Linear(n_features, n_outputs)
    return torch.nn.Sequential(*layers)


def mirrored(rows, generator):
    return -rows


def without_columns(rows, generator):
    return rows[:, :0]


def too_wide(n_features, n_outputs):
    return torch.nn.Linear(n_features, n_outputs + 1)


def no_module(n_features, n_outputs):
    return np.ones((n_features, n_outputs))


def similarity(x, y, gamma=1.0):
    return np.exp(-gamma * np.square(x - y).sum())


def one_of(*values):
    return st.sampled_from(values)


def count(most):
    return st.integers(1, most)


# Affinities that are left out: "siamese" trains a network of its own for seconds, and
# the chi2 kernels need counts.
AFFINITIES = [
    "nearest_neighbors",
    "parameter_free",
    "rbf",
    "laplacian",
    "polynomial",
    "sigmoid",
    "linear",
    "cosine",
    *GRAPHS,
]
SPACE = SiameseTransformer(2, max_iter=1, hidden_layer_sizes=4, batch_size=16)
NOT_NUMBERS = ["nonsense", (), {}, np.nan, 1j, np.ones(2)]
NOT_SIZES = [0, -1, 2.5, True, *NOT_NUMBERS]
NOT_POSITIVE = [0.0, -1.0, np.inf, *NOT_NUMBERS]
NEGATIVE = [-1.0, np.inf, *NOT_NUMBERS]
NOT_OPTIONS = ["nonsense", "", 3, ()]

AUGMENT = (
    one_of(None, mirrored, NoisyFeatures()),
    ["nonsense", 3, (), without_columns],
)

LABELING = SelfLabeling(NoisyFeatures(), max_iter=2)

# For each parameter: valid values, and invalid ones.
OF_NETWORKS = {
    "random_state": (
        st.none() | seeds | seeds.map(np.random.RandomState),
        [-1, 2**32, 0.5, "nonsense", np.random.default_rng(0)],
    ),
    "hidden_layer_sizes": (
        count(9) | st.lists(count(9), max_size=3).map(tuple),
        [0, -1, 2.5, "8", None, (8, 0), (2.5,), ((8, 8), (8, 8)), {}, object()],
    ),
    "network": (
        one_of(None, linear, bounded, normalizing),
        ["nonsense", 3, too_wide, no_module],
    ),
    # The default, "auto", is up to 600 epochs, and most other tests'.
    "max_iter": (count(7), [None, *NOT_SIZES]),
    "learning_rate_init": (st.floats(1e-6, 1.0), [None, *NOT_POSITIVE]),
    "tol": (st.floats(0.0, 10.0), [None, *NEGATIVE]),
    # What it keeps is its own tests' matter.
    "checkpoint_dir": (st.none(), [3, (), object()]),
    "device": (one_of("auto", "cpu"), [None, 3, "nonsense", ""]),
    "verbose": (one_of(False, True, 0, 2), [None, -1, 0.5, "nonsense"]),
}
OF_GRAPHS = {
    "metric": (st.sampled_from(sorted(EXACT_METRICS)), [None, *NOT_OPTIONS]),
    "n_jobs": (one_of(None, 1, 2, -1), [0, True, False, 0.5, "nonsense", ()]),
}
OF_SPECTRA = {
    **OF_NETWORKS,
    **OF_GRAPHS,
    "eigen_solver": (
        one_of(None, "arpack", "lobpcg", "amg", "stochastic"),
        NOT_OPTIONS,
    ),
    # A larger one leaves a kernel no edges, which the spectral loss needs.
    "gamma": (st.none() | st.floats(0.0, 10.0), NEGATIVE),
    "affinity_transformer": (one_of(None, PCA(2), SPACE), ["pca", 3, object()]),
    "n_neighbors": (st.none() | count(40), NOT_SIZES),
    "weights": (
        one_of("local_scaling", "heat", "uniform", "fuzzy"),
        [None, *NOT_OPTIONS],
    ),
    "laplacian": (one_of("normalized", "unnormalized"), [None, *NOT_OPTIONS]),
    "eigen_tol": (st.just("auto") | st.floats(0.0, 10.0), [None, *NEGATIVE]),
    # A fraction is no degree of a negative number.
    "degree": (st.integers(0, 9), [None, *NEGATIVE]),
    "coef0": (st.floats(-9.0, 9.0), [None, np.inf, *NOT_NUMBERS]),
    "kernel_params": (one_of(None, {}, {"gamma": 2.0}), ["gamma", 3, (), ["gamma"]]),
    "batch_size": (st.just("auto") | st.integers(2, 50), [None, 1, *NOT_SIZES]),
    "max_samples": (
        st.none() | st.integers(2, 40) | st.floats(1e-9, 0.99),
        [1, 1.0, *NOT_SIZES],
    ),
    "warm_start": (st.booleans(), [None, "nonsense", 0.5]),
}
PARAMETERS = {
    SpectralNetClustering: {
        **OF_SPECTRA,
        "affinity": (one_of(*AFFINITIES, similarity), [None, *NOT_OPTIONS]),
        "n_clusters": (st.just("auto") | count(30), [None, 31, 10**30, *NOT_SIZES]),
        "n_components": (one_of(None, "auto") | count(30), [31, 10**30, *NOT_SIZES]),
        "n_init": (count(3), [None, *NOT_SIZES]),
        "min_cluster_size": (
            st.none() | st.integers(1, 30) | st.floats(0.01, 0.5),
            [0, -0.1, 1.0, 31, "all"],
        ),
        "assign_labels": (
            one_of(
                "auto", "kmeans", "modularity", "discretize", "cluster_qr", LABELING
            ),
            [None, *NOT_OPTIONS],
        ),
    },
    SpectralNetEmbedding: {
        **OF_SPECTRA,
        "affinity": (one_of(*AFFINITIES, rbf_kernel), [None, *NOT_OPTIONS]),
        "n_components": (count(29), [None, 30, 10**30, *NOT_SIZES]),
        "diffusion_time": (st.none() | st.floats(0.0, 100.0), NEGATIVE),
    },
    SiameseTransformer: {
        **OF_NETWORKS,
        **OF_GRAPHS,
        "n_components": (count(9), [None, *NOT_SIZES]),
        "loss": (one_of("cross_entropy", "contrastive"), [None, *NOT_OPTIONS]),
        "pairs": (
            one_of("nearest_neighbors", "mutual_neighbors", "parameter_free"),
            [None, *NOT_OPTIONS],
        ),
        "n_neighbors": (count(40), [None, *NOT_SIZES]),
        "dropout": (st.floats(0.0, 0.99), [None, 1.0, *NEGATIVE]),
        "augment": AUGMENT,
        "batch_size": (st.integers(2, 50), [None, 1, *NOT_SIZES]),
    },
    AutoencoderTransformer: {
        **OF_NETWORKS,
        "n_components": (count(3), [None, 4, 10**30, *NOT_SIZES]),
        "dropout": (st.floats(0.0, 0.99), [None, 1.0, *NEGATIVE]),
        "augment": AUGMENT,
        "batch_size": (st.integers(2, 50), [None, 1, *NOT_SIZES]),
    },
}
