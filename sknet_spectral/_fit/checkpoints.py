"""What the stages of a fit ask of a checkpoint."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from .._rows.rows import Matrix

Arrays = Sequence[np.ndarray]
Check = Callable[[list[np.ndarray]], None]


class Checkpoint(Protocol):
    """Keeps what a stage has found, for the same fit in another process."""

    def read(self, stage: str, check: Check) -> list[np.ndarray] | None:
        """Return what a stage has left.

        Parameters
        ----------
        stage : str
            Name of the stage.
        check : callable
            Takes its arrays, and raises a ValueError or TypeError if the stage cannot
            have left them.

        Returns
        -------
        list of ndarray or None
            Its arrays; None if there are none.
        """

    def write(self, stage: str, arrays: Arrays) -> None:
        """Keep what a stage has found.

        Parameters
        ----------
        stage : str
            Name of the stage.
        arrays : sequence of ndarray
            Its arrays.
        """

    def is_due(self) -> bool:
        """Tell whether a stage that is under way should be kept now."""

    def of_space(self, Z: Matrix) -> "Checkpoint":
        """Return the checkpoint of the same fit in a learned space.

        Parameters
        ----------
        Z : {ndarray, csr_matrix} of shape (n_samples, n_components)
            The rows there. A transformer of unknown kind may not repeat itself.

        Returns
        -------
        Checkpoint
            One that differs for other rows.
        """
