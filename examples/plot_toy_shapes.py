"""
Toy shapes and their decision regions
=====================================

Spectral clustering finds shapes that k-means cuts in two. Here the network is compared
with :class:`sklearn.cluster.SpectralClustering` on the same rows. Nearly all labels
agree, and the network also labels all other points of the plane.
"""

# %%
# Four shapes
# -----------
#
# The shapes are two moons, two circles, stretched blobs, and blobs of unequal spread.
# The first three are so far apart that their neighbour graphs fall into pieces. Both
# estimators warn about this, but here it is what we want.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.cluster import SpectralClustering
from sklearn.datasets import make_blobs, make_circles, make_moons
from sklearn.preprocessing import StandardScaler

from sknet_spectral import SpectralNetClustering
from sknet_spectral.metrics import clustering_accuracy

warnings.filterwarnings("ignore", message="Graph is not fully connected")

n_samples = 500
blobs, blob = make_blobs(n_samples, random_state=170)
shapes = {
    "moons": make_moons(n_samples, noise=0.05, random_state=0),
    "circles": make_circles(n_samples, noise=0.05, factor=0.5, random_state=0),
    "stretched": (blobs @ [[0.6, -0.6], [-0.4, 0.8]], blob),
    "unequal": make_blobs(n_samples, cluster_std=[1.0, 2.5, 0.5], random_state=170),
}

# %%
# Labels above, regions below
# ---------------------------
#
# The lower row shows the regions of
# :meth:`~sknet_spectral.SpectralNetClustering.predict`. Near the rows, they follow the
# clusters. Far from all rows, their borders mean nothing.

figure, axes = plt.subplots(2, 4, figsize=(9, 5), layout="constrained")
for (name, (X, y)), (above, below) in zip(shapes.items(), axes.T, strict=True):
    X = StandardScaler().fit_transform(X)
    k = len(np.unique(y))
    exact = SpectralClustering(
        k, affinity="nearest_neighbors", n_neighbors=16, random_state=0
    ).fit(X)
    model = SpectralNetClustering(k, random_state=0).fit(X)

    # Number the exact clusters as the model numbers them, so that colours agree.
    table = np.zeros((k, k))
    np.add.at(table, (exact.labels_, model.labels_), 1)
    exact_labels = table.argmax(axis=1)[exact.labels_]

    x_axis, y_axis = (np.linspace(c.min() - 0.4, c.max() + 0.4, 120) for c in X.T)
    grid = np.stack(np.meshgrid(x_axis, y_axis), axis=-1)
    regions = model.predict(grid.reshape(-1, 2)).reshape(120, 120)

    colors = plt.get_cmap("tab10")
    above.scatter(*X.T, c=colors(exact_labels), s=6)
    below.contourf(
        x_axis,
        y_axis,
        regions,
        levels=np.arange(k + 1) - 0.5,
        colors=colors(range(k)),
        alpha=0.25,
    )
    below.scatter(*X.T, c=colors(model.labels_), s=6)
    for ax, labels in ((above, exact.labels_), (below, model.labels_)):
        accuracy = clustering_accuracy(y, labels)
        ax.set(title=f"{name}: accuracy {accuracy:.3f}", xticks=[], yticks=[])
        ax.set(xlim=x_axis[[0, -1]], ylim=y_axis[[0, -1]])
axes[0, 0].set_ylabel("SpectralClustering")
axes[1, 0].set_ylabel("SpectralNetClustering")
plt.show()
