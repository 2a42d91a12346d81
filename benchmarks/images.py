"""Images: graphs of rows and of codes, and clusters learned from changed copies.

Every constant is the same on all sets. The changes of copies were chosen on MNIST. No
label chooses anything in a fit. Four fifths of USPS are fitted. Seconds are of the fit,
codes included.

Usage: python benchmarks/images.py [--data mnist usps fashion_mnist] [--seeds 5]
       [--only rows "short code" "two codes" "two codes of copies"]
       [--rules auto copies]
"""

import argparse
import time

import numpy as np
from datasets import N_FITTED, load
from sklearn.metrics import normalized_mutual_info_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_union

from sknet_spectral import (
    AutoencoderTransformer,
    ImageShifts,
    SelfLabeling,
    SpectralNetClustering,
)
from sknet_spectral.metrics import clustering_accuracy

RULES = {
    "auto": "auto",
    "copies": SelfLabeling(
        ImageShifts(max_shift=0.08, max_rotation=10.0, max_zoom=0.1)
    ),
}
SPACES = {
    "rows": None,
    "short code": AutoencoderTransformer(10, max_iter=10),
    "two codes": make_union(AutoencoderTransformer(10), AutoencoderTransformer(10)),
    "two codes of copies": make_union(
        AutoencoderTransformer(10, augment=ImageShifts()),
        AutoencoderTransformer(10, augment=ImageShifts()),
    ),
}


def scores(y, labels):
    return clustering_accuracy(y, labels), normalized_mutual_info_score(y, labels)


def split(name):
    """Return fitted and held-out rows and labels, by the data's split if it is used."""
    X, y = load(name)
    if name not in N_FITTED:
        return train_test_split(X, y, test_size=0.2, random_state=0)
    n = N_FITTED[name]
    return X[:n], X[n:], y[:n], y[n:]


def measure(name, space, rule, seed):
    """Fit one recipe; return scores of fitted and held-out rows, and seconds."""
    X, X_held, y, y_held = split(name)
    model = SpectralNetClustering(
        10,
        n_components="auto",
        affinity_transformer=SPACES[space],
        assign_labels=rule,
        random_state=seed,
    )
    start = time.perf_counter()
    model.fit(X)
    seconds = time.perf_counter() - start
    held_out = scores(y_held, model.predict(X_held))
    return *scores(y, model.labels_), *held_out, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="+", default=["mnist", "usps", "fashion_mnist"])
    parser.add_argument("--only", nargs="+", default=list(SPACES))
    parser.add_argument("--rules", nargs="+", default=list(RULES))
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    print(
        f"{'':<44}{'fitted ACC':>11}{'NMI':>7}{'held ACC':>10}{'NMI':>7}"
        f"{'worst':>7}{'seconds':>9}"
    )
    for name in arguments.data:
        for space in arguments.only:
            for rule in arguments.rules:
                found = np.array(
                    [
                        measure(name, space, RULES[rule], seed)
                        for seed in range(arguments.seeds)
                    ]
                )
                mean, worst = found.mean(axis=0), found[:, 2].min()
                recipe = f"{name}, {space}, {rule}"
                print(
                    f"{recipe:<44}{mean[0]:11.4f}{mean[1]:7.4f}{mean[2]:10.4f}"
                    f"{mean[3]:7.4f}{worst:7.4f}{mean[4]:9.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
