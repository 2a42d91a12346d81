"""
Segmenting a photograph by its pixel graph
==========================================

This is a classical use of spectral clustering. Pixels are nodes, and neighbouring
pixels are joined, with a large weight if they look alike. The network learns the
segments as a function of the features of a pixel. A small copy of the picture is then
enough to segment the large one.
"""

# %%
# The pixel graph of a small copy
# -------------------------------
#
# The copy has every eighth pixel of a photograph that scikit-learn bundles.
# :func:`sklearn.feature_extraction.image.img_to_graph` joins neighbouring pixels and
# returns the differences of their greys. Larger differences get smaller weights. No
# weight is zero, so the graph stays in one piece.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image
from sklearn.feature_extraction.image import img_to_graph

from sknet_spectral import SpectralNetClustering

photograph = load_sample_image("china.jpg") / 255.0
small = photograph[::8, ::8]

graph = img_to_graph(small.mean(axis=2))
graph.data = np.exp(-60.0 * np.abs(graph.data)) + 1e-4
graph.setdiag(0)
graph.eliminate_zeros()

# %%
# The graph alone
# ---------------
#
# ``affinity="precomputed"`` takes the graph in place of rows, as in scikit-learn.

n_segments = 5
by_graph = SpectralNetClustering(
    n_segments, affinity="precomputed", random_state=0
).fit(graph)

# %%
# The graph with features
# -----------------------
#
# The features of a pixel are its position and its colour. The graph comes from the
# small copy. The prediction is for every third pixel of the photograph.


def pixels(step):
    image = photograph[::step, ::step]
    place = np.indices(photograph.shape[:2])[:, ::step, ::step]
    place = np.moveaxis(place, 0, 2) / photograph.shape[1]
    return np.concatenate([place, 0.3 * image], axis=2).reshape(-1, 5), image.shape[:2]


X, shape = pixels(8)
model = SpectralNetClustering(n_segments, random_state=0)
model.fit(X, affinity_matrix=graph)

X_large, shape_large = pixels(3)
print(f"learned from {len(X)} pixels, predicted for {len(X_large)}")

panels = {
    "The photograph": photograph,
    "Segments of the small copy, by the graph": by_graph.labels_.reshape(shape),
    "The same, by graph and features": model.labels_.reshape(shape),
    "Predicted on the large picture": model.predict(X_large).reshape(shape_large),
}
figure, axes = plt.subplots(2, 2, figsize=(9, 6.8), layout="constrained")
for ax, (title, picture) in zip(axes.flat, panels.items(), strict=True):
    ax.imshow(picture, cmap="tab10", vmin=0, vmax=9, interpolation="nearest")
    ax.set(title=title, xticks=[], yticks=[])
plt.show()
