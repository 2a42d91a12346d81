"""
Learned affinities and codes
============================

Distances between pixels are a poor measure of likeness: a digit that is shifted by one
pixel is far from the original. A Siamese network learns distances from the neighbours
of rows. An autoencoder learns codes from which rows can be rebuilt. Neither uses
labels.
"""

# %%
# Three graphs of the same rows
# -----------------------------
#
# - The first graph uses the pixels themselves.
# - The second uses ``affinity_transformer``: the graph is built in the space of the
#   Siamese network, while the map of new rows still reads pixels.
# - The third is a pipeline in which codes replace the pixels.
#
# Both networks have their defaults, except that the layers of the autoencoder are
# smaller to save time. In the Siamese space, groups are so far apart that the graph
# needs more neighbours to stay in one piece. All three graphs have 30 neighbours.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.metrics import normalized_mutual_info_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sknet_spectral import (
    AutoencoderTransformer,
    SiameseTransformer,
    SpectralNetClustering,
)
from sknet_spectral.metrics import clustering_accuracy

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

siamese = SiameseTransformer(random_state=0)
autoencoder = AutoencoderTransformer(hidden_layer_sizes=(512, 512), random_state=0)
clusterer = SpectralNetClustering(10, n_neighbors=30, random_state=0)
models = {
    "pixels": clone(clusterer),
    "Siamese": clone(clusterer).set_params(affinity_transformer=siamese),
    "codes": make_pipeline(autoencoder, clone(clusterer)),
}
print(f"{'':<10} {'train':^16} {'never seen':^16}")
print(f"{'graph of':<10}" + 2 * f" {'accuracy':>9} {'NMI':>6}")
for name, model in models.items():
    model.fit(X_train)
    line = f"{name:<10}"
    for rows, truth in ((X_train, y_train), (X_test, y_test)):
        labels = model.predict(rows)
        accuracy = clustering_accuracy(truth, labels)
        nmi = normalized_mutual_info_score(truth, labels)
        line += f" {accuracy:9.3f} {nmi:6.3f}"
    print(line)

# %%
# This is one split of a small data set, so differences of a few hundredths are chance.

# %%
# What a code keeps
# -----------------
#
# The upper row shows digits never seen, and the lower row what is rebuilt from their
# ten numbers.

autoencoder = models["codes"][0]
rebuilt = autoencoder.inverse_transform(autoencoder.transform(X_test))
print(f"share of the variance that codes keep: {autoencoder.score(X_test):.3f}")

chosen = [np.flatnonzero(y_test == digit)[0] for digit in range(10)]
figure, axes = plt.subplots(2, 10, figsize=(9, 2.2), layout="constrained")
for (above, below), row in zip(axes.T, chosen, strict=True):
    above.imshow(X_test[row].reshape(8, 8), cmap="gray_r", vmin=0, vmax=16)
    below.imshow(rebuilt[row].reshape(8, 8), cmap="gray_r", vmin=0, vmax=16)
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
axes[0, 0].set_ylabel("digit")
axes[1, 0].set_ylabel("rebuilt")
plt.show()
