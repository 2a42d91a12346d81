"""
Saving and loading
==================

A fitted model is saved to a file without pickle. Another process reads the file and
gives rows the same labels. ``export_onnx`` is for programs without Python.
"""

# %%
# Save
# ----

import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons

from sknet_spectral import SpectralNetClustering

X, _ = make_moons(600, noise=0.1, random_state=0)
model = SpectralNetClustering(2, random_state=0).fit(X)

folder = tempfile.TemporaryDirectory()
path = Path(folder.name) / "moons.model"
model.save(path)
print(f"{path.stat().st_size:,} bytes")

# %%
# Load, in a new process
# ----------------------
#
# The other process gets only the file and new rows. Its labels are the same.

X_new, _ = make_moons(600, noise=0.1, random_state=1)
np.save(Path(folder.name) / "new.npy", X_new)

program = """
import numpy as np
from sknet_spectral import SpectralNetClustering

model = SpectralNetClustering.load("moons.model")
np.save("labels.npy", model.predict(np.load("new.npy")))
print("loaded a", type(model).__name__)
"""
answer = subprocess.run(
    [sys.executable, "-c", program],
    cwd=folder.name,
    capture_output=True,
    text=True,
    check=True,
)
print(answer.stdout, end="")
labels = np.load(Path(folder.name) / "labels.npy")
print("the same labels:", bool((labels == model.predict(X_new)).all()))

# %%
# An ONNX model
# -------------
#
# An ONNX model computes ``transform``, ``predict`` and ``predict_proba`` without Python
# or torch. Its network uses float32, so the label of a row exactly on a border may
# differ. This part needs the extra ``onnx`` and onnxruntime.

if all(map(find_spec, ("onnx", "onnxscript", "onnxruntime"))):
    import onnxruntime

    model.export_onnx(Path(folder.name) / "moons.onnx")
    session = onnxruntime.InferenceSession(Path(folder.name) / "moons.onnx")
    rows = {"X": X_new.astype(np.float32)}
    embedding, onnx_labels = session.run(["embedding", "labels"], rows)
    difference = np.abs(embedding - model.transform(X_new)).max()
    print(f"largest difference of the embeddings: {difference:.1e}")
    print("labels that differ:", int((onnx_labels != labels).sum()))

# %%
# The same border
# ---------------
#
# The colours of the plane come from the loaded model, and the colours of the new rows
# from the other process. Both know only the contents of the file.

loaded = SpectralNetClustering.load(path)
x_axis, y_axis = (np.linspace(c.min() - 0.3, c.max() + 0.3, 200) for c in X.T)
grid = np.stack(np.meshgrid(x_axis, y_axis), axis=-1)
regions = loaded.predict(grid.reshape(-1, 2)).reshape(200, 200)

figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
colors = plt.get_cmap("tab10")([0, 1])
ax.contourf(x_axis, y_axis, regions, levels=[-0.5, 0.5, 1.5], colors=colors, alpha=0.25)
ax.scatter(*X_new.T, c=colors[labels], s=8)
ax.set(title="Loaded here, and in another process", xticks=[], yticks=[])
ax.set_aspect("equal")
plt.show()

folder.cleanup()
