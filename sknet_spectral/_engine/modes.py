"""The modes that torch begins in, whatever the caller has entered."""

from contextlib import ExitStack, contextmanager
from threading import RLock

import torch

_AUTOCAST_DEVICES = "cpu", "cuda"
_one_at_a_time = RLock()


@contextmanager
def default_modes():
    """Leave the caller's modes for a while, those of this thread alone.

    They are autocast, `torch.inference_mode`, `torch.no_grad` and the default device,
    any of which would change what a network learns or answers. Every function by which
    the engine is entered is decorated with this. The default dtype is the process's,
    other threads see it too: it stays, and every tensor of the engine names its own.
    """
    with ExitStack() as modes:
        # Gradients are recorded again, too.
        modes.enter_context(torch.inference_mode(False))
        for device in _AUTOCAST_DEVICES:
            if torch.is_autocast_enabled(device):
                modes.enter_context(torch.autocast(device, enabled=False))
        if torch.get_default_device().type != "cpu":
            modes.enter_context(torch.device("cpu"))
        yield


@contextmanager
def float32_by_default():
    """Make float32 the default dtype of the process, for one thread at a time.

    A user's network then begins with the same weights, whatever the default is.
    """
    with _one_at_a_time:
        before = torch.get_default_dtype()
        torch.set_default_dtype(torch.float32)
        try:
            yield
        finally:
            torch.set_default_dtype(before)
