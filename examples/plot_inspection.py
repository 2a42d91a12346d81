"""
Pictures of a fit
=================

One call each: where rows are, how many clusters the eigenvalues propose, how well the
clusters hang together, how the training went.
"""

# %%
# Two thirds of the digits are fitted, the others come later.

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
# All components, which t-SNE lays in the plane.

PlanarMapDisplay.from_estimator(model)
plt.show()

# %%
# Three components of the embedding, in the colours of the clusters. Component 0,
# the constant one, says nothing.

SpectralEmbeddingDisplay.from_estimator(model, components=(1, 2, 3))
plt.show()

# %%
# By default there are two, the constant one left out. The rows that came later lie over
# those of the fit.

SpectralEmbeddingDisplay.from_estimator(model, X_new)
plt.show()

# %%
# How many clusters, and how large
# --------------------------------
#
# The largest gap among the eigenvalues that were computed, and the number that was
# asked for. Here they differ: a proposal is all that a gap is.

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
EigenvalueDisplay.from_estimator(model, ax=left)
ClusterSizesDisplay.from_estimator(model, ax=right)
plt.show()

# %%
# How well they hang together
# ---------------------------
#
# The affinity matrix, sorted by cluster. What lies off the blocks on the diagonal is
# cut; a row of blocks with much of it is a cluster that another one would take.

AffinityDisplay.from_estimator(model)
plt.show()

# %%
# How the training went
# ---------------------
#
# Two sizes of the network on the same axes. The loss is the share of the eigenvectors'
# variance that the network misses.

display = LossCurveDisplay.from_estimator(model, name="512, 512")
small = SpectralNetClustering(
    10, n_components=14, hidden_layer_sizes=32, random_state=0
).fit(X_train)
LossCurveDisplay.from_estimator(small, name="32", ax=display.ax_)
plt.show()
