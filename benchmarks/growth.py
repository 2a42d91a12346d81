"""Seconds and memory as the rows grow, and ten million rows from a file.

Rows of 64 columns, each size in a process of its own: a mixture of 20 Gaussians, or
MNIST in 64 principal components, drawn at random between an image and one of its ten
neighbours, with noise of a quarter of a component's spread.

`KB a row` is what the process gained over the data, `KB held` of it the floor: the
graph, embedding and labels that the fitted estimator has; the exponent is the slope of
log(seconds) against log(rows). With ``max_samples``, `labelling` is the pass over all
rows beside the network's bare forward pass in the same precision, and `rest` is what
comes before it.

Usage: python benchmarks/growth.py [--data gaussians mnist] [--rows 10000 ...]
       [--max-samples 100000] [--chart growth.svg]
       [--memmap FILE --rows 10000000 --max-samples 100000]
"""

import argparse
import json
import subprocess
import sys
import threading
import time

import numpy as np
import torch
from charts import draw_growth
from datasets import load
from sklearn.decomposition import PCA
from sklearn.metrics import normalized_mutual_info_score
from sklearn.neighbors import NearestNeighbors

from sknet_spectral import SpectralNetClustering

N_COLUMNS = 64
ROWS = [10_000, 30_000, 100_000, 300_000, 1_000_000]
CHUNK = 4096


class AnonymousMemory(threading.Thread):
    """Peak of the memory that backs no file, in GiB."""

    def __init__(self):
        super().__init__(daemon=True)
        self.running, self.first, self.peak = True, self.now(), 0.0
        self.start()

    @staticmethod
    def now():
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith("RssAnon"))
        return int(line.split()[1]) / 2**20

    def run(self):
        while self.running:
            self.peak = max(self.peak, self.now())
            time.sleep(0.05)

    def stop(self):
        self.running = False
        self.join()
        return self.peak


def gaussians(rng):
    """Draw from a mixture of 20 Gaussians that overlap."""
    centers = 0.5 * rng.normal(size=(20, N_COLUMNS))

    def draw(n_rows):
        y = rng.integers(len(centers), size=n_rows)
        return centers[y] + rng.normal(size=(n_rows, N_COLUMNS)), y

    return draw


def mnist(rng):
    """Draw between images of MNIST and their neighbours, with some noise."""
    X, y = load("mnist")
    Z = PCA(N_COLUMNS, random_state=0).fit_transform(X)
    neighbors = (
        NearestNeighbors(n_neighbors=10).fit(Z).kneighbors(return_distance=False)
    )

    def draw(n_rows):
        chosen = rng.integers(len(Z), size=n_rows)
        beside = neighbors[chosen, rng.integers(neighbors.shape[1], size=n_rows)]
        share = rng.uniform(0, 0.5, size=(n_rows, 1))
        # Without noise, or between no images, a million rows are copies of seventy
        # thousand, each the neighbours of one another and of no others.
        noise = 0.25 * Z.std(axis=0) * rng.normal(size=(n_rows, N_COLUMNS))
        return Z[chosen] + share * (Z[beside] - Z[chosen]) + noise, y[chosen]

    return draw


# Of each kind of data: how to draw it, and the number of clusters.
DATA = {"gaussians": (gaussians, 20), "mnist": (mnist, 10)}


def blocks(data, n_rows, size=100_000):
    """Yield rows and the class of each, block by block."""
    draw = DATA[data][0](np.random.default_rng(0))
    for start in range(0, n_rows, size):
        X, y = draw(min(size, n_rows - start))
        yield X.astype(np.float32), y


def rows_on_disk(path, data, n_rows):
    X = np.memmap(path, np.float32, "w+", shape=(n_rows, N_COLUMNS))
    labels, start = [], 0
    for block, y in blocks(data, n_rows):
        X[start : start + len(y)] = block
        start += len(y)
        labels.append(y)
    X.flush()
    return np.memmap(path, np.float32, "r", shape=X.shape), np.concatenate(labels)


def rows_in_memory(data, n_rows):
    parts = list(blocks(data, n_rows))
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


def forward_seconds(network, n_rows):
    """Time the bare network on rows that are there already, in float64."""
    rows = torch.zeros(CHUNK, N_COLUMNS, dtype=torch.float64)
    start = time.perf_counter()
    with torch.inference_mode():
        for _ in range(n_rows // CHUNK):
            network(rows)
    return time.perf_counter() - start


def bytes_held(model):
    W = model.affinity_matrix_
    held = W.data, W.indices, W.indptr, model.embedding_, model.labels_
    return sum(array.nbytes for array in held)


def measure(data, n_rows, max_samples, path):
    X, y = rows_on_disk(path, data, n_rows) if path else rows_in_memory(data, n_rows)
    memory = AnonymousMemory()
    start = time.perf_counter()
    model = SpectralNetClustering(
        DATA[data][1], max_samples=max_samples, random_state=0
    )
    model.fit(X)
    seconds = time.perf_counter() - start
    peak = memory.stop()
    figures = {
        "rows": n_rows,
        "seconds": seconds,
        "KB a row": (peak - memory.first) * 2**20 / n_rows,
        "KB held": bytes_held(model) / 2**10 / n_rows,
        "peak GiB": peak,
        "NMI": float(normalized_mutual_info_score(y, model.labels_)),
    }
    if max_samples is not None and max_samples < n_rows:
        start = time.perf_counter()
        model.predict(X)
        figures["labelling"] = time.perf_counter() - start
        figures["forward"] = forward_seconds(model.network_, n_rows)
        figures["rest"] = seconds - figures["labelling"]
    return figures


def fits(data, arguments):
    """Fit each number of rows in a process of its own; return the figures of each."""
    results = []
    for n_rows in arguments.rows:
        command = [sys.executable, __file__, "--here", "--rows", str(n_rows)]
        command += ["--data", data]
        if arguments.max_samples:
            command += ["--max-samples", str(arguments.max_samples)]
        if arguments.memmap:
            command += ["--memmap", arguments.memmap]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        results.append(json.loads(done.stdout))
        cells = (f"{name} {figure:,.3f}" for name, figure in results[-1].items())
        print("  ".join((data, *cells)), flush=True)
    if len(results) > 1:
        for name in [name for name in ("seconds", "rest") if name in results[0]]:
            logs = np.log([[r["rows"], r[name]] for r in results])
            print(f"{data}  exponent of {name} {np.polyfit(*logs.T, 1)[0]:.2f}")
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="+", choices=DATA, default=["gaussians"])
    parser.add_argument("--rows", type=int, nargs="*", default=ROWS)
    parser.add_argument("--max-samples", type=int)
    parser.add_argument("--memmap")
    parser.add_argument("--chart", help="file for a chart of the figures")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        (data,), (n_rows,) = arguments.data, arguments.rows
        figures = measure(data, n_rows, arguments.max_samples, arguments.memmap)
        print(json.dumps(figures))
        return
    figures = {data: fits(data, arguments) for data in arguments.data}
    if arguments.chart:
        draw_growth(arguments.chart, figures)


if __name__ == "__main__":
    main()
