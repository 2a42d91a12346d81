"""
Handwritten digits: the clusters and their members
==================================================

This example shows which digits are in which cluster, what a few more eigenvectors
change, and what the members at the centre and at the edge of a cluster look like.
"""

# %%
# More components than clusters
# -----------------------------
#
# Some of the first ten eigenvectors describe variation within a digit, such as two
# ways to write a 1. Ten eigenvectors are then too few to separate all ten digits, and a
# few more components help. This is common with images. Other data may get worse.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import normalized_mutual_info_score

from sknet_spectral import SpectralNetClustering
from sknet_spectral.inspection import ContingencyDisplay
from sknet_spectral.metrics import clustering_accuracy

X, y = load_digits(return_X_y=True)
models = {
    n: SpectralNetClustering(10, n_components=n, random_state=0).fit(X)
    for n in (10, 13)
}
print(f"{'components':>10} {'accuracy':>9} {'NMI':>6}")
for model in models.values():
    n_components = model.embedding_.shape[1]
    accuracy = clustering_accuracy(y, model.labels_)
    nmi = normalized_mutual_info_score(y, model.labels_)
    print(f"{n_components:10} {accuracy:9.3f} {nmi:6.3f}")

# %%
# ``n_components="auto"`` needs no labels. It takes the number whose clusters have the
# largest :func:`~sknet_spectral.metrics.modularity`, the share of the graph's weight
# inside clusters minus the share expected by chance. If you know some labels, score
# several numbers.

for seed in range(3):
    model = SpectralNetClustering(10, n_components="auto", random_state=seed).fit(X)
    accuracy = clustering_accuracy(y, model.labels_)
    print(f"seed {seed}: {model.embedding_.shape[1]} components, {accuracy:.3f}")

# %%
# Digits and clusters
# -------------------
#
# The rows of each table are digits, and the columns are clusters. Their order puts as
# many rows as possible on the diagonal.

figure, axes = plt.subplots(1, 2, figsize=(11, 5), layout="constrained")
for ax, (n_components, model) in zip(axes, models.items(), strict=True):
    ContingencyDisplay.from_estimator(model, y=y, ax=ax)
    ax.set(title=f"{n_components} components", ylabel="digit")
plt.show()

# %%
# Centre and edge
# ---------------
#
# These are the six members nearest to each centre, and the six farthest from it. The
# distance is measured where k-means works: between rows of the embedding at unit
# length.

model = models[13]
Y = model.embedding_ / np.linalg.norm(model.embedding_, axis=1, keepdims=True)
distance = np.linalg.norm(Y - model.cluster_centers_[model.labels_], axis=1)

figure = plt.figure(figsize=(8, 6), layout="constrained")
heart, edge = figure.subfigures(1, 2, wspace=0.1)
heart.suptitle("nearest to the centre")
edge.suptitle("farthest from it")
for cluster in range(10):
    members = np.flatnonzero(model.labels_ == cluster)
    members = members[np.argsort(distance[members])]
    for part, chosen in ((heart, members[:6]), (edge, members[-6:])):
        for position, member in enumerate(chosen):
            ax = part.add_subplot(10, 6, 6 * cluster + position + 1)
            ax.imshow(X[member].reshape(8, 8), cmap="gray_r")
            ax.axis("off")
plt.show()
