"""What each rank of a process group does, started by torch's launcher.

Run as ``python -m torch.distributed.run ... -m tests.distributed_fit FOLDER``.
"""

import sys
import warnings
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_limits
from torch import distributed

from sknet_spectral import SiameseTransformer, SpectralNetClustering
from sknet_spectral._estimators import network_estimator
from tests.data import SMALL, some_digits

FITS = {
    "eigenvectors": {},
    "stochastic": {"eigen_solver": "stochastic"},
    "siamese": {
        "affinity_transformer": SiameseTransformer(
            3, hidden_layer_sizes=8, max_iter=3, random_state=0
        )
    },
}


def clustering(**parameters):
    """Build a model for one process and for two ranks."""
    parameters = {"batch_size": 101, "max_iter": 10, **SMALL, **parameters}
    return SpectralNetClustering(4, **parameters)


def fitted_arrays(model):
    """Return all that a fit has found, by name."""
    arrays = {
        "labels": model.labels_,
        "embedding": model.embedding_,
        "losses": np.array(model.loss_curve_),
        "affinity": model.affinity_matrix_.toarray(),
    }
    weights = model.network_.state_dict()
    return arrays | {name: tensor.numpy() for name, tensor in weights.items()}


def fit_and_keep(X, rank, folder):
    """Fit, and fit again with what the first rank has kept."""

    def no_epoch(estimator):
        raise AssertionError("An epoch is trained again.")

    for name, parameters in FITS.items():
        model = clustering(checkpoint_dir=folder / f"kept {rank}", **parameters)
        np.savez(folder / f"{name} {rank}.npz", **fitted_arrays(model.fit(X)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(network_estimator, "end_epoch", no_epoch)
            model.fit(X)
        np.savez(folder / f"{name} again {rank}.npz", **fitted_arrays(model))


def refuse(X, rank):
    """Fit what ranks cannot fit together: each of them has to say so."""
    with pytest.raises(ValueError, match="process group needs random_state"):
        clustering(random_state=None).fit(X)
    for model, rows in [
        (clustering(max_iter=5), X[rank:]),
        (clustering(max_iter=5 + rank), X),
    ]:
        with pytest.raises(ValueError, match=r"2 ranks .* do not fit the same"):
            model.fit(rows)
    # Only the first rank builds the graph, but all ranks raise its error.
    with pytest.raises(ValueError, match="negative"):
        clustering(max_iter=5).fit(X, affinity_matrix=-np.ones((len(X), len(X))))


def main(folder):
    distributed.init_process_group("gloo", timeout=timedelta(seconds=60))
    torch.set_num_threads(1)
    rank = distributed.get_rank()
    X, _ = some_digits()
    with threadpool_limits(1):
        refuse(X, rank)
        with warnings.catch_warnings():
            # A few steps are enough to compare.
            warnings.filterwarnings("ignore", "The spectral loss fell")
            fit_and_keep(X, rank, folder)
    distributed.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
