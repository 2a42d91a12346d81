"""What all stages of a fit share: randomness, a checkpoint and progress."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, TypeAlias

import numpy as np
from tqdm.auto import tqdm

from .checkpoints import Checkpoint
from .seeds import Seeds

_MAX_SIZES = 12


class NoBar:
    """The bar of a fit that shows nothing."""

    n, total = 0, 0

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
            The loss so far.
        """


class _Bar(tqdm):
    # The thread that watches bars would outlive them.
    monitor_interval = 0


Bar: TypeAlias = tqdm | NoBar


@dataclass(frozen=True)
class Monitor:
    """Shows the stages of a fit, and tells callbacks of the fit and of each epoch.

    Attributes
    ----------
    verbose : int or bool
        Whether to show anything.
    end_epoch : callable
        Called after each epoch; returns whether a callback asks to stop.
    fit_task : callable
        Takes the rows, returns a context in which callbacks expect epochs.
    seconds : dict of str to float
        How long each stage took, in the order in which stages ended.
    begin : float
        When the fit began, in seconds.
    """

    verbose: int | bool
    end_epoch: Callable[[], bool]
    fit_task: Callable[[Any], AbstractContextManager[None]]
    seconds: dict[str, float] = field(default_factory=dict)
    begin: float = field(default_factory=perf_counter)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure the time of a stage, or of a further part of it.

        Parameters
        ----------
        name : str
            Name of the stage.
        """
        begin = perf_counter()
        yield
        seconds = perf_counter() - begin
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    @contextmanager
    def bar(self, name: str, total: int | None, unit: str = " epochs") -> Iterator[Bar]:
        """Measure the time of a stage, and show its bar.

        Parameters
        ----------
        name : str
            Name of the stage.
        total : int or None
            Number of its steps, None if it is not known.
        unit : str, default=" epochs"
            What a step is.

        Yields
        ------
        tqdm or NoBar
            The bar. Its `update` takes the number of steps since the last call.
        """
        new_bar = NoBar()
        if self._is_shown():
            # With miniters, a step that takes longer than those before it is shown.
            new_bar = _Bar(total=total, desc=name, unit=unit, miniters=1)
        with self.stage(name), new_bar as bar:
            yield bar
            # Training may stop early, and nobody knows how long a solver will take.
            bar.total = bar.n

    def close(self, outcome: str) -> None:
        """Show what the fit has found, and how long it took.

        Parameters
        ----------
        outcome : str
            What was found.
        """
        if not self._is_shown():
            return
        stages = ", ".join(
            f"{name} {seconds:.2f}" for name, seconds in self.seconds.items()
        )
        total = perf_counter() - self.begin
        print(f"{outcome} in {total:.2f} s: {stages}", file=sys.stderr)

    def _is_shown(self) -> bool:
        # Programs without a console have no stderr.
        has_stderr = sys.stderr is not None and not sys.stderr.closed
        return bool(self.verbose) and has_stderr

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


def describe_clusters(labels: np.ndarray) -> str:
    """Say how many clusters there are, and how large they are.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,)
        Cluster of each row.

    Returns
    -------
    str
        The sizes, the largest first; only the range if there are many clusters.
    """
    sizes = np.sort(np.unique(labels, return_counts=True)[1])[::-1]
    if len(sizes) == 1:
        return f"1 cluster of {sizes[0]} rows"
    if len(sizes) > _MAX_SIZES:
        return f"{len(sizes)} clusters of {sizes[-1]} to {sizes[0]} rows"
    shown = ", ".join(map(str, sizes[:-1]))
    return f"{len(sizes)} clusters of {shown} and {sizes[-1]} rows"


@dataclass(frozen=True)
class Run:
    """What all stages of one fit share.

    Attributes
    ----------
    seeds : Seeds
        The seed of each stage.
    checkpoint : Checkpoint
        Keeps what a stage has found.
    monitor : Monitor
        Shows progress.
    """

    seeds: Seeds
    checkpoint: Checkpoint
    monitor: Monitor
