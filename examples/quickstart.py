"""
Quickstart: digits, and digits never seen
=========================================

Cluster scikit-learn's digits, label rows that were held out, and draw where the
map puts them. ``make demo`` runs this file.
"""

# %%
# Fit
# ---
#
# The same rows for both estimators, then
# :meth:`~sknet_spectral.SpectralNetClustering.predict` for those held out. Labels serve
# the scores only: no estimator sees them.

import time

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from sklearn.cluster import SpectralClustering
from sklearn.datasets import load_digits
from sklearn.manifold import TSNE
from sklearn.metrics import normalized_mutual_info_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import normalize

from sknet_spectral import SpectralNetClustering
from sknet_spectral.metrics import clustering_accuracy

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)


def report(name, y_true, labels, seconds):
    accuracy = clustering_accuracy(y_true, labels)
    nmi = normalized_mutual_info_score(y_true, labels)
    print(f"{name:<32} {accuracy:9.3f} {nmi:6.3f} {seconds:8.2f}")


model = SpectralNetClustering(n_clusters=10, random_state=0)
peer = SpectralClustering(
    n_clusters=10, affinity="nearest_neighbors", n_neighbors=16, random_state=0
)
print(f"{'':<32} {'accuracy':>9} {'NMI':>6} {'seconds':>8}")
for estimator in (peer, model):
    start = time.perf_counter()
    labels = estimator.fit_predict(X_train)
    seconds = time.perf_counter() - start
    report(type(estimator).__name__, y_train, labels, seconds)
start = time.perf_counter()
labels = model.predict(X_test)
report("  predict, rows never seen", y_test, labels, time.perf_counter() - start)

# %%
# Draw
# ----
#
# The rows never seen, in the space of the ten eigenvectors, which t-SNE lays flat.
# The numeral is the digit that was written, the colour is the cluster that
# ``predict`` gave it.

flat = TSNE(random_state=0).fit_transform(normalize(model.transform(X_test)))

figure, ax = plt.subplots(figsize=(7, 5), layout="constrained")
colors = plt.get_cmap("tab10")(labels)
for digit in range(10):
    written = y_test == digit
    ax.scatter(
        *flat[written].T, c=colors[written], marker=f"${digit}$", s=36, linewidths=0.2
    )
ax.set(
    title="Digits that the model never saw\nnumeral: the digit; colour: its cluster",
    xticks=[],
    yticks=[],
)
figure.savefig("quickstart.png", dpi=120)
print("The embedding is drawn in quickstart.png.")
