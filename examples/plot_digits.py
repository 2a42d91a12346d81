"""
Handwritten digits: more eigenvectors than clusters
===================================================

This example shows which digits are in which cluster, and what a few more eigenvectors
change.
"""

# %%
# More components than clusters
# -----------------------------
#
# Some of the first ten eigenvectors describe variation within a digit, such as two
# ways to write a 1. Ten eigenvectors are then too few to separate all ten digits, and a
# few more components help. This is common with images. Other data may get worse.

import matplotlib.pyplot as plt
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

figure, axes = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
for ax, (n_components, model) in zip(axes, models.items(), strict=True):
    ContingencyDisplay.from_estimator(model, y=y, ax=ax)
    ax.set(title=f"{n_components} components", ylabel="digit")
plt.show()

# %%
# :ref:`sphx_glr_auto_examples_plot_exemplars.py` shows typical members of each cluster,
# and those that lie on its border.
