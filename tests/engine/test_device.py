"""Where torch runs."""

import pytest
import torch

from sknet_spectral._engine.device import (
    matmul_dtype,
    on_device,
    resolve_device,
)


def test_auto_means_the_gpu_if_there_is_one():
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    assert resolve_device("auto").type == expected
    assert resolve_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize("name", ["warp", "cuda:77", "meta"])
def test_a_device_that_cannot_be_used_is_named(name):
    with pytest.raises(ValueError, match=f"device='{name}' cannot be used here"):
        resolve_device(name)


def test_a_device_without_float64_is_named(monkeypatch):
    def no_float64(*shape, dtype, device):
        raise TypeError("Cannot convert a MPS Tensor to float64 dtype")

    monkeypatch.setattr(torch, "zeros", no_float64)
    with pytest.raises(ValueError, match=r"device='cpu' cannot be used here: .* MPS"):
        resolve_device("cpu")


def test_the_network_comes_back_even_from_an_error():
    network = torch.nn.Linear(2, 2)

    def fail_on_device():
        with on_device(network, torch.device("meta")):
            raise RuntimeError("stop")

    network.cpu = lambda: setattr(network, "returned", True)
    with pytest.raises(RuntimeError, match="stop"):
        fail_on_device()
    assert network.returned


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"avx512_bf16": False, "avx2": True}, torch.float32),
        ({}, torch.float32),
    ],
)
def test_bfloat16_is_used_if_the_processor_has_it(monkeypatch, capabilities, expected):
    monkeypatch.setattr(
        torch.cpu, "get_capabilities", lambda: capabilities, raising=False
    )
    assert matmul_dtype(torch.device("cpu")) is expected


@pytest.mark.parametrize("native", [False, True])
def test_bfloat16_is_used_if_the_gpu_has_it(monkeypatch, native):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **options: native)
    expected = torch.bfloat16 if native else torch.float32
    assert matmul_dtype(torch.device("cuda")) is expected


def test_other_devices_multiply_in_float32():
    assert matmul_dtype(torch.device("meta")) is torch.float32
