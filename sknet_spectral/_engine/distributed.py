"""One fit in several processes, the ranks of torch's process group.

Every rank calls the same `fit` on the same rows. All ranks draw the same batches, each
passes its share through the network, and all take the same steps. Without a process
group there is a single rank, and the functions return their arguments unchanged.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
from torch import distributed, nn
from torch.autograd.function import FunctionCtx

Result = TypeVar("Result")


def n_ranks() -> int:
    """Return the number of processes that fit together, or one without a group."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_world_size()
    return 1


def is_first_rank() -> bool:
    """Tell whether this process is the only one that may write files."""
    return n_ranks() == 1 or distributed.get_rank() == 0


def share_of(batch: torch.Tensor) -> torch.Tensor:
    """Return this rank's share of a batch that all ranks have drawn.

    Parameters
    ----------
    batch : Tensor of shape (n_rows, ...)
        The whole batch.

    Returns
    -------
    Tensor of shape (n_own_rows, ...)
        Consecutive rows of the batch. The sizes of the shares differ by at most one.

    Raises
    ------
    ValueError
        If there are fewer rows than ranks.
    """
    if n_ranks() == 1:
        return batch
    if len(batch) < n_ranks():
        raise ValueError(
            f"A batch of {len(batch)} is too small for the {n_ranks()} ranks of the "
            "process group: raise batch_size, or start fewer processes."
        )
    return batch.tensor_split(n_ranks())[distributed.get_rank()]


def mean_over_ranks(mean: torch.Tensor, n_rows: int) -> torch.Tensor:
    """Turn the mean over this rank's rows into the mean over the rows of all ranks.

    The result can be differentiated with respect to the rows of all ranks. If a loss is
    such a mean, each rank computes the gradient of the sum of all ranks' (equal) losses
    with respect to its own rows. `average_gradients` then gives the gradient of the
    loss of the whole batch.

    Parameters
    ----------
    mean : Tensor
        Mean over the rows of this rank.
    n_rows : int
        Number of rows of this rank.

    Returns
    -------
    Tensor
        The mean over all rows, the same bits on every rank.
    """
    if n_ranks() == 1:
        return mean
    count = mean.new_tensor([n_rows])
    total = _SumOverRanks.apply(torch.cat([mean.flatten() * count, count]))
    return (total[:-1] / total[-1]).view_as(mean)


def sum_over_ranks(tensors: Sequence[torch.Tensor]) -> None:
    """Replace tensors by their sums over all ranks, in place, without a gradient.

    Parameters
    ----------
    tensors : list of Tensor
        The tensors, with the same shapes on every rank.
    """
    if n_ranks() == 1:
        return
    # A single message costs less than one message per tensor.
    flat = torch.cat([tensor.flatten() for tensor in tensors])
    distributed.all_reduce(flat)
    parts = flat.split([tensor.numel() for tensor in tensors])
    for tensor, part in zip(tensors, parts, strict=True):
        tensor.copy_(part.view_as(tensor))


def average_gradients(network: nn.Module) -> None:
    """Replace the gradients of a network's parameters by their means over all ranks.

    Parameters
    ----------
    network : torch.nn.Module
        A network; every rank has a copy.
    """
    if n_ranks() == 1:
        return
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    sum_over_ranks(gradients)
    for gradient in gradients:
        gradient /= n_ranks()


@contextmanager
def one_network(network: nn.Module) -> Iterator[None]:
    """Give all ranks the first rank's weights and buffers, before and after the block.

    Training steps keep weights equal on identical machines. On different machines they
    may drift in the last bits, and each rank has its own buffers, such as the
    statistics of batch normalisation.

    Parameters
    ----------
    network : torch.nn.Module
        A network on the device of the training; every rank has a copy.
    """
    _copy_from_first_rank(network)
    yield
    _copy_from_first_rank(network)


def from_first_rank(compute: Callable[[], Result]) -> Result:
    """Compute on the first rank only, and send the result or the error to all ranks.

    Parameters
    ----------
    compute : callable
        Takes no arguments, returns an object that can be pickled.

    Returns
    -------
    object
        The result of `compute`.
    """
    if n_ranks() == 1:
        return compute()
    outcome: list[Any] = [None, None]
    if is_first_rank():
        try:
            outcome[0] = compute()
        except Exception as error:  # otherwise the other ranks would wait forever
            outcome[1] = error
    distributed.broadcast_object_list(outcome)
    result, failure = outcome
    if failure is not None:
        raise failure
    return result


def is_alike(value: Hashable) -> bool:
    """Tell whether a value is equal on all ranks.

    Parameters
    ----------
    value : hashable
        This rank's value.

    Returns
    -------
    bool
        The same answer on every rank.
    """
    values: list[Any] = [value]
    if n_ranks() > 1:
        values = [None] * n_ranks()
        distributed.all_gather_object(values, value)
    return len(set(values)) == 1


class _SumOverRanks(torch.autograd.Function):
    """The sum over all ranks; its gradients are summed in the same way."""

    @staticmethod
    def forward(ctx: FunctionCtx, tensor: torch.Tensor) -> torch.Tensor:
        total = tensor.clone(memory_format=torch.contiguous_format)
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: torch.Tensor) -> torch.Tensor:
        return _SumOverRanks.apply(gradient)


@torch.no_grad()
def _copy_from_first_rank(network: nn.Module) -> None:
    if n_ranks() > 1:
        for tensor in (*network.parameters(), *network.buffers()):
            copy = tensor.contiguous()
            distributed.broadcast(copy, src=0)
            tensor.copy_(copy)
