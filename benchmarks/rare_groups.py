"""Rare groups that are clusters, and satellites that are none, with default parameters.

Prints a line for each data set: its family, its half (0 to choose a rule on, 1 to
confirm it), its name, a score and the seconds of the fit. The score is the adjusted
Rand index for "rare", "near" and "thinned", where one class of real rows keeps a few
of them, and the NMI of the rows that are no satellites for the other families. With
``--compare``, prints a table of two such files.

Usage: python benchmarks/rare_groups.py [--only FAMILY ...] [--half 0] [--size 10]
       python benchmarks/rare_groups.py --compare BEFORE AFTER
"""

import argparse
import time
import warnings
from itertools import groupby

import numpy as np
from datasets import load
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from sknet_spectral import SpectralNetClustering

SMALL = {"iris": load_iris, "wine": load_wine, "breast_cancer": load_breast_cancer}
HALVES = (
    ("iris", "wine", "digits", "pendigits", "satimage"),
    ("usps", "dry_bean", "mnist", "fashion_mnist", "cite_cbmc", "breast_cancer"),
)
N_FIRST = 10_000
# Number of clumps, and a seed.
CLUMPS = (12, 0), (3, 1), (6, 3)
# Distances in many dimensions, which rows that are no nearer call for.
WIDTHS = {2: 1.0, 10: 1.1, 50: 1.3}
FAMILIES = "rare", "satellites", "near", "plain", "clumps", "thinned"


def place(rng, centers, distance, n_features):
    """Draw a centre at a distance from one of the others, and no nearer to any."""
    for _ in range(5000):
        step = rng.normal(size=n_features)
        step *= distance / np.linalg.norm(step)
        center = centers[rng.integers(len(centers))] + step
        if all(np.linalg.norm(center - other) >= 0.999 * distance for other in centers):
            return center
    step = rng.normal(size=n_features)
    return centers[0] + step / np.linalg.norm(step) * distance * 4


def blobs(index):
    """Draw large blobs, and either rare ones or satellites of the large ones."""
    rng = np.random.default_rng(1000 + index)
    n_features = int(rng.choice([2, 10, 50]))
    width = WIDTHS[n_features]
    n_rows = int(np.exp(rng.uniform(np.log(500), np.log(10_000))))
    is_rare = index >= 1000 or (index // 2) % 2 == 0
    if not is_rare:
        n_rows = max(n_rows, 2000)
    n_large = int(rng.integers(1, 7) if is_rare else rng.integers(2, 13))
    apart = rng.uniform(2.5, 6) * width
    shares = rng.uniform(1, 3, size=n_large)
    if is_rare:
        n_small = int(rng.integers(1, 4))
        log_shares = [rng.uniform(np.log(0.005), np.log(0.05)) for _ in range(n_small)]
        sizes = [max(18, int(n_rows * np.exp(share))) for share in log_shares]
        limits = (6, 9) if index >= 1000 else (5 * width, 10 * width)
        far = rng.uniform(*limits, size=n_small)
        spread = np.ones(n_small)
    else:
        n_small = int(rng.integers(1, 16))
        sizes = [
            max(18, int(n_rows / n_large * rng.uniform(0.008, 0.05)))
            for _ in range(n_small)
        ]
        far = rng.uniform(5, 20, size=n_small) * width
        spread = rng.choice([0.02, 0.3, 1.0], size=n_small)
    large = (shares / shares.sum() * n_rows).astype(int)
    centers = [np.zeros(n_features)]
    for _ in range(n_large - 1):
        centers.append(place(rng, centers, apart, n_features))
    groups = [
        centers[blob] + rng.normal(size=(size, n_features))
        for blob, size in enumerate(large)
    ]
    labels = list(range(n_large))
    for size, distance, scale in zip(sizes, far, spread, strict=True):
        center = place(rng, centers, distance, n_features)
        lengths = [np.linalg.norm(center - other) for other in centers[:n_large]]
        labels.append(len(labels) if is_rare else int(np.argmin(lengths)))
        centers.append(center)
        groups.append(center + scale * rng.normal(size=(size, n_features)))
    y = np.repeat(labels, [len(group) for group in groups])
    n_scored = len(y) if is_rare else large.sum()
    return np.concatenate(groups), y, n_large + is_rare * n_small, n_scored


def drawn(family, half, count):
    """Draw every second set of a family; which ones says the half."""
    begin = 1000 if family == "near" else 0
    for index in range(begin + half, begin + half + 2 * count, 2):
        if family == "near" or (family == "rare") == ((index // 2) % 2 == 0):
            yield f"{index}", *blobs(index)


def rows_of(name):
    if name not in SMALL:
        X, y = load(name)
        X, y = X[:N_FIRST], y[:N_FIRST]
    else:
        X, y = SMALL[name](return_X_y=True)
    if name in ("wine", "breast_cancer", "satimage"):
        X = StandardScaler().fit_transform(X)
    return np.asarray(X, dtype=float), y


def with_clumps(X, n_clumps, size, seed):
    """Add near-copies of some rows, at 1 % of the distance of their neighbours."""
    rng = np.random.default_rng(seed)
    rows = X[rng.choice(len(X), n_clumps, replace=False)]
    lengths, _ = NearestNeighbors(n_neighbors=16).fit(X).kneighbors(rows)
    noise = rng.normal(size=(n_clumps, size, X.shape[1]))
    noise *= 0.01 * lengths[:, 1:].mean() / np.linalg.norm(noise, axis=2, keepdims=True)
    return np.r_[X, (rows[:, None] + noise).reshape(-1, X.shape[1])]


def real(family, half):
    for name in HALVES[half]:
        X, y = rows_of(name)
        n_clusters, n_rows = len(np.unique(y)), len(X)
        if family == "plain":
            yield name, X, y, n_clusters, n_rows
        if family == "clumps" and n_rows > 1500:
            size = 40 if n_rows > 4000 else 18
            for n_clumps, seed in CLUMPS:
                rows = with_clumps(X, n_clumps, size, seed)
                yield f"{name}+{n_clumps}", rows, y, n_clusters, n_rows
        if family == "thinned" and n_rows > 300:
            shares = {0: 0.01, n_clusters // 2: 0.005, n_clusters - 1: 0.02}
            for label, share in shares.items():
                n_left = max(18, int(share * n_rows))
                kept = (y != label) | (np.cumsum(y == label) <= n_left)
                yield f"{name}-{label}", X[kept], y[kept], n_clusters, kept.sum()


def measure(families, halves, size, count):
    for family in families:
        for half in halves:
            is_real = family in ("plain", "clumps", "thinned")
            sets = real(family, half) if is_real else drawn(family, half, count)
            is_rare = family in ("rare", "near", "thinned")
            score = adjusted_rand_score if is_rare else normalized_mutual_info_score
            for name, X, y, n_clusters, n_scored in sets:
                model = SpectralNetClustering(
                    n_clusters, min_cluster_size=size, random_state=0
                )
                start = time.perf_counter()
                labels = model.fit_predict(X)
                seconds = time.perf_counter() - start
                found = score(y[:n_scored], labels[:n_scored])
                print(family, half, name, f"{found:.3f} {seconds:.2f}", flush=True)


def read(path):
    with open(path) as file:
        lines = [line.split() for line in file]
    return {tuple(line[:3]): float(line[3]) for line in lines}


def compare(before, after):
    before, after = read(before), read(after)
    print(
        f"{'family':<12}{'half':>5}{'sets':>6}{'before':>8}{'after':>8}"
        f"{'better':>8}{'worse':>7}{'least':>8}"
    )
    both = [key for key in before if key in after]
    for (family, half), keys in groupby(both, key=lambda key: key[:2]):
        old, new = np.array([(before[key], after[key]) for key in keys]).T
        change = new - old
        print(
            f"{family:<12}{half:>5}{len(old):6d}{old.mean():8.3f}{new.mean():8.3f}"
            f"{np.sum(change > 0.005):8d}{np.sum(change < -0.005):7d}"
            f"{change.min():8.3f}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", default=FAMILIES, choices=FAMILIES)
    parser.add_argument("--half", nargs="+", type=int, default=(0, 1))
    parser.add_argument("--size", type=int, help="min_cluster_size")
    parser.add_argument("--count", type=int, default=60, help="indices of each half")
    parser.add_argument("--compare", nargs=2)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", category=UserWarning)
    if arguments.compare:
        compare(*arguments.compare)
    else:
        measure(arguments.only, arguments.half, arguments.size, arguments.count)


if __name__ == "__main__":
    main()
