"""Tiny numbers count as zero, whatever the caller has told numpy of them."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def tiny_is_zero() -> Iterator[None]:
    """Let numbers underflow to zero, as they do by default, within the block."""
    # np.errstate as a decorator keeps its state for all threads in numpy 1.26.
    with np.errstate(under="ignore"):
        yield
