"""The sizes of a network and of its training, chosen by the number of rows.

The measurements behind them are in ``benchmarks/notes/small_data.rst``.
"""

import math
from typing import NamedTuple

_EDGES_IN_BATCH = 1024
# The quotient of the two sampled moments is biased by O(n_outputs / batch_size).
_EDGES_PER_OUTPUT = 100
_ENOUGH_STEPS = 2000


class Sizes(NamedTuple):
    """Sizes of a network and of its regression.

    Attributes
    ----------
    min_samples : int
        Smallest number of training rows for which these sizes are used.
    hidden_layer_sizes : tuple of int
        Widths of the hidden layers.
    batch_size : int
        Rows of a batch.
    n_epochs : int
        Number of epochs, unless it gives too few or too many steps.
    """

    min_samples: int
    hidden_layer_sizes: tuple[int, ...]
    batch_size: int
    n_epochs: int


_SIZES = (
    Sizes(30_000, (512, 256), 1024, 10),
    Sizes(4_000, (192, 192), 256, 8),
    Sizes(1_000, (192, 192), 128, 4),
    # Hardly trained, so that the map is the regression on many drawn units.
    Sizes(0, (256, 256), 128, 4),
)


def automatic_sizes(n_samples: int) -> Sizes:
    """Choose the sizes of a network and of its regression.

    Parameters
    ----------
    n_samples : int
        Number of training rows.

    Returns
    -------
    Sizes
        The sizes.
    """
    return next(sizes for sizes in _SIZES if n_samples >= sizes.min_samples)


def regression_epochs(n_samples: int, batch_size: int, min_steps: int = 50) -> int:
    """Choose the epochs of the regression.

    `automatic_sizes` gives the number of epochs. It is lowered if fewer take about
    2,000 steps, and raised if it gives fewer than `min_steps` steps.

    Parameters
    ----------
    n_samples : int
        Number of training rows.
    batch_size : int
        Rows of a batch.
    min_steps : int, default=50
        Minimum number of steps. A network that is not drawn from rows needs more.

    Returns
    -------
    int
        Number of epochs.
    """
    n_steps = math.ceil(n_samples / batch_size)
    n_epochs = automatic_sizes(n_samples).n_epochs
    enough = max(1, round(_ENOUGH_STEPS / n_steps))
    return automatic_epochs(
        n_steps, min_epochs=min(n_epochs, enough), min_steps=min_steps
    )


def automatic_edges_in_batch(n_outputs: int) -> int:
    """Choose the number of edges in a batch of the constrained spectral loss.

    Parameters
    ----------
    n_outputs : int
        Outputs of the network.

    Returns
    -------
    int
        Number of edges in a batch.
    """
    return max(_EDGES_IN_BATCH, _EDGES_PER_OUTPUT * n_outputs)


def automatic_epochs(
    n_steps: int, *, min_epochs: int, min_steps: int, max_epochs: int = 100
) -> int:
    """Choose the number of epochs: few on large data, more on small data.

    Parameters
    ----------
    n_steps : int
        Number of steps in an epoch.
    min_epochs, min_steps : int
        Minimum number of epochs, and of steps in all epochs.
    max_epochs : int, default=100
        Number of epochs beyond which `min_steps` does not count.

    Returns
    -------
    int
        Number of epochs.
    """
    return max(min_epochs, min(max_epochs, math.ceil(min_steps / n_steps)))
