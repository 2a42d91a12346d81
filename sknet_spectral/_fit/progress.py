"""What goes along with all stages of a fit: randomness, a checkpoint and progress."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from tqdm import tqdm

from .checkpoints import Checkpoint


class NoBar:
    """The bar of a fit that shows nothing."""

    n = 0

    def __enter__(self) -> "NoBar":
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def update(self, n: int = 1) -> None:
        """Show nothing.

        Parameters
        ----------
        n : int, default=1
            Steps that are over.
        """

    def set_postfix(self, **values: Any) -> None:
        """Show nothing.

        Parameters
        ----------
        **values
            What is known by now.
        """


class _Bar(tqdm):
    # The thread that watches bars would outlive them.
    monitor_interval = 0


Bar: TypeAlias = tqdm | NoBar


@dataclass(frozen=True)
class Monitor:
    """Shows the stages of a fit, and tells callbacks of each epoch.

    Attributes
    ----------
    verbose : int or bool
        Whether to show bars.
    end_epoch : callable
        Called after each epoch; returns whether a callback asks to stop.
    """

    verbose: int | bool
    end_epoch: Callable[[], bool]

    def bar(self, stage: str, total: int = 1) -> Bar:
        """Return the bar of a stage, a context manager.

        Parameters
        ----------
        stage : str
            Name of the stage.
        total : int, default=1
            Number of its steps.

        Returns
        -------
        tqdm or NoBar
            The bar.
        """
        # Programs without a console have no stderr.
        has_stderr = sys.stderr is not None and not sys.stderr.closed
        if self.verbose and has_stderr:
            return _Bar(total=total, desc=stage)
        return NoBar()

    def of_epochs(self, bar: Bar) -> Callable[[list[float]], bool]:
        """Return a function of the losses so far that moves a bar.

        Parameters
        ----------
        bar : tqdm or NoBar
            The bar of a training.

        Returns
        -------
        callable
            It returns whether training should stop.
        """

        def progress(loss_curve: list[float]) -> bool:
            bar.set_postfix(loss=f"{loss_curve[-1]:.3g}")
            bar.update(len(loss_curve) - bar.n)
            return self.end_epoch()

        return progress


@dataclass(frozen=True)
class Run:
    """What all stages of one fit share.

    Attributes
    ----------
    random_state : numpy.random.RandomState
        The source of randomness.
    checkpoint : Checkpoint
        Keeps what a stage has found.
    monitor : Monitor
        Shows progress.
    """

    random_state: np.random.RandomState
    checkpoint: Checkpoint
    monitor: Monitor
