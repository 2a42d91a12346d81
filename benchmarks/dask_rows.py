"""Rows in blocks of Zarr, labelled by one and two Dask workers and by plain numpy.

The rows are those of ``growth.py``, 64 columns of float32. The model is fitted to the
collection with ``max_samples``; `label` is the pass of the workers over all rows, from
disk to labels, after they have imported the package. A worker is a process of one
thread. numpy has the rows in memory, and `label` is ``predict``. `CPU` is what the
workers, or numpy's process, have worked meanwhile. `differ` counts the labels that are
not those of numpy's fit, whose sample is the same. `peak` is the largest resident
memory of any worker in GiB, files in memory included.

Dask has its workers give memory back to the system at once. ``--keep-memory`` has them
keep it for the next chunk of rows.

Usage: python benchmarks/dask_rows.py [--rows 5000000] [--max-samples 100000]
       [--block 100000] [--folder FOLDER] [--keep-memory]
"""

import argparse
import importlib
import pickle
import resource
import tempfile
import time
from pathlib import Path

import dask
import dask.array as da
import numpy as np
import torch
import zarr
from distributed import Client, LocalCluster
from growth import DATA, N_COLUMNS, blocks
from sklearn.metrics import normalized_mutual_info_score

from sknet_spectral import SpectralNetClustering

# What Dask sets in the environment of a worker, but for the two thresholds of glibc.
KEEP_MEMORY = {
    "OMP_NUM_THREADS": 1,
    "MALLOC_TRIM_THRESHOLD_": 2**28,
    "MALLOC_MMAP_THRESHOLD_": 2**28,
}


def write_rows(path, n_rows, block):
    """Write the rows block by block; return the Gaussian of each."""
    stored = zarr.create_array(
        path, shape=(n_rows, N_COLUMNS), chunks=(block, N_COLUMNS), dtype="float32"
    )
    truth, start = [], 0
    for rows, y in blocks("gaussians", n_rows, block):
        stored[start : start + len(y)] = rows
        truth.append(y)
        start += len(y)
    return np.concatenate(truth)


def peak_memory():
    """Largest resident memory of this process so far, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def timed(function, *arguments):
    start = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - start


def with_workers(n_workers, path, model):
    with (
        LocalCluster(
            n_workers=n_workers, threads_per_worker=1, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
    ):
        client.run(importlib.import_module, "sknet_spectral")
        X = da.from_zarr(path)
        _, fitting = timed(model.fit, X)
        before = sum(client.run(time.process_time).values())
        labels, labelling = timed(model.labels_.compute)
        working = sum(client.run(time.process_time).values()) - before
        peak = max(client.run(peak_memory).values())
    return labels, fitting, labelling, working, f"{peak:.2f}"


def with_numpy(n_threads, X, model):
    torch.set_num_threads(n_threads)
    before = time.process_time()
    labels, labelling = timed(model.predict, X)
    return labels, labelling, time.process_time() - before


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--max-samples", type=int, default=100_000)
    parser.add_argument("--block", type=int, default=100_000)
    parser.add_argument("--folder")
    parser.add_argument("--keep-memory", action="store_true")
    arguments = parser.parse_args()
    if arguments.keep_memory:
        dask.config.set({"distributed.nanny.pre-spawn-environ": KEEP_MEMORY})
    torch.set_num_threads(1)
    model = SpectralNetClustering(
        DATA["gaussians"][1], max_samples=arguments.max_samples, random_state=0
    )
    lines = []
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        path = str(Path(folder) / "rows.zarr")
        truth = write_rows(path, arguments.rows, arguments.block)
        for n_workers in 1, 2:
            labels, *figures = with_workers(n_workers, path, model)
            lines.append((f"{n_workers} worker(s)", labels, *figures))
        X = zarr.open_array(path, mode="r")[:]
    _, fitting = timed(model.fit, X)
    expected = model.labels_
    for n_threads in 1, 2:
        labels, *figures = with_numpy(n_threads, X, model)
        lines.append((f"numpy, {n_threads} thread(s)", labels, fitting, *figures, ""))

    print(f"{arguments.rows:,} rows, {arguments.max_samples:,} drawn")
    print(
        f"{'':20} {'fit, s':>7} {'label, s':>8} {'CPU, s':>7} {'rows/s':>8} "
        f"{'peak':>5} differ"
    )
    for name, labels, fitting, labelling, working, peak in lines:
        rate = arguments.rows / labelling
        differ = np.count_nonzero(labels != expected)
        print(
            f"{name:20} {fitting:7.1f} {labelling:8.1f} {working:7.1f} {rate:8,.0f} "
            f"{peak:>5} {differ:6}"
        )
    print(f"NMI {normalized_mutual_info_score(truth, expected):.3f}")
    print(f"the map that travels: {len(pickle.dumps(model.network_)):,} bytes")


if __name__ == "__main__":
    main()
