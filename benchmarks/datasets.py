"""Real data of the benchmarks, from the folder in SKNET_SPECTRAL_DATA.

MNIST, Fashion-MNIST, pendigits and dry bean come from scikit-learn's
``fetch_openml`` where the variable is not set.
"""

import os
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.datasets import fetch_openml, load_digits
from sklearn.preprocessing import StandardScaler

N_CLUSTERS = {
    "mnist": 10,
    "fashion_mnist": 10,
    "pendigits": 10,
    "dry_bean": 7,
    "cite_cbmc": 15,
    "reuters4": 4,
    "reuters": 10,
    "news20": 20,
    "digits": 10,
    "usps": 10,
    "satimage": 6,
}
# Rows that are fitted, where the data have a split; the others are held out.
N_FITTED = {"mnist": 60_000, "fashion_mnist": 60_000, "pendigits": 7_494}
_OPENML_NAMES = {
    "mnist": "mnist_784",
    "fashion_mnist": "Fashion-MNIST",
    "pendigits": "pendigits",
    "dry_bean": "dry-bean-dataset",
}
_NUMERIC_FILES = {"cite_cbmc": "cite_cbmc_pca50.npz"}
_TEXT_FILES = {
    "news20": ("news20_noheaders_tfidf.npz", "news20_noheaders_labels.npy"),
    "reuters": ("reuters21578_top10_tfidf.npz", "reuters21578_top10_labels.npy"),
}
_TEXT_FILES["reuters4"] = _TEXT_FILES["reuters"]


def load(name):
    """Load rows, ready to be clustered, and their labels.

    Images are divided by 255, dry beans standardised, text is sparse tf-idf, cells
    are principal components; "reuters4" is the four largest topics of "reuters".
    """
    if name == "digits":
        return load_digits(return_X_y=True)
    folder = os.environ.get("SKNET_SPECTRAL_DATA")
    if folder is None and name not in _OPENML_NAMES:
        raise SystemExit(f"{name}: set SKNET_SPECTRAL_DATA to the data's folder.")
    if name in _TEXT_FILES:
        rows, labels = _TEXT_FILES[name]
        X = sparse.load_npz(Path(folder) / rows).tocsr().astype(np.float32)
        y = np.load(Path(folder) / labels)
        kept = y < N_CLUSTERS[name]
        return X[kept], y[kept]
    X, y = _numeric(name, folder)
    if name == "dry_bean":
        X = StandardScaler().fit_transform(X)
    if name.endswith("mnist"):
        X = X / np.float32(255)
    return X.astype(np.float32), np.unique(y, return_inverse=True)[1]


def _numeric(name, folder):
    if folder is None:
        return fetch_openml(_OPENML_NAMES[name], return_X_y=True, as_frame=False)
    with np.load(Path(folder) / _NUMERIC_FILES.get(name, f"{name}.npz")) as data:
        return data["X"].reshape(len(data["X"]), -1), data["y"]
