"""How far the probabilities of clusters can be trusted, on held-out rows.

The truth of a row is whether its class is the most frequent one of its cluster among
the fitted rows. Beside `predict_proba` stand a Gaussian mixture on the same embedding
and the memberships of HDBSCAN on the fitted rows' embedding.

ECE is the expected calibration error in ten bins of equal counts; AUC says how well the
largest probability tells right labels from wrong ones. Each row is held out by one of
five folds, and the bins hold the rows of all of them: a fold of a small set would leave
three rows in a bin, whose accuracy is mostly chance. Sets with test rows of their own
are fitted once for each of two seeds.

Usage: python benchmarks/calibration.py [--folds 5] [--seeds 2] [--only NAME ...]
       [--n-components auto]
"""

import argparse

import numpy as np
from sklearn.cluster import HDBSCAN
from sklearn.metrics import roc_auc_score
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import StratifiedKFold
from small import N_FIRST, NAMES, ours, rows_of

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


def splits(name, n_folds, n_seeds):
    """Yield fitted and held-out rows with their classes."""
    X, held_out, y, y_held_out = rows_of(name)
    if name in N_FIRST:
        yield from [(X, held_out, y, y_held_out)] * n_seeds
        return
    X, y = np.concatenate([X, held_out]), np.concatenate([y, y_held_out])
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=0)
    for fitted, others in folds.split(X, y):
        yield X[fitted], X[others], y[fitted], y[others]


def contestants(X, held_out, y, y_held_out, seed, n_components):
    """Return confidences, and whether labels are right, of each contestant by name."""
    classes, y = np.unique(y, return_inverse=True)
    y_held_out = np.searchsorted(classes, y_held_out)
    n_clusters = len(classes)
    model = ours(n_clusters, seed).set_params(n_components=n_components).fit(X)
    most = majority(model.labels_, y)[model.predict(held_out)]
    confidence = model.predict_proba(held_out).max(axis=1)
    found = {"predict_proba": (confidence, most == y_held_out)}
    Y, new = model.embedding_, model.transform(held_out)
    mixture = GaussianMixture(n_clusters, random_state=seed, reg_covar=1e-4).fit(Y)
    most = majority(mixture.predict(Y), y)[mixture.predict(new)]
    confidence = mixture.predict_proba(new).max(axis=1)
    found["mixture"] = confidence, most == y_held_out
    tree = HDBSCAN(min_cluster_size=max(5, len(Y) // 100), copy=True).fit(Y)
    if tree.labels_.max() >= 0:
        inside = tree.labels_ >= 0
        labels, y = tree.labels_[inside], y[inside]
        found["HDBSCAN"] = tree.probabilities_[inside], majority(labels, y)[labels] == y
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only", nargs="+", default=NAMES)
    parser.add_argument("--n-components", choices=["auto"])
    options = parser.parse_args()
    print(f"{'data':14} {'contestant':14} {'ECE':>7} {'AUC':>7} {'right':>7}")
    for name in options.only:
        pooled = {}
        for seed, split in enumerate(splits(name, options.folds, options.seeds)):
            found = contestants(*split, seed, options.n_components)
            for contestant, pair in found.items():
                pooled.setdefault(contestant, []).append(pair)
        for contestant, pairs in pooled.items():
            confidence, is_right = map(np.concatenate, zip(*pairs, strict=True))
            ece = calibration_error(confidence, is_right)
            auc = ranking(confidence, is_right)
            right = is_right.mean()
            print(f"{name:14} {contestant:14} {ece:7.3f} {auc:7.3f} {right:7.3f}")


if __name__ == "__main__":
    main()
