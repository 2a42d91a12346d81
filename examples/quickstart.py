"""
Quickstart: digits, and digits never seen
=========================================

This example clusters scikit-learn's digits, labels rows that were held out, and draws
where the map puts them. ``make demo`` runs this file.
"""

# %%
# Fit
# ---
#
# Five splits, each with its own seed. Both estimators cluster the same rows, and
# :meth:`~sknet_spectral.SpectralNetClustering.predict` labels the rows that were held
# out. The table shows means over the splits. Only the scores see the digits that were
# written.

import time

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from sklearn.cluster import SpectralClustering
from sklearn.datasets import load_digits
from sklearn.manifold import TSNE
from sklearn.metrics import normalized_mutual_info_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import normalize

from sknet_spectral import SpectralNetClustering
from sknet_spectral.metrics import clustering_accuracy

SEEDS = range(5)
X, y = load_digits(return_X_y=True)


def measure(y_true, label, X):
    """Return accuracy, NMI and seconds of one call."""
    start = time.perf_counter()
    labels = label(X)
    seconds = time.perf_counter() - start
    nmi = normalized_mutual_info_score(y_true, labels)
    return clustering_accuracy(y_true, labels), nmi, seconds


measured = []
for seed in SEEDS:
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed)
    peer = SpectralClustering(
        10, affinity="nearest_neighbors", n_neighbors=16, random_state=seed
    )
    model = SpectralNetClustering(10, n_components="auto", random_state=seed)
    measured.append(
        [
            measure(y_train, peer.fit_predict, X_train),
            measure(y_train, model.fit_predict, X_train),
            measure(y_test, model.predict, X_test),
        ]
    )

names = ["SpectralClustering", "SpectralNetClustering", "  predict, rows never seen"]
print(f"{'means of five seeds':<32} {'accuracy':>9} {'NMI':>6} {'seconds':>8}")
for name, (accuracy, nmi, seconds) in zip(names, np.mean(measured, 0), strict=True):
    print(f"{name:<32} {accuracy:9.3f} {nmi:6.3f} {seconds:8.2f}")

# %%
# Draw
# ----
#
# The picture shows the rows that the last model never saw. t-SNE maps its eigenvectors
# to the plane. The numeral is the digit that was written. The colour is the cluster
# that ``predict`` gave it. The accuracy is for this model alone.

labels = model.predict(X_test)
unit_rows = normalize(model.transform(X_test))
flat = TSNE(perplexity=10, random_state=0).fit_transform(unit_rows)

figure, ax = plt.subplots(figsize=(6, 4.5), layout="constrained")
colors = plt.get_cmap("tab10")(labels)
for digit in range(10):
    written = y_test == digit
    ax.scatter(
        *flat[written].T, c=colors[written], marker=f"${digit}$", s=50, linewidths=0.2
    )
ax.axis("off")
ax.set_title(
    "Digits that the model never saw\nnumeral: the digit; colour: its cluster "
    f"(accuracy {measured[-1][-1][0]:.2f})",
    color="#808890",
    fontsize="medium",
)
figure.savefig("quickstart.png", dpi=160, transparent=True)
print("The embedding is drawn in quickstart.png.")
