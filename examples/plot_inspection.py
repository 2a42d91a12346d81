"""
Pictures of a fit
=================

Each picture takes one call. The pictures show where rows are, how many clusters the
eigenvalues suggest, how well clusters hang together, and how the training went.
"""

# %%
# Two thirds of the digits are training rows. The others are new rows.

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits

from sknet_spectral import SpectralNetClustering
from sknet_spectral.inspection import (
    AffinityDisplay,
    ClusterSizesDisplay,
    EigenvalueDisplay,
    LossCurveDisplay,
    PlanarMapDisplay,
    SpectralEmbeddingDisplay,
)

X, y = load_digits(return_X_y=True)
X_train, X_new = X[:1200], X[1200:]
model = SpectralNetClustering(10, n_components=14, random_state=0).fit(X_train)

# %%
# Where rows are
# --------------
#
# t-SNE maps all components to the plane.

PlanarMapDisplay.from_estimator(model)
plt.show()

# %%
# These are three components of the embedding, in the colours of the clusters. Component
# 0 is constant and is left out.

SpectralEmbeddingDisplay.from_estimator(model, components=(1, 2, 3))
plt.show()

# %%
# By default, the first two components that are not constant are drawn. New rows are
# drawn over the training rows.

SpectralEmbeddingDisplay.from_estimator(model, X_new)
plt.show()

# %%
# How many clusters, and how large
# --------------------------------
#
# The left picture marks the largest gap among the eigenvalues that were computed, and
# the requested number of clusters. Here they differ: a gap is only a suggestion.

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
EigenvalueDisplay.from_estimator(model, ax=left)
ClusterSizesDisplay.from_estimator(model, ax=right)
plt.show()

# %%
# How well they hang together
# ---------------------------
#
# The rows of the affinity matrix are sorted by cluster. The partition cuts the weight
# outside the blocks on the diagonal. Two clusters with much weight between them are
# nearly one cluster.

AffinityDisplay.from_estimator(model)
plt.show()

# %%
# How the training went
# ---------------------
#
# Two sizes of the network are drawn on the same axes. The loss is the share of the
# eigenvectors' variance that the network misses.

display = LossCurveDisplay.from_estimator(model, name="256, 256")
small = SpectralNetClustering(
    10, n_components=14, hidden_layer_sizes=32, random_state=0
).fit(X_train)
LossCurveDisplay.from_estimator(small, name="32", ax=display.ax_)
plt.show()
