"""A fit of several stages that a test kills, in a process of its own.

Run as ``python -m tests.killed_fit FOLDER RESULT`` to go on in a new interpreter.
"""

import sys

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from sknet_spectral import SiameseTransformer, SpectralNetEmbedding
from sknet_spectral._persistence import checkpoint
from tests.data import some_digits


def fit_and_keep(folder, result, begins):
    """Write the embedding that one thread fits, with a checkpoint after each epoch."""
    checkpoint._SECONDS_BETWEEN = 0.0
    X, _ = some_digits()
    model = SpectralNetEmbedding(
        3,
        affinity_transformer=SiameseTransformer(4, hidden_layer_sizes=64, max_iter=6),
        hidden_layer_sizes=32,
        max_iter=20,
        random_state=0,
        checkpoint_dir=folder,
    )
    torch.set_num_threads(1)
    with threadpool_limits(1):
        begins()
        np.save(result, model.fit_transform(X))


if __name__ == "__main__":
    fit_and_keep(*sys.argv[1:], begins=lambda: None)
