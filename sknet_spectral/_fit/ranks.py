"""Work that the first of several ranks does for all."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from .._engine.distributed import from_first_rank, n_ranks

T = TypeVar("T")


def on_first_rank(function: Callable[[], T], random_state: np.random.RandomState) -> T:
    """Compute what another rank might not repeat, and let all draw the same after it.

    Parameters
    ----------
    function : callable
        Computes the value, and may draw from `random_state`.
    random_state : numpy.random.RandomState
        Ends in the same state on all ranks.

    Returns
    -------
    object
        The value of the first rank.
    """
    if n_ranks() == 1:
        return function()
    value, state = from_first_rank(lambda: (function(), random_state.get_state()))
    random_state.set_state(state)
    return value
