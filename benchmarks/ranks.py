"""One fit by several ranks: seconds and bytes of a step, and what the map is worth.

Each line is a run of its own under torch's launcher, all with the same total batch.
The numbers exchanged in a step are counted; the model is k^2 + parameters, k the
outputs of the network. The error is the subspace error on the rows that were fitted.

Usage: python benchmarks/ranks.py [--data mnist] [--rows 60000] [--epochs 8]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from datasets import load
from mnist import N_CLUSTERS, exact
from torch import distributed

from sknet_spectral._engine.distributed import from_first_rank, n_ranks
from sknet_spectral._engine.networks.inference import evaluate_map
from sknet_spectral._engine.networks.network import new_map, spectral_network
from sknet_spectral._engine.objectives.regression import fit_targets
from sknet_spectral._engine.objectives.spectral_loss import (
    add_guard_outputs,
    fit_spectral_loss,
)
from sknet_spectral._engine.training.training_config import TrainingConfig
from sknet_spectral._graph.edges import edges_of
from sknet_spectral._persistence.checkpoint import NullCheckpoint
from sknet_spectral.metrics import subspace_distance

BATCH = 1024
RUNS = (1, 1), (1, 2), (2, 1)  # ranks, threads of each
WANTED = N_CLUSTERS - 1


class Traffic:
    """Counts what all-reduces carry."""

    def __init__(self):
        self.numbers = self.bytes = 0
        self.all_reduce = distributed.all_reduce

    def __call__(self, tensor):
        self.numbers += tensor.numel()
        self.bytes += tensor.numel() * tensor.element_size()
        self.all_reduce(tensor)


def measure(fit, X, graph, U, n_outputs, n_epochs):
    """Train a network; return what a step cost, and the subspace error."""
    distributed.all_reduce = traffic = Traffic()
    trained_map = new_map(
        X.shape[1], n_outputs, hidden_layer_sizes=(512, 512), network=None, seed=0
    )
    n_parameters = sum(p.numel() for p in trained_map.parameters())
    network = spectral_network(X, trained_map, n_outputs)
    seen = []

    def progress(losses):
        seen.append((time.perf_counter(), traffic.numbers, traffic.bytes))

    config = TrainingConfig(
        batch_size=BATCH,
        seed=0,
        device="auto",
        n_epochs=n_epochs,
        learning_rate=2e-3,
        tol=0.0,
        progress=progress,
        checkpoint=NullCheckpoint(),
    )
    fit(network, X, config)
    distributed.all_reduce = traffic.all_reduce
    F = evaluate_map(network, X)
    F = F - graph.centre(F)
    Y = F @ graph.ritz(F)[1][:, :WANTED]
    seconds, numbers, n_bytes = np.subtract(seen[-1], seen[0]) / (len(seen) - 1)
    return {
        "seconds an epoch": seconds,
        "numbers an epoch": numbers,
        "bytes an epoch": n_bytes,
        "model": (n_outputs**2 + n_parameters) * (n_ranks() > 1),
        "error": subspace_distance(
            np.column_stack([np.ones(len(Y)), Y]), U, graph.mass
        ),
    }


def run_rank(arguments):
    """Do what one rank does; the first writes the results to a file."""
    on_gpu = torch.cuda.is_available()
    if on_gpu:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    distributed.init_process_group()
    X = load(arguments.data)[0][: arguments.rows]
    graph, U, _ = from_first_rank(lambda: exact(X))
    edges, weights = edges_of(graph.W)

    def regression(network, X, config):
        fit_targets(network, X, U[:, 1:], graph.mass, config, is_new=True)

    def spectral_loss(network, X, config):
        fit_spectral_loss(network, X, edges, weights, config, uniform_mass=False)

    results = {}
    for fit, n_outputs, rows_a_step in (
        (regression, WANTED, BATCH),
        (spectral_loss, add_guard_outputs(WANTED), 2 * BATCH),
    ):
        figures = measure(fit, X, graph, U, n_outputs, arguments.epochs)
        n_steps = -(-len(X) // rows_a_step)
        results[fit.__name__] = {
            "ms": 1e3 * figures["seconds an epoch"] / n_steps,
            "numbers": figures["numbers an epoch"] / n_steps,
            "KB": figures["bytes an epoch"] / n_steps / 1e3,
            "model": figures["model"],
            "error": figures["error"],
        }
    if distributed.get_rank() == 0:
        arguments.results.write_text(json.dumps(results))
    distributed.destroy_process_group()


def launch(arguments, n_ranks, n_threads):
    """Run the ranks; return the results that the first of them wrote."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
        command += [f"--nproc-per-node={n_ranks}", __file__, f"--results={results}"]
        command += [f"--data={arguments.data}", f"--rows={arguments.rows}"]
        command += [f"--epochs={arguments.epochs}"]
        environment = {**os.environ, "OMP_NUM_THREADS": str(n_threads)}
        subprocess.run(command, check=True, env=environment)
        return json.loads(results.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--results", type=Path, help="where a rank writes its figures")
    arguments = parser.parse_args()
    if arguments.results is not None:
        run_rank(arguments)
        return
    columns = "ms", "numbers", "model", "KB", "error"
    print(f"{'':<16}{'ranks':>6}{'threads':>8}" + "".join(f"{c:>10}" for c in columns))
    for ranks, threads in RUNS:
        for name, figures in launch(arguments, ranks, threads).items():
            line = f"{name:<16}{ranks:>6}{threads:>8}{figures['ms']:>10.1f}"
            line += f"{figures['numbers']:>10.0f}{figures['model']:>10}"
            line += f"{figures['KB']:>10.1f}{figures['error']:>10.6f}"
            print(line, flush=True)


if __name__ == "__main__":
    main()
