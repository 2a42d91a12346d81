"""Cluster scikit-learn's digits, label rows never seen, and draw the embedding."""

import time

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from sklearn.cluster import SpectralClustering
from sklearn.datasets import load_digits
from sklearn.metrics import normalized_mutual_info_score
from sklearn.model_selection import train_test_split

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from sknet_spectral.metrics import clustering_accuracy

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)


def report(name, y_true, labels, seconds):
    accuracy = clustering_accuracy(y_true, labels)
    nmi = normalized_mutual_info_score(y_true, labels)
    print(f"{name:<32} {accuracy:9.3f} {nmi:6.3f} {seconds:8.2f}")


print(f"{'':<32} {'accuracy':>9} {'NMI':>6} {'seconds':>8}")
model = SpectralNetClustering(n_clusters=10, random_state=0)
peer = SpectralClustering(
    n_clusters=10, affinity="nearest_neighbors", n_neighbors=15, random_state=0
)
for estimator in (peer, model):
    start = time.perf_counter()
    labels = estimator.fit_predict(X_train)
    seconds = time.perf_counter() - start
    report(type(estimator).__name__, y_train, labels, seconds)
start = time.perf_counter()
labels = model.predict(X_test)
report("  predict, rows never seen", y_test, labels, time.perf_counter() - start)

embedding = SpectralNetEmbedding(n_components=2, random_state=0).fit(X_train)
Y = embedding.transform(X_test)
figure, ax = plt.subplots(figsize=(6, 5), layout="constrained")
points = ax.scatter(*Y.T, c=y_test, cmap="tab10", s=12)
ax.set(
    xlabel="first eigenvector",
    ylabel="second eigenvector",
    title="Digits that the map never saw",
)
figure.colorbar(points, label="digit", ticks=range(10))
figure.savefig("quickstart.png", dpi=150)
print("The embedding is drawn in quickstart.png.")
