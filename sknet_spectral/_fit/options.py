"""The parameters of an estimator, by the stage of the fit that needs them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from torch import nn

from .._engine.automatic import automatic_sizes
from .._engine.networks.network import new_map
from .._engine.training.training_config import TrainingConfig
from .progress import Bar, Run

_AFFINITIES_BY_METRIC = "nearest_neighbors", "parameter_free"


@dataclass(frozen=True)
class GraphOptions:
    """How rows become a graph.

    Attributes
    ----------
    affinity : str or callable
        A name of an affinity, or a kernel of two rows.
    n_neighbors : int or None
        Number of neighbours of each row.
    weights : str
        How a distance becomes a weight.
    metric : str
        Distance between rows.
    gamma : callable
        Maps the number of features to the coefficient of kernels and "heat".
    kernel_params : dict
        Further arguments of a kernel.
    n_jobs : int or None
        Number of threads of a neighbour search.
    search_on_gpu : callable or None
        Searches for neighbours on a GPU.
    affinity_function : callable or None, default=None
        Function of all rows that returns their affinities, instead of `affinity`.
    """

    affinity: str | Callable
    n_neighbors: int | None
    weights: str
    metric: str
    gamma: Callable[[int], float]
    kernel_params: dict
    n_jobs: int | None
    search_on_gpu: Callable | None
    affinity_function: Callable | None = None

    @property
    def metric_of_rows(self) -> str | None:
        """The metric, or None if the affinity does not use it."""
        return self.metric if self.affinity in _AFFINITIES_BY_METRIC else None


@dataclass(frozen=True)
class EigenOptions:
    """Which eigenvectors, and how to find them.

    Attributes
    ----------
    laplacian : {"normalized", "unnormalized"}
        Whose eigenvectors.
    solver : {"arpack", "lobpcg", "amg", "stochastic"}
        How to find them.
    tol : float or "auto"
        Tolerance of the solver.
    """

    laplacian: str
    solver: str
    tol: float | Literal["auto"]


@dataclass(frozen=True)
class TrainingOptions:
    """Which network is trained, and how.

    Attributes
    ----------
    hidden_layer_sizes : int, sequence of int or "auto"
        Widths of the hidden layers.
    network : callable or None
        The user's function that builds a network instead.
    max_iter : int or "auto"
        Maximum number of epochs.
    batch_size : int or "auto"
        Rows, pairs or edges in a batch.
    learning_rate : float
        Maximum learning rate of Adam.
    tol : float
        The loss below which training ends.
    device : str
        Where to train.
    """

    hidden_layer_sizes: int | Sequence[int] | str
    network: Callable[[int, int], nn.Module] | None
    max_iter: int | str
    batch_size: int | str
    learning_rate: float
    tol: float
    device: str

    def layer_sizes(self, n_samples: int) -> list[int]:
        """Return the widths of the hidden layers for this number of rows."""
        automatic = automatic_sizes(n_samples).hidden_layer_sizes
        return np.atleast_1d(unless_auto(self.hidden_layer_sizes, automatic)).tolist()

    def new_map(self, X: Any, n_outputs: int, seed: int) -> nn.Module:
        """Build an untrained map of rows X of shape (n_samples, n_features)."""
        n_samples, n_features = X.shape
        return new_map(
            n_features,
            n_outputs,
            hidden_layer_sizes=self.layer_sizes(n_samples),
            network=self.network,
            seed=seed,
        )

    def config(
        self,
        n_epochs: int,
        batch_size: int,
        bar: Bar,
        run: Run,
    ) -> TrainingConfig:
        """Return what a training loop takes.

        Parameters
        ----------
        n_epochs : int
            Maximum number of epochs.
        batch_size : int
            Rows, pairs or edges in a batch.
        bar : tqdm or NoBar
            Shows the epochs.
        run : Run
            Randomness, checkpoint and progress.

        Returns
        -------
        TrainingConfig
            The options of the loop.
        """
        return TrainingConfig(
            n_epochs=n_epochs,
            batch_size=batch_size,
            learning_rate=self.learning_rate,
            tol=self.tol,
            seed=run.seeds.training,
            device=self.device,
            progress=run.monitor.of_epochs(bar),
            checkpoint=run.checkpoint,
        )


def unless_auto(value: Any, automatic: Any) -> Any:
    """Return a parameter's value, or the automatic one if it is "auto".

    Parameters
    ----------
    value : object
        What the user has set.
    automatic : object
        What "auto" stands for.

    Returns
    -------
    object
        One of the two.
    """
    return automatic if isinstance(value, str) and value == "auto" else value
