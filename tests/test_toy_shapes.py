"""Shapes that k-means cannot separate, and blobs: defaults, rows never seen."""

import pytest
from sklearn.datasets import make_circles, make_moons

from sknet_spectral import SpectralNetClustering
from sknet_spectral.metrics import clustering_accuracy
from tests.data import far_blobs, lies_apart, nested_cs

SHAPES = {
    "moons": lambda seed: make_moons(2000, noise=0.05, random_state=seed),
    "circles": lambda seed: make_circles(
        2000, noise=0.05, factor=0.5, random_state=seed
    ),
    "nested C's": lambda seed: nested_cs(2000, noise=0.05, random_state=seed),
}
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))]


@lies_apart
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_shapes_are_told_apart_and_so_are_fresh_rows(shape, seed):
    X, y = shape(seed)
    new, y_new = shape(seed + 100)
    model = SpectralNetClustering(2, random_state=seed).fit(X)
    assert clustering_accuracy(y, model.labels_) >= 0.999
    assert clustering_accuracy(y_new, model.predict(new)) >= 0.999


@lies_apart
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n_blobs", [12, 40])
def test_blobs_are_found_whole(n_blobs, seed):
    X, y = far_blobs(n_blobs, rows_each=50, random_state=seed)
    new, y_new = far_blobs(n_blobs, rows_each=50, random_state=seed + 100)
    model = SpectralNetClustering(n_blobs, random_state=seed).fit(X)
    assert clustering_accuracy(y, model.labels_) == 1.0
    assert clustering_accuracy(y_new, model.predict(new)) == 1.0
