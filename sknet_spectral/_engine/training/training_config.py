"""The options of a training, which all objectives share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray


class Checkpoint(Protocol):
    """The stages that an earlier run of the same fit has kept."""

    def read(
        self, stage: str, check: Callable[[list[NDArray[Any]]], None]
    ) -> list[NDArray[Any]] | None:
        """Return the arrays of a stage, or None if there are none."""

    def write(self, stage: str, arrays: Sequence[NDArray[Any]]) -> None:
        """Keep the arrays of a stage."""

    def is_due(self) -> bool:
        """Tell whether the running stage should be kept now."""


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """The options of a training.

    Attributes
    ----------
    n_epochs : int
        Maximum number of epochs.
    batch_size : int
        Number of rows, pairs or edges in a batch.
    learning_rate : float
        Largest learning rate of Adam; Muon's is 20 times as large.
    tol : float
        Training ends once the mean loss of an epoch is below this.
    seed : int
        Seed of the batches and of everything else that training draws.
    device : str
        "auto" or the name of the device to train on.
    progress : callable
        Takes the losses so far, after each epoch; returns whether to stop.
    checkpoint : Checkpoint
        The state from which an interrupted training is resumed.
    """

    n_epochs: int
    batch_size: int
    learning_rate: float
    tol: float
    seed: int
    device: str
    progress: Callable[[list[float]], object]
    checkpoint: Checkpoint
