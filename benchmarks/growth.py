"""Seconds and memory as the rows grow, and ten million rows from a file.

Rows of 64 columns from a mixture of 20 Gaussians, each size in a process of its own.
`KB a row` is what the process gained over the data; the exponent is the slope of
log(seconds) against log(rows). With ``max_samples``, `labelling` is the pass over all
rows beside the network's bare forward pass in the same precision, and `rest` is what
comes before it.

Usage: python benchmarks/growth.py [--rows 10000 ...] [--max-samples 100000]
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
from sklearn.metrics import normalized_mutual_info_score

from sknet_spectral import SpectralNetClustering

N_CLUSTERS, N_COLUMNS = 20, 64
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


def blocks(n_rows, size=100_000):
    """Yield rows and the Gaussian of each, block by block."""
    rng = np.random.default_rng(0)
    centers = 0.5 * rng.normal(size=(N_CLUSTERS, N_COLUMNS))
    for start in range(0, n_rows, size):
        y = rng.integers(N_CLUSTERS, size=min(size, n_rows - start))
        noise = rng.normal(size=(len(y), N_COLUMNS))
        yield (centers[y] + noise).astype(np.float32), y


def rows_on_disk(path, n_rows):
    X = np.memmap(path, np.float32, "w+", shape=(n_rows, N_COLUMNS))
    labels, start = [], 0
    for block, y in blocks(n_rows):
        X[start : start + len(y)] = block
        start += len(y)
        labels.append(y)
    X.flush()
    return np.memmap(path, np.float32, "r", shape=X.shape), np.concatenate(labels)


def rows_in_memory(n_rows):
    parts = list(blocks(n_rows))
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


def forward_seconds(network, n_rows):
    """Time the bare network on rows that are there already, in float64."""
    rows = torch.zeros(CHUNK, N_COLUMNS, dtype=torch.float64)
    start = time.perf_counter()
    with torch.inference_mode():
        for _ in range(n_rows // CHUNK):
            network(rows)
    return time.perf_counter() - start


def measure(n_rows, max_samples, path):
    X, y = rows_on_disk(path, n_rows) if path else rows_in_memory(n_rows)
    memory = AnonymousMemory()
    start = time.perf_counter()
    model = SpectralNetClustering(N_CLUSTERS, max_samples=max_samples, random_state=0)
    model.fit(X)
    seconds = time.perf_counter() - start
    peak = memory.stop()
    figures = {
        "rows": n_rows,
        "seconds": seconds,
        "KB a row": (peak - memory.first) * 2**20 / n_rows,
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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=ROWS)
    parser.add_argument("--max-samples", type=int)
    parser.add_argument("--memmap")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        (n_rows,) = arguments.rows
        figures = measure(n_rows, arguments.max_samples, arguments.memmap)
        print(json.dumps(figures))
        return
    results = []
    for n_rows in arguments.rows:
        command = [sys.executable, __file__, "--here", "--rows", str(n_rows)]
        if arguments.max_samples:
            command += ["--max-samples", str(arguments.max_samples)]
        if arguments.memmap:
            command += ["--memmap", arguments.memmap]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        results.append(json.loads(done.stdout))
        cells = (f"{name} {figure:,.3f}" for name, figure in results[-1].items())
        print("  ".join(cells), flush=True)
    if len(results) > 1:
        for name in [name for name in ("seconds", "rest") if name in results[0]]:
            logs = np.log([[r["rows"], r[name]] for r in results])
            print(f"exponent of {name} {np.polyfit(*logs.T, 1)[0]:.2f}")


if __name__ == "__main__":
    main()
