"""Data that tests share, and the warnings that some of it earns."""

import os
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits, make_blobs

# The graph of clusters that lie apart is not connected. scikit-learn also warns.
lies_apart = pytest.mark.filterwarnings("ignore:Graph is not fully connected")

# More clusters or components than distinct rows. scikit-learn's KMeans also warns.
few_rows = pytest.mark.filterwarnings("ignore:n_.* needs .* distinct rows")

# A network that trains in a fraction of a second.
SMALL = {"hidden_layer_sizes": (16, 16), "random_state": 0}
# The same in a few epochs, for tests that need a fit but not a good map.
BRIEF = {**SMALL, "max_iter": 5}


def some_digits(n_samples=300):
    """Return the first of scikit-learn's digits, whose graph is connected."""
    X, y = load_digits(return_X_y=True)
    return X[:n_samples], y[:n_samples]


def real_images(name):
    """Read the images of a file in the data's folder, as rows."""
    folder = os.environ.get("SKNET_SPECTRAL_DATA")
    if folder is None:
        pytest.skip("SKNET_SPECTRAL_DATA does not say where the data are")
    with np.load(Path(folder) / f"{name}.npz") as file:
        images = file["X"]
    return images.reshape(len(images), -1).astype(np.float32) / 255


def far_blobs(n_blobs, rows_each=100, random_state=0):
    """Draw blobs of unit deviation, on as many axes, 40 from the origin."""
    centers = 40.0 * np.eye(n_blobs)
    return make_blobs(rows_each * n_blobs, centers=centers, random_state=random_state)


def nested_cs(n_samples, *, noise, random_state):
    """Draw the paper's nested C's: half circles that open towards each other."""
    rng = np.random.default_rng(random_state)
    y = np.arange(n_samples) % 2
    angle = rng.uniform(-np.pi / 2, np.pi / 2, n_samples)
    right = np.column_stack([np.cos(angle), np.sin(angle)])
    left = np.column_stack([0.5 - np.cos(angle), np.sin(angle) - 1])
    X = np.where(y[:, None] == 0, right, left)
    return X + noise * rng.normal(size=X.shape), y
