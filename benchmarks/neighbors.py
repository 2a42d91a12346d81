"""Where exact search stops paying: seconds of it, of a partition and of pynndescent.

The constants in ``sknet_spectral/_graph/search/search_costs.py`` come from this table.
The first line is pynndescent's compilation, paid once in every process.

Usage: python benchmarks/neighbors.py
"""

import time

import numpy as np
from scipy import sparse

from sknet_spectral._graph.metrics.metric_spaces import metric_space
from sknet_spectral._graph.search.approximate_search import approximate_neighbors
from sknet_spectral._graph.search.exact_search import exact_neighbors
from sknet_spectral._graph.search.partitioned_search import partitioned_neighbors
from sknet_spectral._graph.search.search_costs import exact_seconds

DENSE = [(20_000, 3), (100_000, 3), (20_000, 8), (50_000, 8), (20_000, 16)]
DENSE += [(10_000, 64), (20_000, 64), (40_000, 64), (10_000, 784), (20_000, 784)]
SPARSE = [(8_000, 2_000, 50), (16_000, 2_000, 50), (16_000, 20_000, 50)]


def seconds(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def approximate(X, metric):
    approximate_neighbors(metric_space(X, metric), 15, np.random.RandomState(0))


def main():
    rng = np.random.default_rng(0)
    small = rng.normal(size=(5_000, 8)).astype(np.float32)
    first, second = (seconds(approximate, small, "euclidean") for _ in range(2))
    print(f"compilation of the euclidean search: {first - second:.1f} s")
    columns = "n", "d", "metric", "exact", "estimate", "partition", "recall"
    columns += ("pynndescent",)
    print("".join(f"{c:>12}" for c in columns))

    def report(X, metric):
        start = time.perf_counter()
        right = exact_neighbors(X, 15, metric, None)[0]
        exact, partition, recall = time.perf_counter() - start, np.nan, np.nan
        if metric == "euclidean":
            start = time.perf_counter()
            found = partitioned_neighbors(X, 15, np.random.RandomState(0))[0]
            partition = time.perf_counter() - start
            recall = np.mean(
                [np.isin(*r).mean() for r in zip(right, found, strict=True)]
            )
        figures = (
            exact,
            exact_seconds(X, metric),
            partition,
            recall,
            seconds(approximate, X, metric),
        )
        shape = f"{X.shape[0]:>12}{X.shape[1]:>12}{metric:>12}"
        print(shape + "".join(f"{f:12.2f}" for f in figures), flush=True)

    for n, d in DENSE:
        # Ten clusters, so that the neighbourhoods are those of real data.
        centers = 3 * rng.normal(size=(10, d))
        X = centers[rng.integers(10, size=n)] + rng.normal(size=(n, d))
        report(X.astype(np.float32).astype(np.float64), "euclidean")
    report(X[:10_000, :64], "manhattan")
    report(X[:20_000, :64], "manhattan")
    first, second = (
        seconds(approximate, _sparse_rows(2_000, 500, 20), "cosine") for _ in range(2)
    )
    print(f"compilation of the sparse cosine search: {first - second:.1f} s")
    for n, d, entries in SPARSE:
        report(_sparse_rows(n, d, entries), "cosine")


def _sparse_rows(n, d, entries):
    X = sparse.random(n, d, entries / d, "csr", np.float32, random_state=0)
    return X


if __name__ == "__main__":
    main()
