"""What the stages of a fit ask of a checkpoint."""

from typing import Protocol

from .._engine.training import training_config
from .._rows.rows import Matrix


class Checkpoint(training_config.Checkpoint, Protocol):
    """Keeps what a stage has found, for the same fit in another process."""

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
