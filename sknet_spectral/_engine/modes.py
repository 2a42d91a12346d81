"""Torch's initial modes, independent of the modes that the caller has entered."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import RLock

import torch

_AUTOCAST_DEVICES = "cpu", "cuda"
_one_at_a_time = RLock()


@contextmanager
def default_modes() -> Iterator[None]:
    """Leave the caller's modes within the block, in this thread alone.

    The modes are autocast, `torch.inference_mode`, `torch.no_grad` and the default
    device. Each would change what a network learns or returns. All entry points of the
    engine are decorated with this. The default dtype stays, because all threads share
    it; every tensor of the engine names its own dtype.
    """
    with ExitStack() as modes:
        # This also turns gradients on.
        modes.enter_context(torch.inference_mode(False))
        for device in _AUTOCAST_DEVICES:
            if torch.is_autocast_enabled(device):
                modes.enter_context(torch.autocast(device, enabled=False))
        if torch.get_default_device().type != "cpu":
            modes.enter_context(torch.device("cpu"))
        yield


@contextmanager
def float32_by_default() -> Iterator[None]:
    """Make float32 the default dtype of the process, for one thread at a time.

    The initial weights of a user's network then do not depend on the default.
    """
    with _one_at_a_time:
        before = torch.get_default_dtype()
        torch.set_default_dtype(torch.float32)
        try:
            yield
        finally:
            torch.set_default_dtype(before)
