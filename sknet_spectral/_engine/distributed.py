"""One fit by several processes, the ranks of torch's process group.

Every rank calls the same `fit` on the same rows. All draw the same batches, each
passes its share of them through the network, and all take the same steps. Without a
process group there is one rank, and what is given here comes back untouched.
"""

from contextlib import contextmanager

import torch
from torch import distributed


def n_ranks():
    """Return the number of processes that fit together, one without a group."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_world_size()
    return 1


def is_first_rank():
    """Whether this process is the one that may write files."""
    return n_ranks() == 1 or distributed.get_rank() == 0


def share_of(batch):
    """Return this rank's share of what all ranks have drawn alike.

    Parameters
    ----------
    batch : Tensor of shape (n_rows, ...)
        The whole batch.

    Returns
    -------
    Tensor of shape (n_own_rows, ...)
        Consecutive rows of it; the shares differ by at most one row.

    Raises
    ------
    ValueError
        If there are fewer rows than ranks.
    """
    if n_ranks() == 1:
        return batch
    if len(batch) < n_ranks():
        raise ValueError(
            f"A batch of {len(batch)} has no share for each of the {n_ranks()} ranks "
            "of the process group: raise batch_size, or start fewer processes."
        )
    return batch.tensor_split(n_ranks())[distributed.get_rank()]


def mean_over_ranks(mean, n_rows):
    """Turn the mean over a rank's own rows into that over the rows of all ranks.

    It can be differentiated: what follows on any rank has its gradient by the rows of
    all. With a loss that is such a mean, each rank then has the gradient of the sum of
    equal losses by its own rows, so that `average_gradients` gives the gradient of the
    loss of the whole batch.

    Parameters
    ----------
    mean : Tensor
        Mean over the rows of this rank.
    n_rows : int
        Their number.

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


def sum_over_ranks(tensors):
    """Replace tensors by their sums over all ranks, in place, without a gradient.

    Parameters
    ----------
    tensors : list of Tensor
        Of the same shapes on every rank.
    """
    if n_ranks() == 1:
        return
    # One message costs less than one for each.
    flat = torch.cat([tensor.flatten() for tensor in tensors])
    distributed.all_reduce(flat)
    parts = flat.split([tensor.numel() for tensor in tensors])
    for tensor, part in zip(tensors, parts, strict=True):
        tensor.copy_(part.view_as(tensor))


def average_gradients(network):
    """Replace the gradients of a network's parameters by their means over all ranks.

    Parameters
    ----------
    network : torch.nn.Module
        A network of which every rank has a copy.
    """
    if n_ranks() == 1:
        return
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    sum_over_ranks(gradients)
    for gradient in gradients:
        gradient /= n_ranks()


@contextmanager
def one_network(network):
    """Let all ranks begin and end with the first rank's weights and buffers.

    Steps keep them equal on like machines. Between unlike ones they may drift in the
    last bits; and statistics such as those of batch normalisation are each rank's own.

    Parameters
    ----------
    network : torch.nn.Module
        A network of which every rank has a copy, on the device of the training.
    """
    _copy_from_first_rank(network)
    yield
    _copy_from_first_rank(network)


def from_first_rank(compute):
    """Compute on the first rank only, and give the result, or the error, to all.

    Parameters
    ----------
    compute : callable
        Takes nothing, and returns what can be pickled.

    Returns
    -------
    object
        What it returned.
    """
    if n_ranks() == 1:
        return compute()
    outcome = [None, None]
    if is_first_rank():
        try:
            outcome[0] = compute()
        except Exception as error:  # the other ranks would wait for ever
            outcome[1] = error
    distributed.broadcast_object_list(outcome)
    result, failure = outcome
    if failure is not None:
        raise failure
    return result


def is_alike(value):
    """Whether a value is equal on all ranks.

    Parameters
    ----------
    value : hashable
        This rank's value.

    Returns
    -------
    bool
        The same answer on every rank.
    """
    values = [value]
    if n_ranks() > 1:
        values = [None] * n_ranks()
        distributed.all_gather_object(values, value)
    return len(set(values)) == 1


class _SumOverRanks(torch.autograd.Function):
    """The sum over all ranks; a gradient by it is summed in the same way."""

    @staticmethod
    def forward(ctx, tensor):
        total = tensor.clone(memory_format=torch.contiguous_format)
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx, gradient):
        return _SumOverRanks.apply(gradient)


@torch.no_grad()
def _copy_from_first_rank(network):
    if n_ranks() > 1:
        for tensor in (*network.parameters(), *network.buffers()):
            copy = tensor.contiguous()
            distributed.broadcast(copy, src=0)
            tensor.copy_(copy)
