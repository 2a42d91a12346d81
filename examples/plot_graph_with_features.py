"""
A graph of your own, with features
==================================

Some data are a network and a table: pages with links and words, or people with contacts
and answers. ``fit(X, affinity_matrix=W)`` finds clusters of the network, and learns
them as a function of the table. It can then label a new node that has no links.
"""

# %%
# A network of two communities
# ----------------------------
#
# Links are drawn at random, five times as many inside a community as between the two.
# The features are noisy: by themselves they do not separate the communities.

import matplotlib.pyplot as plt
import numpy as np
from scipy import sparse
from sklearn.cluster import KMeans

from sknet_spectral import SpectralNetClustering
from sknet_spectral.metrics import clustering_accuracy


def people(n_samples, rng):
    community = rng.integers(2, size=n_samples)
    radius = 1.0 + community + 0.25 * rng.standard_normal(n_samples)
    angle = rng.uniform(0, 2 * np.pi, n_samples)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), community


rng = np.random.default_rng(0)
X, community = people(800, rng)
same = community[:, None] == community
linked = np.triu(rng.uniform(size=same.shape) < np.where(same, 0.05, 0.01), k=1)
W = sparse.csr_matrix(linked + linked.T, dtype=float)

# %%
# Cluster by the links, learn from the features
# ---------------------------------------------

model = SpectralNetClustering(2, random_state=0).fit(X, affinity_matrix=W)
by_features = KMeans(2, n_init=10, random_state=0).fit_predict(X)
print(f"k-means on the features: {clustering_accuracy(community, by_features):.3f}")
print(f"links and features:      {clustering_accuracy(community, model.labels_):.3f}")

X_new, community_new = people(500, rng)
accuracy = clustering_accuracy(community_new, model.predict(X_new))
print(f"newcomers without links: {accuracy:.3f}")

# %%
# The links alone
# ---------------
#
# If there are no features, use ``affinity="precomputed"``. To label a new node, pass a
# row with its affinities to the old nodes.

by_links = SpectralNetClustering(2, affinity="precomputed", random_state=0).fit(W)
print(
    f"links alone:             {clustering_accuracy(community, by_links.labels_):.3f}"
)

same_new = community_new[:, None] == community
W_new = (rng.uniform(size=same_new.shape) < np.where(same_new, 0.05, 0.01)).astype(
    float
)
accuracy = clustering_accuracy(community_new, by_links.predict(W_new))
print(f"newcomers by links:      {accuracy:.3f}")

# %%
# The figure shows the features, and the clusters that the model predicts in their
# plane. The numbers of clusters are arbitrary, and so are their colours.

figure, axes = plt.subplots(1, 3, figsize=(9, 3.3), layout="constrained")
axis = np.linspace(-3.2, 3.2, 120)
grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
regions = model.predict(grid).reshape(120, 120)
colors = plt.get_cmap("tab10")
panels = {
    "The communities": community,
    "k-means on the features": by_features,
    "Links and features": model.labels_,
}
for ax, (title, labels) in zip(axes, panels.items(), strict=True):
    ax.scatter(*X.T, c=colors(labels), s=6)
    ax.set(title=title, aspect="equal", xticks=[], yticks=[])
    ax.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2))
axes[2].contourf(
    axis, axis, regions, levels=[-0.5, 0.5, 1.5], colors=colors([0, 1]), alpha=0.25
)
plt.show()
