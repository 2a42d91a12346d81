"""
Rows on disk: the graph of a sample
===================================

A file of rows need not fit into memory. ``max_samples`` draws some rows, and the
network learns from their graph and its eigenvectors. All other rows are read chunk by
chunk.
"""

# %%
# A file of rows, in order
# ------------------------
#
# The rows form six arms. The file contains them from the centre outwards, like a log
# that is sorted by time. The first rows of such a file say little about the rest.

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import adjusted_rand_score

from sknet_spectral import SpectralNetClustering

n_arms, n_rows, part = 6, 40_000, 5_000
folder = tempfile.TemporaryDirectory()
path = Path(folder.name) / "rows.npy"

rng = np.random.default_rng(0)
arm = rng.integers(n_arms, size=n_rows)
rows = np.lib.format.open_memmap(path, "w+", dtype=np.float32, shape=(n_rows, 2))
for start in range(0, n_rows, part):
    written = slice(start, start + part)
    radius = np.linspace(0.25, 1.0, n_rows)[written]
    angle = 2 * np.pi * arm[written] / n_arms + 1.5 * radius
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    rows[written] = np.column_stack([x, y]) + rng.normal(0, 0.05, (part, 2))
rows.flush()
print(f"{path.stat().st_size:,} bytes")

# %%
# Fit
# ---
#
# The file is opened for reading only. 2,000 rows are read into memory.

rows = np.load(path, mmap_mode="r")
model = SpectralNetClustering(n_arms, max_samples=2000, random_state=0).fit(rows)
drawn = model.sample_indices_
print("rows in the graph:", model.affinity_matrix_.shape[0])
print("rows with a label:", len(model.labels_))

# %%
# Predict, part by part
# ---------------------
#
# ``predict(rows)`` reads the file in chunks by itself. Write a loop of your own if rows
# arrive as a stream, or if there are too many results to hold. Here each part is added
# to an image and then dropped. A label depends on its row alone, so the size of the
# parts does not matter.

extent = 1.25
edges = np.linspace(-extent, extent, 121)
counts = np.zeros((n_arms, 120, 120))
equal = True
for start in range(0, n_rows, part):
    chunk = rows[start : start + part]
    labels = model.predict(chunk)
    equal &= (labels == model.labels_[start : start + part]).all()
    for cluster in range(n_arms):
        x, y = chunk[labels == cluster].T
        counts[cluster] += np.histogram2d(y, x, bins=(edges, edges))[0]
print("the labels of the parts are those of the whole:", bool(equal))

# %%
# How many rows are enough?
# -------------------------
#
# For each size, two samples are compared with the true arms and with each other. The
# second comparison needs no labels. If two samples disagree, draw more rows.

sizes = [50, 100, 200, 400, 800]
to_arms, to_each_other = [], []
every_tenth = rows[::10]
for size in sizes:
    first, second = (
        SpectralNetClustering(n_arms, max_samples=size, random_state=seed)
        .fit(every_tenth)
        .labels_
        for seed in (1, 2)
    )
    to_arms.append(adjusted_rand_score(arm[::10], first))
    to_each_other.append(adjusted_rand_score(first, second))
    print(f"{size:5}  arms {to_arms[-1]:.3f}  each other {to_each_other[-1]:.3f}")

# %%
# The left picture shows the rows in the graph. The middle one shows all rows of the
# file.

colors = plt.get_cmap("tab10")(range(n_arms))
image = colors[counts.argmax(axis=0)]
image[..., 3] = np.minimum(1.0, 0.3 + counts.sum(axis=0) / 15) * counts.any(axis=0)

figure, (left, middle, right) = plt.subplots(
    1, 3, figsize=(9, 3.3), layout="constrained"
)
left.scatter(*rows[drawn].T, c=colors[model.labels_[drawn]], s=3)
left.set(title=f"{len(drawn):,} rows drawn")
middle.imshow(image, origin="lower", extent=2 * [-extent, extent])
middle.set(title=f"{n_rows:,} rows mapped")
for ax in (left, middle):
    ax.set(xlim=(-extent, extent), ylim=(-extent, extent), xticks=[], yticks=[])
    ax.set_aspect("equal")
right.plot(sizes, to_arms, "o-", label="with the arms")
right.plot(sizes, to_each_other, "s--", label="of two samples")
right.set(xscale="log", xticks=sizes, xticklabels=sizes, ylim=(0, 1.05))
right.minorticks_off()
right.set(title="Agreement", xlabel="max_samples", ylabel="adjusted Rand index")
right.legend(loc="lower right")
plt.show()

del rows, every_tenth, chunk
folder.cleanup()
