"""Cuts of the cluster tree beside k-means with as many clusters, on one embedding.

Each set is fitted with half as many, as many and twice as many clusters as it has
classes, and labelled by other numbers of clusters. NMI is measured with the classes,
and modularity on the graph of the fit.

Usage: python benchmarks/cluster_tree.py [--seeds 3] [--only NAME ...]
"""

import argparse

import numpy as np
from sklearn.metrics import normalized_mutual_info_score
from small import NAMES, ours, rows_of

from sknet_spectral.metrics import modularity

FITTED = 0.5, 1, 2
# Of the clusters that were fitted.
CUT = 0.5, 0.7, 1.5, 2


def measure(name, seed):
    """Return, by numbers of clusters, NMI and modularity of cuts and of k-means."""
    X, _, y, _ = rows_of(name)
    n_classes = len(np.unique(y))
    found = {}
    for share in FITTED:
        n_clusters = max(2, round(share * n_classes))
        model = ours(n_clusters, seed).fit(X)
        for other in CUT:
            k = round(other * n_clusters)
            for nested in (True, False):
                labels = model.relabel(k, nested=nested)
                scores = (
                    normalized_mutual_info_score(y, labels),
                    modularity(model.affinity_matrix_, labels),
                )
                found.setdefault((share, other), []).append(scores)
    return {key: np.ravel(scores) for key, scores in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=NAMES)
    options = parser.parse_args()
    print("fitted and cut: NMI, modularity of the tree; of k-means")
    totals = {}
    for name in options.only:
        of_seeds = [measure(name, seed) for seed in range(options.seeds)]
        for key in of_seeds[0]:
            mean = np.mean([found[key] for found in of_seeds], axis=0)
            totals.setdefault(key, []).append(mean)
            print(name, *key, mean.round(3), flush=True)
    for key, means in totals.items():
        print("mean", *key, np.mean(means, axis=0).round(3))


if __name__ == "__main__":
    main()
