"""
Searching over parameters
=========================

There are two kinds of questions. To choose a graph, you need some labels. To find out
how well the network follows a graph, you need none.
"""

# %%
# Which graph? Ask the labels
# ---------------------------
#
# ``n_neighbors``, ``weights``, ``metric`` and ``n_components`` change the graph, or the
# part of its spectrum that is used. Without labels their scores cannot be compared,
# because the spectral loss falls as a graph breaks up. Here
# :class:`~sklearn.model_selection.GridSearchCV` uses the adjusted Rand index of
# held-out rows. Each candidate predicts rows that it has not seen.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding

warnings.filterwarnings("ignore", message="Graph is not fully connected")

X, y = load_digits(return_X_y=True)
X, y = X[:600], y[:600]

search = GridSearchCV(
    SpectralNetClustering(10, random_state=0),
    {"n_neighbors": [5, 10, 20], "n_components": [10, 12, 14]},
    scoring="adjusted_rand_score",
    cv=3,
)
search.fit(X, y)
print(search.best_params_, f"{search.best_score_:.3f}")

scores = search.cv_results_["mean_test_score"].reshape(3, 3)
components = search.param_grid["n_components"]
neighbors = search.param_grid["n_neighbors"]

figure, ax = plt.subplots(figsize=(5.5, 4.5), layout="constrained")
image = ax.imshow(scores, cmap="viridis")
for (i, j), score in np.ndenumerate(scores):
    dark = score < scores.min() + 0.6 * np.ptp(scores)
    ax.text(j, i, f"{score:.3f}", ha="center", color="white" if dark else "black")
ax.set(title="Adjusted Rand index, held-out rows", xlabel="n_neighbors")
ax.set(ylabel="n_components", xticks=range(3), yticks=range(3))
ax.set(xticklabels=neighbors, yticklabels=components)
figure.colorbar(image)
plt.show()

# %%
# How good is the map? No labels needed
# -------------------------------------
#
# ``score`` is the negative mean Ritz value of the map on the graph of the held-out
# rows. Values near zero are better. Use it to compare networks on one graph, with
# different layers, epochs or learning rates.

search = GridSearchCV(
    SpectralNetEmbedding(5, random_state=0),
    {"hidden_layer_sizes": [(16,), (512, 512)], "max_iter": [5, 20]},
    cv=3,
)
search.fit(X)
for parameters, score in zip(
    search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True
):
    print(f"{score:.4f}", parameters)
