"""How far the engine is from its floor: the matrix products that it cannot avoid.

Training steps of the default network on MNIST beside the same products alone, in the
same precision; `predict` beside the bare forward pass in float64; one row. Medians.

Usage: python benchmarks/steps.py [--runs 5]
"""

import argparse
import time
from itertools import pairwise

import numpy as np
import torch
from datasets import load

from sknet_spectral import SpectralNetClustering
from sknet_spectral._engine.automatic import automatic_sizes
from sknet_spectral._engine.device import matmul_dtype
from sknet_spectral._engine.networks.network import new_map, spectral_network
from sknet_spectral._engine.objectives.regression import fit_targets
from sknet_spectral._engine.training.optimizers import (
    _ORTHOGONALIZATION_STEPS,
    _STEPS_APART,
)
from sknet_spectral._engine.training.training_config import TrainingConfig
from sknet_spectral._persistence.checkpoint import NullCheckpoint

N_ROWS, N_CLUSTERS = 60_000, 10
BATCH = automatic_sizes(N_ROWS).batch_size
EPOCHS = 2, 6  # their difference is free of what comes before and after the steps
HIDDEN = automatic_sizes(N_ROWS).hidden_layer_sizes
PREDICTED_ROWS = 1_000_000
CHUNK = 4096


def median_seconds(function, runs):
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds))


def train(X, targets, n_epochs):
    n_outputs = targets.shape[1]
    trained_map = new_map(
        X.shape[1], n_outputs, hidden_layer_sizes=HIDDEN, network=None, seed=0
    )
    fit_targets(
        spectral_network(X, trained_map, n_outputs),
        X,
        targets,
        np.ones(len(X)),
        TrainingConfig(
            batch_size=BATCH,
            seed=0,
            device="cpu",
            n_epochs=n_epochs,
            learning_rate=2e-3,
            tol=0.0,
            progress=lambda loss: None,
            checkpoint=NullCheckpoint(),
        ),
        is_new=True,
    )


def products_of_a_round(n_features):
    """Pairs of matrices: forward, both gradients; Muon's iterations, once for each."""
    sizes = [n_features, *HIDDEN, N_CLUSTERS]
    shapes = []
    for layer, (n, m) in enumerate(pairwise(sizes)):
        passes = [((BATCH, n), (n, m)), ((m, BATCH), (BATCH, n))]
        if layer:
            passes.append(((BATCH, m), (m, n)))
        shapes += _STEPS_APART * passes
        if layer < len(HIDDEN):
            a, b = sorted((n, m))
            once = [((a, b), (b, a)), ((a, a), (a, a)), ((a, a), (a, b))]
            shapes += _ORTHOGONALIZATION_STEPS * once
    dtype = matmul_dtype(torch.device("cpu"))
    return [
        (torch.randn(*s, dtype=dtype), torch.randn(*t, dtype=dtype)) for s, t in shapes
    ]


def multiply(pairs, n_rounds):
    for _ in range(n_rounds):
        for first, second in pairs:
            first @ second


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    X, _ = load("mnist")
    X = X[:N_ROWS]
    targets = np.random.default_rng(0).normal(size=(N_ROWS, N_CLUSTERS))
    few, many = EPOCHS
    n_steps = (many - few) * -(-N_ROWS // BATCH)
    pairs = products_of_a_round(X.shape[1])
    products = median_seconds(lambda: multiply(pairs, n_steps // _STEPS_APART), runs)
    first, second = (
        median_seconds(lambda n=n: train(X, targets, n), runs) for n in EPOCHS
    )
    training = second - first
    work = sum(2 * len(a) * a.shape[1] * b.shape[1] for a, b in pairs) / _STEPS_APART
    print(
        f"training, {n_steps} steps: {training:.2f} s, products {products:.2f} s, "
        f"ratio {training / products:.2f}; {1e-9 * work:.1f} GFLOP a step, "
        f"{1e-9 * work * n_steps / products:.0f} GFLOP/s"
    )

    model = SpectralNetClustering(N_CLUSTERS, max_iter=1, random_state=0).fit(X[:5000])
    rows_again = np.resize(X, (PREDICTED_ROWS, X.shape[1]))
    rows = torch.from_numpy(X[:CHUNK].astype(np.float64))

    def forward():
        with torch.inference_mode():
            for _ in range(PREDICTED_ROWS // CHUNK):
                model.network_(rows)

    predicting = median_seconds(lambda: model.predict(rows_again), 3)
    bare = median_seconds(forward, 3)
    print(
        f"predict, {PREDICTED_ROWS} rows: {predicting:.1f} s, forward {bare:.1f} s, "
        f"ratio {predicting / bare:.2f}"
    )
    one = median_seconds(lambda: model.predict(X[:1]), 200)
    print(f"predict, one row: {1e3 * one:.2f} ms")


if __name__ == "__main__":
    main()
