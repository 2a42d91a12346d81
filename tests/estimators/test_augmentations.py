"""ImageShifts and NoisyFeatures: how far they go, and that nothing else moves."""

import time

import numpy as np
import pytest
import torch

from sknet_spectral import ImageShifts, NoisyFeatures
from tests.data import some_digits

DIGITS = torch.from_numpy(some_digits(200)[0])
DTYPES = [torch.float32, torch.float64]
READY = [ImageShifts(max_zoom=0.1), NoisyFeatures()]


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def movements(shifts, n_images=500):
    """Return the linear maps and the shifts, in pixels, of the centres of images.

    Two pictures hold the coordinates of their own pixels: what a pixel of their copies
    holds is where it came from.
    """
    height, width, *_ = shifts.shape
    y, x = torch.meshgrid(
        torch.arange(height, dtype=torch.float64) - (height - 1) / 2,
        torch.arange(width, dtype=torch.float64) - (width - 1) / 2,
        indexing="ij",
    )
    from_x, from_y = (
        shifts(picture.reshape(1, -1).expand(n_images, -1).clone(), seeded())
        for picture in (x, y)
    )
    origin = torch.stack([from_x, from_y], dim=2).view(-1, height, width, 2)
    middle = origin[:, height // 2 - 1 : height // 2 + 1, width // 2 - 1 :][:, :, :2]
    by_x = (middle[:, :, 1] - middle[:, :, 0]).mean(dim=1)
    by_y = (middle[:, 1] - middle[:, 0]).mean(dim=1)
    return torch.stack([by_x, by_y], dim=2).numpy(), middle.mean(dim=(1, 2)).numpy()


def test_images_are_shifted_by_a_share_of_their_sides():
    shape = (20, 40)
    linear, shift = movements(ImageShifts(shape, max_shift=0.1, max_rotation=0))
    unmoved = np.broadcast_to(np.eye(2), linear.shape)
    np.testing.assert_allclose(linear, unmoved, atol=1e-12)
    width_and_height = np.array([4.0, 2.0])
    assert (np.abs(shift) <= width_and_height).all()
    assert (shift.max(axis=0) > 0.95 * width_and_height).all()
    assert (shift.min(axis=0) < -0.95 * width_and_height).all()


@pytest.mark.parametrize("shape", [(20, 20), (20, 40)])
def test_images_are_rotated_about_their_centres(shape):
    linear, shift = movements(ImageShifts(shape, max_shift=0, max_rotation=15))
    np.testing.assert_allclose(shift, 0, atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(linear), 1)
    products = linear @ linear.transpose(0, 2, 1)
    np.testing.assert_allclose(
        products, np.broadcast_to(np.eye(2), products.shape), atol=1e-12
    )
    angles = np.rad2deg(np.arctan2(linear[:, 1, 0], linear[:, 0, 0]))
    assert 14 < angles.max() <= 15
    assert -15 <= angles.min() < -14


def test_images_are_zoomed_by_a_share():
    shifts = ImageShifts((20, 40), max_shift=0, max_rotation=0, max_zoom=0.2)
    linear, _ = movements(shifts)
    zoom = 1 / linear[:, 0, 0]
    np.testing.assert_allclose(linear, np.eye(2) / zoom[:, None, None], atol=1e-12)
    assert 1.19 < zoom.max() <= 1.2
    assert 0.8 <= zoom.min() < 0.81


def test_what_comes_in_repeats_the_edge():
    white = torch.full((5, 64), 255.0)
    torch.testing.assert_close(ImageShifts(max_shift=0.5)(white, seeded()), white)


def test_channels_move_together():
    shifts = ImageShifts((8, 8, 3))
    grey = DIGITS[:20]
    moved = shifts(grey.repeat_interleave(3, dim=1), seeded()).view(20, 64, 3)
    one_channel = ImageShifts()(grey, seeded())
    for channel in range(3):
        torch.testing.assert_close(moved[:, :, channel], one_channel)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (None, r"shape=None does not fit the 60 features of X: an image of 7 x 7"),
        ((8, 8), r"shape=\(8, 8\) does not fit the 60 features"),
        ((4, 5, 4), r"an image of 4 x 5 x 4 has 80"),
        ((60,), r"\(height, width\) or \(height, width, n_channels\)"),
        ((-6, -10), "all positive integers"),
        ((6.0, 10.0), "all positive integers"),
        ("6x10", "'shape' parameter of ImageShifts"),
    ],
)
def test_a_wrong_shape_is_named(shape, message):
    with pytest.raises(ValueError, match=message):
        ImageShifts(shape)(torch.zeros(5, 60), seeded())


@pytest.mark.parametrize(
    ("augment", "name"),
    [
        (ImageShifts(max_shift=-0.1), "max_shift"),
        (ImageShifts(max_rotation=200), "max_rotation"),
        (ImageShifts(max_zoom=1.0), "max_zoom"),
        (NoisyFeatures(scale=-1), "scale"),
        (NoisyFeatures(drop=1.0), "drop"),
    ],
)
def test_a_wrong_parameter_is_named(augment, name):
    with pytest.raises(ValueError, match=f"'{name}' parameter of"):
        augment(DIGITS, seeded())


def test_noise_is_in_proportion_to_the_deviation_of_its_column():
    rows = torch.randn(5000, 3, generator=seeded(), dtype=torch.float64)
    rows = rows * torch.tensor([1.0, 1e3, 0.0]) + torch.tensor([0.0, 1e6, 7.0])
    noise = NoisyFeatures(scale=0.2, drop=0)(rows, seeded(1)) - rows
    deviation = noise.std(dim=0) / rows.std(dim=0)
    np.testing.assert_allclose(deviation[:2], 0.2, rtol=0.05)
    assert (noise[:, 2] == 0).all()
    assert abs(noise.mean(dim=0) / noise.std(dim=0))[:2].max() < 0.1


def test_dropped_features_come_from_another_row():
    rows = torch.arange(4000.0).view(1000, 4)
    noisy = NoisyFeatures(scale=0, drop=0.3)(rows, seeded())
    is_dropped = noisy != rows
    assert abs(float(is_dropped.double().mean()) - 0.3) < 0.03
    assert (noisy % 4 == rows % 4).all()  # each in its own column
    assert set(noisy.unique().tolist()) <= set(rows.unique().tolist())


@pytest.mark.parametrize("unit", [1e-300, 1e300])
def test_noise_of_rows_in_any_unit_is_finite(unit):
    rows = torch.randn(50, 3, generator=seeded(), dtype=torch.float64)
    noisy = NoisyFeatures()(rows * unit, seeded())
    torch.testing.assert_close(noisy / unit, NoisyFeatures()(rows, seeded()))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("augment", READY)
def test_the_generator_alone_says_what_happens(augment, dtype):
    rows, state = DIGITS.to(dtype), torch.get_rng_state()
    given = rows.clone()
    first, again = augment(rows, seeded()), augment(rows, seeded())
    assert torch.equal(first, again)
    assert not torch.equal(first, augment(rows, seeded(1)))
    assert first.shape == rows.shape
    assert first.dtype == dtype
    assert torch.equal(rows, given)
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize("augment", READY)
def test_one_row_is_enough(augment):
    assert torch.isfinite(augment(DIGITS[:1], seeded())).all()


def test_equality_and_repr():
    assert ImageShifts((8, 8)) == ImageShifts((8, 8))
    assert ImageShifts((8, 8)) != ImageShifts((8, 8), max_shift=0.2)
    assert ImageShifts() != NoisyFeatures()
    assert repr(ImageShifts((8, 8), max_zoom=0.1)) == (
        "ImageShifts(max_zoom=0.1, shape=(8, 8))"
    )
    assert repr(NoisyFeatures(drop=0.2)) == "NoisyFeatures(drop=0.2)"


@pytest.mark.slow
def test_ten_thousand_images_take_less_than_a_third_of_a_second():
    images = torch.rand(10_000, 784, generator=seeded())
    shifts = ImageShifts((28, 28), max_zoom=0.1)
    seconds = []
    for _ in range(3):
        before = time.process_time()
        shifts(images, seeded())
        seconds.append(time.process_time() - before)
    assert min(seconds) < 0.3
