"""How far the probabilities of clusters can be trusted, on held-out rows.

The truth of a row is whether its class is the most frequent one of its cluster among
the fitted rows. Beside `predict_proba` stand a Gaussian mixture on the same embedding
and the memberships of HDBSCAN on the fitted rows' embedding.

ECE is the expected calibration error in ten bins of equal counts; AUC says how well the
largest probability tells right labels from wrong ones.

Usage: python benchmarks/calibration.py [--seeds 3] [--only NAME ...]
"""

import argparse

import numpy as np
from sklearn.cluster import HDBSCAN
from sklearn.metrics import roc_auc_score
from sklearn.mixture import GaussianMixture
from small import NAMES, ours, rows_of

N_BINS = 10


def calibration_error(confidence, is_right):
    """Return the mean gap between confidence and accuracy in bins of equal counts."""
    bins = np.array_split(np.argsort(confidence, kind="stable"), N_BINS)
    gaps = [abs(confidence[b].mean() - is_right[b].mean()) for b in bins if len(b)]
    return float(np.average(gaps, weights=[len(b) for b in bins if len(b)]))


def ranking(confidence, is_right):
    """Return the area under the curve, which needs both right and wrong labels."""
    if is_right.all() or not is_right.any():
        return np.nan
    return roc_auc_score(is_right, confidence)


def majority(labels, y):
    """Return the most frequent class of each cluster."""
    table = np.zeros((labels.max() + 1, y.max() + 1), dtype=int)
    np.add.at(table, (labels, y), 1)
    return table.argmax(axis=1)


def judge(confidence, labels, y, classes):
    is_right = classes[labels] == y
    found = calibration_error(confidence, is_right), ranking(confidence, is_right)
    return (*found, is_right.mean())


def contestants(name, seed):
    """Return the figures of each contestant by its name."""
    X, held_out, y, y_held_out = rows_of(name)
    classes, y = np.unique(y, return_inverse=True)
    y_held_out = np.searchsorted(classes, y_held_out)
    n_clusters = len(classes)
    model = ours(n_clusters, seed).fit(X)
    probabilities, labels = model.predict_proba(held_out), model.predict(held_out)
    found = {
        "predict_proba": judge(
            probabilities.max(axis=1), labels, y_held_out, majority(model.labels_, y)
        )
    }
    Y, new = model.embedding_, model.transform(held_out)
    mixture = GaussianMixture(n_clusters, random_state=seed, reg_covar=1e-4).fit(Y)
    confidence = mixture.predict_proba(new).max(axis=1)
    found["mixture"] = judge(
        confidence, mixture.predict(new), y_held_out, majority(mixture.predict(Y), y)
    )
    tree = HDBSCAN(min_cluster_size=max(5, len(Y) // 100), copy=True).fit(Y)
    if tree.labels_.max() >= 0:
        inside = tree.labels_ >= 0
        most = majority(tree.labels_[inside], y[inside])
        found["HDBSCAN"] = judge(
            tree.probabilities_[inside], tree.labels_[inside], y[inside], most
        )
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=NAMES)
    options = parser.parse_args()
    print(f"{'data':14} {'contestant':14} {'ECE':>7} {'AUC':>7} {'right':>7}")
    for name in options.only:
        runs = [contestants(name, seed) for seed in range(options.seeds)]
        for contestant in runs[0]:
            figures = [run[contestant] for run in runs if contestant in run]
            ece, auc, right = np.nanmean(figures, axis=0)
            print(f"{name:14} {contestant:14} {ece:7.3f} {auc:7.3f} {right:7.3f}")


if __name__ == "__main__":
    main()
