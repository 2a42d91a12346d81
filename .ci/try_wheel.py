"""What a stranger does first, with an installed package and nothing else.

Run it in an empty folder: ``python .../try_wheel.py``.
"""

import tempfile
from importlib import resources
from pathlib import Path

from sklearn.datasets import make_moons

import sknet_spectral
from sknet_spectral import SpectralNetClustering
from sknet_spectral.metrics import clustering_accuracy

checkout = Path(__file__).resolve().parent.parent
installed = Path(sknet_spectral.__file__).resolve()
assert not installed.is_relative_to(checkout / "sknet_spectral"), installed
assert resources.files("sknet_spectral").joinpath("py.typed").is_file()

X, y = make_moons(1000, noise=0.08, random_state=0)
model = SpectralNetClustering(2, n_components="auto", random_state=0).fit(X)
accuracy = clustering_accuracy(y, model.labels_)
assert accuracy > 0.98, accuracy

X_new, y_new = make_moons(100, noise=0.08, random_state=1)
labels = model.predict(X_new)
with tempfile.TemporaryDirectory() as folder:
    model.save(Path(folder) / "moons.model")
    loaded = SpectralNetClustering.load(Path(folder) / "moons.model")
assert (loaded.predict(X_new) == labels).all()

print(f"sknet-spectral {sknet_spectral.__version__} from {installed.parent}")
print(f"accuracy {accuracy:.3f}, new rows {clustering_accuracy(y_new, labels):.3f}")
