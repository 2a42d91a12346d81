"""
Diffusion maps
==============

With ``diffusion_time=t``, each component is multiplied by :math:`(1 - \\lambda)^t`.
Distances in the embedding are then diffusion distances: they compare where two random
walks are after t steps. After many steps, only large structures remain visible.
"""

# %%
# Three blobs, two of them near each other
# ----------------------------------------
#
# There is a map for each time. The eigenvectors are the same; only their lengths
# change.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_blobs

from sknet_spectral import SpectralNetEmbedding

X, blob = make_blobs(
    900, centers=[[0, 0], [2.6, 0], [1.3, 4.0]], cluster_std=0.8, random_state=0
)
times = (0, 30, 150)
maps = {
    t: SpectralNetEmbedding(2, n_neighbors=40, diffusion_time=t, random_state=0).fit(X)
    for t in times
}
print("eigenvalues:", maps[0].eigenvalues_.round(4))

# %%
# At time 0, the three blobs are about equally far apart. Walks soon mix within the near
# pair, so its blobs move together. The far blob stays apart.

figure, axes = plt.subplots(2, 2, figsize=(8, 7.4), layout="constrained")
colors = plt.get_cmap("tab10")(blob)
axes[0, 0].scatter(*X.T, c=colors, s=6)
axes[0, 0].set(title="The rows", aspect="equal", xticks=[], yticks=[])
for ax, t in zip(axes.flat[1:], times, strict=True):
    ax.scatter(*maps[t].embedding_.T, c=colors, s=6)
    ax.set(title=f"diffusion time {t}", xlabel="first component")
    ax.set(xlim=(-2.5, 2.5), ylim=(-2.5, 2.5), aspect="equal")
    ax.set_ylabel("second component")
plt.show()

# %%
# These are the distances between the means of the blobs at each time.

for t in times:
    mean = np.stack([maps[t].embedding_[blob == b].mean(axis=0) for b in range(3)])
    near = np.linalg.norm(mean[0] - mean[1])
    far = np.linalg.norm(mean[0] - mean[2])
    print(f"time {t:3}: near pair {near:.3f}, far pair {far:.3f}")

# %%
# New rows are scaled in the same way.

X_new, _ = make_blobs(5, centers=[[0, 0]], cluster_std=0.8, random_state=1)
print(maps[150].transform(X_new).round(2))
