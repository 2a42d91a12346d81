"""
How many clusters?
==================

``n_clusters="auto"`` counts the groups that are separated by gaps in the graph.
:meth:`~sknet_spectral.SpectralNetClustering.relabel` tries other numbers on the same
embedding.
"""

# %%
# The eigengap
# ------------
#
# There are six blobs, and some of them touch. A graph of k pieces that barely touch has
# k eigenvalues near zero, and then a gap. "auto" counts only groups with a gap between
# them, so it may join blobs that touch.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from sknet_spectral import SpectralNetClustering
from sknet_spectral.inspection import EigenvalueDisplay
from sknet_spectral.metrics import modularity, normalized_cut

centers = [[0, 0], [3, 0], [1.5, 2.6], [8, 0], [11, 0], [9.5, 2.6]]
X, y = make_blobs(1200, centers=centers, cluster_std=0.7, random_state=0)

model = SpectralNetClustering(
    "auto", n_components=12, n_neighbors=20, random_state=0
).fit(X)
print("clusters found:", model.n_clusters_)

# %%
# Other numbers, no second fit
# ----------------------------
#
# K-means runs again on the embedding. The graph, the eigenvectors and the network stay
# the same. The normalised cut tends to rise with the number of clusters, so its lowest
# value says nothing. A steep rise after some number means that a blob has been cut. The
# modularity compares clusters with chance. It rises as long as a cut separates blobs,
# and hardly rises after that.

numbers = np.arange(2, 11)
labels = {k: model.relabel(k) for k in numbers}
print(" k  normalised cut  modularity  adjusted Rand index")
for k in numbers:
    cut = normalized_cut(model.affinity_matrix_, labels[k])
    share = modularity(model.affinity_matrix_, labels[k])
    agreement = adjusted_rand_score(y, labels[k])
    print(f"{k:2}  {cut:14.3f}  {share:10.3f}  {agreement:19.3f}")

# %%
# The largest gap comes after six eigenvalues, and the modularity hardly rises after six
# clusters. Both are right here, and "auto" has joined two pairs of blobs. The figure
# shows its partition, the one into six clusters, and one into too many. All use all
# twelve components. When you have chosen a number, fit again with it: by default there
# are then as many components as clusters.

figure, axes = plt.subplots(2, 2, figsize=(9, 6.4), layout="constrained")
EigenvalueDisplay.from_estimator(model, ax=axes[0, 0])
axes[0, 0].set_xticks(range(2, 23, 2))
for ax, number in zip(axes.flat[1:], (model.n_clusters_, 6, 8), strict=True):
    ax.scatter(*X.T, c=plt.get_cmap("tab10")(labels[number]), s=6)
    ax.set(title=f"{number} clusters", xticks=[], yticks=[])
    ax.set_aspect("equal", adjustable="datalim")
plt.show()
