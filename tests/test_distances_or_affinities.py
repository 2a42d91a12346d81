"""Distances given as affinities, and affinities given as distances."""

import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import pairwise_distances
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import NearestNeighbors

from sknet_spectral import SpectralNetClustering
from tests.data import SMALL

X = np.random.default_rng(0).normal(size=(60, 3))
D = pairwise_distances(X)
W = rbf_kernel(X, gamma=0.5)
AFFINITIES = SpectralNetClustering(2, affinity="precomputed", **SMALL)
DISTANCES = SpectralNetClustering(
    2, affinity="precomputed_nearest_neighbors", n_neighbors=15, **SMALL
)


def with_copies():
    rows = X.copy()
    rows[:6] = rows[6:12]
    return pairwise_distances(rows)


def stored_neighbors():
    return NearestNeighbors(n_neighbors=15).fit(X).kneighbors_graph(X, mode="distance")


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("distances", [D, with_copies()], ids=["all", "with copies"])
def test_distances_are_no_affinities(distances, container):
    with pytest.warns(UserWarning, match="are these distances"):
        AFFINITIES.fit(container(distances))


@pytest.mark.filterwarnings("ignore:.* is not symmetric")
def test_stored_distances_to_neighbors_are_no_affinities():
    with pytest.warns(UserWarning, match="are these distances"):
        AFFINITIES.fit(stored_neighbors())


@pytest.mark.filterwarnings("ignore:.* of the edges have the smallest weight")
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_affinities_are_no_distances(container):
    with pytest.warns(UserWarning, match="are these affinities"):
        DISTANCES.fit(container(W))


def test_what_is_right_is_not_asked_for():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        AFFINITIES.fit(W)
        AFFINITIES.fit(sparse.csr_matrix(W))
        AFFINITIES.fit(sparse.csr_matrix(np.where(W > 0.3, W - np.eye(60), 0)))
        DISTANCES.fit(D)
        DISTANCES.fit(stored_neighbors())
