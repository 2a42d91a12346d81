"""
Rows that come later
====================

The map is learned once. It places new rows beside the old ones, each by itself, without
another graph or fit.
"""

# %%
# An S-shaped sheet
# -----------------
#
# Rows have three columns, but one coordinate along the S explains most of the shape.
# The map is learned from 1,000 rows, and applied to another 1,000.

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import spearmanr
from sklearn.datasets import make_s_curve

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from sknet_spectral.inspection import SpectralEmbeddingDisplay

X, position = make_s_curve(1000, noise=0.05, random_state=0)
X_new, position_new = make_s_curve(1000, noise=0.05, random_state=1)

embedding = SpectralNetEmbedding(n_components=2, random_state=0).fit(X)
Y, Y_new = embedding.embedding_, embedding.transform(X_new)

for name, t, values in (("old", position, Y), ("new", position_new, Y_new)):
    order = abs(spearmanr(t, values[:, 0])[0])
    print(f"{name} rows: rank correlation with the position along the S {order:.4f}")

# %%
# Old rows are grey, and new rows have the colour of their position. They lie on the
# curve of the old rows.

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
left.scatter(X_new[:, 0], X_new[:, 2], c=position_new, s=8)
left.set(title="New rows, seen from the side", xlabel="first column")
left.set(ylabel="third column", aspect="equal")
display = SpectralEmbeddingDisplay.from_estimator(
    embedding, X_new, y=position_new, s=2, ax=right
)
display.scatters_[-1].colorbar.set_label("position along the S")
right.set(title="The map")
plt.show()

# %%
# One row at a time
# -----------------
#
# A label depends on the row alone, not on other rows in the call.

model = SpectralNetClustering(n_clusters=4, random_state=0).fit(X)
together = model.predict(X_new)
alone = np.concatenate([model.predict(row[None]) for row in X_new[:100]])
print("the same labels alone and together:", (alone == together[:100]).all())
print("training rows keep their labels:", (model.predict(X) == model.labels_).all())
