"""Where torch runs: the device, and its threads after a fork."""

import os

import torch

_IMPORTING_PROCESS = os.getpid()


def resolve_device(device):
    """Turn "auto" into the fastest device at hand.

    Parameters
    ----------
    device : str
        "auto" or a name that torch knows.

    Returns
    -------
    torch.device
        The device.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        resolved = torch.device(device)
        torch.empty(0, device=resolved)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(
            f"device={device!r} cannot be used here: {error}. Use 'auto' or 'cpu'."
        ) from error
    return resolved


def prepare_forked_process():
    """Run torch on one thread in a forked child.

    A parallel operation there waits for threads that the fork did not copy. The
    parent's own count is never changed.
    """
    if os.getpid() != _IMPORTING_PROCESS and torch.get_num_threads() > 1:
        torch.set_num_threads(1)
