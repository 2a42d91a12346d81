import threading

import pytest
import torch

from sknet_spectral._engine.modes import default_modes, float32_by_default


@pytest.mark.parametrize(
    "entered",
    [
        lambda: torch.autocast("cpu", torch.bfloat16),
        lambda: torch.device("meta"),
        torch.inference_mode,
        torch.no_grad,
    ],
)
def test_the_block_has_torch_s_initial_modes(entered):
    def modes():
        return (
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            torch.is_autocast_enabled("cpu"),
            torch.get_default_device(),
        )

    expected = modes()
    with entered():
        before = modes()
        with default_modes():
            assert modes() == expected
        assert modes() == before != expected


def test_threads_take_turns_with_the_default_dtype():
    begun, over = threading.Event(), threading.Event()

    def build():
        with float32_by_default():
            begun.set()
            over.wait(10)

    torch.set_default_dtype(torch.float64)
    try:
        first, second = (threading.Thread(target=build) for _ in range(2))
        first.start()
        begun.wait(10)
        second.start()
        over.set()
        first.join()
        second.join()
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
