"""What the constrained loss does after the regression, on 60,000 rows of MNIST.

Each line starts from the same six epochs of regression and spends about the same
further seconds. The excess is the sum of (Ritz value - exact eigenvalue): what the
constrained loss itself minimises.

Usage: python benchmarks/constrained_stage.py
"""

import time
from copy import deepcopy

import numpy as np
from datasets import load
from mnist import N_CLUSTERS, N_TRAIN, exact

from sknet_spectral._engine.networks.inference import evaluate_map
from sknet_spectral._engine.networks.network import new_map, spectral_network
from sknet_spectral._engine.objectives.regression import fit_targets
from sknet_spectral._engine.objectives.spectral_loss import fit_spectral_loss
from sknet_spectral._engine.training.training_config import TrainingConfig
from sknet_spectral._graph.edges import edges_of
from sknet_spectral._persistence.checkpoint import NullCheckpoint
from sknet_spectral.metrics import subspace_distance


def main():
    X, _ = load("mnist")
    X = X[:N_TRAIN]
    graph, Y, _ = exact(X)
    eigenvalues, _ = graph.eigenpairs(N_CLUSTERS, random_state=np.random.RandomState(0))
    common = {
        "batch_size": 1024,
        "seed": 0,
        "device": "cpu",
        "tol": 0.0,
        "progress": lambda loss: None,
        "checkpoint": NullCheckpoint(),
    }

    def regress(n_epochs):
        n_outputs = N_CLUSTERS - 1
        trained_map = new_map(
            X.shape[1], n_outputs, hidden_layer_sizes=(512, 512), network=None, seed=0
        )
        network = spectral_network(X, trained_map, n_outputs)
        start = time.perf_counter()
        fit_targets(
            network,
            X,
            Y[:, 1:],
            graph.mass,
            TrainingConfig(n_epochs=n_epochs, learning_rate=2e-3, **common),
            is_new=True,
        )
        return network, time.perf_counter() - start

    def report(name, network, seconds):
        F = evaluate_map(deepcopy(network), X)
        F -= graph.centre(F)
        excess = graph.ritz(F)[0].sum() - eigenvalues.sum()
        error = subspace_distance(np.column_stack([np.ones(len(F)), F]), Y, graph.mass)
        print(f"{name:<44}{seconds:9.1f}{error:10.4f}{excess:10.4f}", flush=True)

    print(f"{'':<44}{'seconds':>9}{'error':>10}{'excess':>10}")
    start_network, start_seconds = regress(6)
    report("regression, 6 epochs", start_network, start_seconds)
    for n_epochs in (8, 10, 20):
        report(f"regression, {n_epochs} epochs", *regress(n_epochs))
    ends, weights = edges_of(graph.W)
    for batch_size, n_epochs, rate in [
        (1024, 4, 1e-3),
        (1024, 4, 1e-4),
        (1024, 4, 1e-5),
        (8192, 4, 1e-4),
        (8192, 16, 1e-4),
    ]:
        network = deepcopy(start_network)
        start = time.perf_counter()
        fit_spectral_loss(
            network,
            X,
            ends,
            weights,
            TrainingConfig(
                n_epochs=n_epochs,
                learning_rate=rate,
                **{**common, "batch_size": batch_size},
            ),
            uniform_mass=False,
        )
        seconds = start_seconds + time.perf_counter() - start
        name = f"6 epochs, then {n_epochs} of {batch_size} edges at {rate:g}"
        report(name, network, seconds)


if __name__ == "__main__":
    main()
