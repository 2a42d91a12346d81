"""Rows in blocks of Zarr, labelled by one and two Dask workers and by plain numpy.

The rows are those of ``growth.py``, 64 columns of float32. The model is fitted to the
collection with ``max_samples``; `label` is the pass of the workers over all rows, from
disk to labels, after they have imported the package. A worker is a process of one
thread. numpy has the rows in memory, and `label` is ``predict``. `differ` counts the
labels that are not those of numpy's fit, whose sample is the same. `peak` is the
largest resident memory of any worker, files in memory included.

Usage: python benchmarks/dask_rows.py [--rows 5000000] [--max-samples 100000]
       [--block 100000] [--folder FOLDER]
"""

import argparse
import importlib
import pickle
import resource
import tempfile
import time
from pathlib import Path

import dask.array as da
import numpy as np
import torch
import zarr
from distributed import Client, LocalCluster
from growth import N_CLUSTERS, N_COLUMNS, blocks
from sklearn.metrics import normalized_mutual_info_score

from sknet_spectral import SpectralNetClustering


def write_rows(path, n_rows, block):
    """Write the rows block by block; return the Gaussian of each."""
    stored = zarr.create_array(
        path, shape=(n_rows, N_COLUMNS), chunks=(block, N_COLUMNS), dtype="float32"
    )
    truth, start = [], 0
    for rows, y in blocks(n_rows, block):
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
            n_workers=n_workers, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        client.run(importlib.import_module, "sknet_spectral")
        X = da.from_zarr(path)
        _, fitting = timed(model.fit, X)
        labels, labelling = timed(model.labels_.compute)
        peak = max(client.run(peak_memory).values())
    return labels, fitting, labelling, peak


def with_numpy(n_threads, X, model):
    torch.set_num_threads(n_threads)
    return timed(model.predict, X)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--max-samples", type=int, default=100_000)
    parser.add_argument("--block", type=int, default=100_000)
    parser.add_argument("--folder")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model = SpectralNetClustering(
        N_CLUSTERS, max_samples=arguments.max_samples, random_state=0
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
        labels, labelling = with_numpy(n_threads, X, model)
        lines.append(
            (f"numpy, {n_threads} thread(s)", labels, fitting, labelling, None)
        )

    print(f"{arguments.rows:,} rows, {arguments.max_samples:,} drawn")
    print(f"{'':20} {'fit, s':>8} {'label, s':>9} {'rows/s':>9} {'peak':>5} differ")
    for name, labels, fitting, labelling, peak in lines:
        rate = arguments.rows / labelling
        peak = "" if peak is None else f"{peak:.2f}"
        differ = np.count_nonzero(labels != expected)
        print(
            f"{name:20} {fitting:8.1f} {labelling:9.1f} {rate:9,.0f} {peak:>5} {differ}"
        )
    print(f"NMI {normalized_mutual_info_score(truth, expected):.3f}")
    print(f"the map that travels: {len(pickle.dumps(model.network_)):,} bytes")


if __name__ == "__main__":
    main()
