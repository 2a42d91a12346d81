"""Gradients of a batch: of all rows at once, or of its halves in two threads.

Threads of OpenMP meet after every operation, and spin while they wait: if another
process takes a core from them, a step takes many times as long. Two threads with half
of the rows each meet once in a step. The halves do not depend on the number of cores,
and neither do the bits.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeAlias

import torch

from ..threads import one_thread

# Both take a batch. The second adds the gradients of its loss to the parameters', and
# returns the loss.
Loss: TypeAlias = Callable[[torch.Tensor], torch.Tensor]
Gradients: TypeAlias = Callable[[torch.Tensor], torch.Tensor]


@contextmanager
def gradients_at_once(loss: Loss) -> Iterator[Gradients]:
    """Find the gradients of all rows of a batch.

    Parameters
    ----------
    loss : callable
        The loss of a batch.

    Yields
    ------
    callable
        Adds the gradients of a batch, and returns its loss.
    """

    def add(batch: torch.Tensor) -> torch.Tensor:
        value = loss(batch)
        value.backward()
        return value.detach()

    yield add


@contextmanager
def gradients_by_halves(loss: Loss) -> Iterator[Gradients]:
    """Find the gradients of both halves of a batch at the same time.

    Parameters
    ----------
    loss : callable
        The loss of a batch, a mean over its rows that draws nothing. It is called in
        two threads.

    Yields
    ------
    callable
        Adds the gradients of a batch, and returns its loss. Within the block, this
        thread has one thread of torch.
    """
    n_workers = min(2, torch.get_num_threads())

    def add_half(rows: torch.Tensor, n_rows: int) -> torch.Tensor:
        with one_thread():
            value = loss(rows) * (len(rows) / n_rows)
            value.backward()
            return value.detach()

    def add(batch: torch.Tensor) -> torch.Tensor:
        halves = batch.tensor_split(2)
        # A sum of two does not depend on which is first.
        first, second = workers.map(add_half, halves, [len(batch)] * 2)
        return first + second

    with one_thread(), ThreadPoolExecutor(n_workers) as workers:
        yield add
