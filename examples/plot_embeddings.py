"""
Vectors of two networks, side by side
=====================================

Features of a pretrained network are a matrix with a row for each object. If you have
the features of two networks, you can cluster both together. Here, two simple sets of
features of scikit-learn's digits stand in for them, so that nothing is downloaded.
"""

# %%
# Two sets of features
# --------------------
#
# The pixels are the first set. The second set contains histograms: how strong edges are
# in each of 8 directions, in each of 16 cells of the image.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_digits
from sklearn.metrics import normalized_mutual_info_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

from sknet_spectral import SpectralNetClustering
from sknet_spectral.metrics import clustering_accuracy


def edge_histograms(pixels):
    down, right = np.gradient(pixels.reshape(-1, 8, 8), axis=(1, 2))
    direction = np.arctan2(down, right) // (np.pi / 4) % 8
    is_direction = direction[..., None] == np.arange(8)
    strength = np.hypot(down, right)[..., None] * is_direction
    return strength.reshape(-1, 4, 2, 4, 2, 8).sum(axis=(2, 4)).reshape(-1, 128)


pixels, digit = load_digits(return_X_y=True)
edges = edge_histograms(pixels)
both = np.hstack([pixels, edges])

# %%
# Each alone, and both together
# -----------------------------
#
# The cosine compares directions. In the matrix of both, each part of a row is first
# scaled to unit length, so that both parts have the same weight. Labels are used only
# to score new rows, in five random splits.

clusterer = SpectralNetClustering(
    10, metric="cosine", n_components="auto", random_state=0
)
unit_parts = ColumnTransformer(
    [
        ("pixels", Normalizer(), slice(0, 64)),
        ("edges", Normalizer(), slice(64, 192)),
    ]
)
contestants = {
    "pixels": (clusterer, pixels),
    "edges": (clusterer, edges),
    "both": (make_pipeline(unit_parts, clusterer), both),
}
accuracies = {name: [] for name in contestants}
print(f"{'':<8}{'accuracy':>10}{'NMI':>8}")
for name, (model, X) in contestants.items():
    nmis = []
    for split in range(5):
        X_train, X_new, _, y_new = train_test_split(X, digit, random_state=split)
        labels = model.fit(X_train).predict(X_new)
        accuracies[name].append(clustering_accuracy(y_new, labels))
        nmis.append(normalized_mutual_info_score(y_new, labels))
    print(f"{name:<8}{np.mean(accuracies[name]):>10.3f}{np.mean(nmis):>8.3f}")

# %%
# Each dot is one split. On average, both together are a little better than the pixels
# alone, and clearly better than the edges alone. In single splits they are not. So
# compare more than one split before you keep a second matrix.

figure, ax = plt.subplots(figsize=(6, 2.6), layout="constrained")
for name, values in accuracies.items():
    ax.plot(values, [name] * len(values), "o", alpha=0.6, color="C0")
    ax.plot(np.mean(values), name, "|", markersize=24, color="black")
ax.set(title="Accuracy on new rows", xlabel="accuracy (line: mean)", ylim=(2.5, -0.5))
plt.show()
