"""The package ``spectralnet`` 1.1.0 as an estimator, and a limit of its time."""

import random
import signal
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from accuracy_spaces import import_peer
from scipy import sparse


class SpectralNet:
    """Its defaults, a seed, no weights of an earlier fit, and entries in [0, 1].

    One shift and one scale of all entries, as its own example has of pixels, leave the
    distances in proportion; without them it ends in NaN or singular matrices on
    pendigits.

    Parameters
    ----------
    n_clusters : int
        Number of clusters.
    seed : int
        Seed of all the global generators that it draws from.
    learned : bool
        Whether it trains its autoencoder and its Siamese network.
    """

    def __init__(self, n_clusters, seed, *, learned):
        self.n_clusters = n_clusters
        self.seed = seed
        self.learned = learned

    def fit_predict(self, X):
        self.least, self.most = X.min(), X.max()
        package = import_peer("spectralnet")
        random.seed(self.seed)
        np.random.seed(self.seed)
        torch.manual_seed(self.seed)
        with tempfile.TemporaryDirectory() as folder:
            # It saves its first two networks beside its modules and loads them,
            # untrained, for whatever comes next.
            for trainer in "_ae_trainer", "_siamesenet_trainer":
                module = sys.modules[f"spectralnet._trainers.{trainer}"]
                module.__file__ = str(Path(folder) / "trainer.py")
            self.model = package.SpectralNet(
                n_clusters=self.n_clusters,
                should_use_ae=self.learned,
                should_use_siamese=self.learned,
                spectral_hiddens=[1024, 1024, 512, self.n_clusters],
            )
            self.model.fit(self._tensor(X))
        return self.predict(X)

    def predict(self, X):
        return self.model.predict(self._tensor(X))

    def _tensor(self, X):
        rows = X.toarray() if sparse.issparse(X) else X
        scaled = (rows - self.least) / (self.most - self.least)
        return torch.from_numpy(scaled.astype(np.float32))


@contextmanager
def time_limit(seconds):
    """Raise TimeoutError in what takes longer."""

    def stop(number, frame):
        raise TimeoutError(f"{seconds} seconds are over")

    previous = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)
