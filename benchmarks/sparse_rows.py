"""Sparse rows: text beside exact spectral clustering, and the memory of a wide fit.

Text: NMI of the network's labels and of the exact eigenvectors of the same cosine
graph, means over seeds. Wide: 200,000 x 50,000 rows of 50 entries each; the memory
is what the process gained over the data.

Usage: python benchmarks/sparse_rows.py [--seeds 5]
"""

import argparse
import resource
import time

import numpy as np
from datasets import load
from scipy import sparse
from sklearn.metrics import normalized_mutual_info_score

from sknet_spectral import SpectralNetClustering


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def text(name, n_clusters, n_seeds):
    X, y = load(name)
    found = []
    for seed in range(n_seeds):
        model = SpectralNetClustering(n_clusters, metric="cosine", random_state=seed)
        start = time.perf_counter()
        labels = model.fit_predict(X)
        seconds = time.perf_counter() - start
        exact = SpectralNetClustering(
            n_clusters, affinity="precomputed", random_state=seed
        ).fit_predict(model.affinity_matrix_)
        scores = [normalized_mutual_info_score(y, one) for one in (exact, labels)]
        found.append([*scores, seconds])
    mean = np.mean(found, axis=0)
    print(f"{name:<12} exact {mean[0]:.4f}  network {mean[1]:.4f}  {mean[2]:.1f} s")


def wide(n_rows=200_000, n_columns=50_000, n_entries=50):
    rng = np.random.default_rng(0)
    # Twenty topics with words of their own, and as many common words.
    topics = rng.integers(20, size=n_rows)
    own = topics[:, None] * 2_000 + rng.integers(2_000, size=(n_rows, n_entries // 2))
    common = rng.integers(40_000, n_columns, size=(n_rows, n_entries // 2))
    columns = np.hstack([own, common])
    indptr = np.arange(0, columns.size + 1, n_entries)
    values = np.ones(columns.size, dtype=np.float32)
    X = sparse.csr_matrix((values, columns.ravel(), indptr), shape=(n_rows, n_columns))
    X.sum_duplicates()
    before, start = memory(), time.perf_counter()
    model = SpectralNetClustering(20, metric="cosine", random_state=0).fit(X)
    fitted = time.perf_counter()
    labels = model.predict(X)
    print(
        f"{n_rows} x {n_columns}: fit {fitted - start:.0f} s, predict "
        f"{time.perf_counter() - fitted:.0f} s, memory rose by "
        f"{memory() - before:.2f} GiB, NMI "
        f"{normalized_mutual_info_score(topics, labels):.3f}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    n_seeds = parser.parse_args().seeds
    text("reuters", 10, n_seeds)
    text("news20", 20, n_seeds)
    wide()


if __name__ == "__main__":
    main()
