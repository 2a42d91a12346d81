"""Augmentations for `augment`: moved images and noisy rows."""

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import torch
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import Interval
from torch.nn.functional import grid_sample

from .._persistence.saving import ESTIMATORS


class Augmentation(BaseEstimator):
    """A random change of rows that does not change their clusters.

    Two augmentations are equal if their classes and parameters are equal.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.__module__ == __name__:  # not a user's subclass
            ESTIMATORS[cls.__name__] = cls

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Augmentation) or type(self) is not type(other):
            return False
        return self.get_params() == other.get_params()


class ImageShifts(Augmentation):
    """Images that are shifted, rotated and zoomed at random.

    An augmentation for `augment` of :class:`SelfLabeling`,
    :class:`AutoencoderTransformer` and :class:`SiameseTransformer`. Each row is an
    image. Images are moved independently of each other, with bilinear interpolation.
    Pixels from outside an image repeat the nearest pixel of its edge, so the background
    may have any value.

    Parameters
    ----------
    shape : tuple of int, default=None
        Height and width of an image, and its number of channels if there are several.
        A row is a flattened image. None means square images with one channel.
    max_shift : float, default=0.1
        Largest shift in each direction, as a share of the height and of the width.
    max_rotation : float, default=10.0
        Largest angle of rotation about the centre, in degrees.
    max_zoom : float, default=0.0
        Largest change of size, as a share: 0.1 means factors from 0.9 to 1.1.

    See Also
    --------
    NoisyFeatures : The same for tables and spectra.

    References
    ----------
    Guo et al., "Deep embedded clustering with data augmentation", ACML 2018. The
    defaults are from this paper.

    Examples
    --------
    >>> import torch
    >>> from sklearn.datasets import load_digits
    >>> from sknet_spectral import ImageShifts
    >>> X, _ = load_digits(return_X_y=True)
    >>> shifts = ImageShifts((8, 8), max_shift=0.2)
    >>> shifts
    ImageShifts(max_shift=0.2, shape=(8, 8))
    >>> moved = shifts(torch.from_numpy(X), torch.Generator().manual_seed(0))
    >>> moved.shape
    torch.Size([1797, 64])
    """

    _parameter_constraints: dict = {
        "shape": [tuple, list, None],
        "max_shift": [Interval(Real, 0, 1, closed="both")],
        "max_rotation": [Interval(Real, 0, 180, closed="both")],
        "max_zoom": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(
        self,
        shape: Sequence[int] | None = None,
        *,
        max_shift: float = 0.1,
        max_rotation: float = 10.0,
        max_zoom: float = 0.0,
    ) -> None:
        self.shape = shape
        self.max_shift = max_shift
        self.max_rotation = max_rotation
        self.max_zoom = max_zoom

    def __call__(self, rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Return moved images.

        Parameters
        ----------
        rows : torch.Tensor of shape (n_rows, n_features)
            The images.
        generator : torch.Generator
            The only source of randomness.

        Returns
        -------
        torch.Tensor of shape (n_rows, n_features)
            The moved images, in the dtype of `rows`.

        Raises
        ------
        ValueError
            If a parameter has an invalid value, or `shape` does not fit the number of
            features.
        """
        self._validate_params()
        height, width, n_channels = self._shape_of(rows)
        images = rows.reshape(-1, height, width, n_channels).permute(0, 3, 1, 2)
        # A pixel is read from the place to which the inverse movement takes it.
        origin = self._origins(height, width, len(rows), rows.dtype, generator)
        moved = grid_sample(images, origin, padding_mode="border", align_corners=False)
        return moved.permute(0, 2, 3, 1).reshape(rows.shape)

    def _shape_of(self, rows: torch.Tensor) -> tuple[int, int, int]:
        """Return the height, the width and the number of channels of the images."""
        n_features = rows.shape[1]
        side = math.isqrt(n_features)
        shape = (side, side) if self.shape is None else tuple(self.shape)
        if len(shape) not in (2, 3) or not all(
            isinstance(size, Integral) and size >= 1 for size in shape
        ):
            raise ValueError(
                "shape must be (height, width) or (height, width, n_channels), all "
                f"positive integers, got {self.shape!r}."
            )
        if math.prod(shape) != n_features:
            raise ValueError(
                f"shape={self.shape!r} does not fit the {n_features} features of X: an "
                f"image of {' x '.join(map(str, shape))} has {math.prod(shape)}."
            )
        height, width, n_channels = (*shape, 1)[:3]
        return height, width, n_channels

    def _origins(
        self,
        height: int,
        width: int,
        n_images: int,
        dtype: torch.dtype,
        generator: torch.Generator,
    ) -> torch.Tensor:
        """Draw the place from which each pixel is read, for `grid_sample`.

        Its coordinates run from -1 to 1 along each side, whatever the length.
        """
        draws = torch.rand(4, n_images, generator=generator, dtype=dtype) * 2 - 1
        angle = draws[0] * math.radians(self.max_rotation)
        zoom = 1 + draws[1] * self.max_zoom
        cosine, sine = angle.cos() / zoom, angle.sin() / zoom
        sides = torch.tensor([width, height], dtype=dtype)
        shift = 2 * self.max_shift * draws[2:].T
        x, y = (_centers(int(side), dtype) for side in sides)
        along_x = torch.stack([cosine, sine], dim=1) * (2 / sides)
        along_y = torch.stack([-sine, cosine], dim=1) * (2 / sides)
        by_column = along_x[:, None, None, :] * x[:, None]
        by_row = along_y[:, None, None, :] * y[:, None, None] + shift[:, None, None, :]
        return by_column + by_row


class NoisyFeatures(Augmentation):
    """Rows with noise, and with some features of other rows.

    An augmentation for `augment` of :class:`SelfLabeling`,
    :class:`AutoencoderTransformer` and :class:`SiameseTransformer`, for tables and
    spectra. Columns may have any units: the noise of a column is proportional to its
    standard deviation in the batch. Each dropped feature is replaced with that of
    another row of the batch.

    Parameters
    ----------
    scale : float, default=0.1
        Standard deviation of the noise, as a share of the column's standard deviation.
    drop : float, default=0.1
        Share of the features of a row that are replaced, in [0, 1).

    See Also
    --------
    ImageShifts : The same for images.

    References
    ----------
    Bahri et al., "SCARF: Self-supervised contrastive learning using random feature
    corruption", ICLR 2022.

    Examples
    --------
    >>> import torch
    >>> from sklearn.datasets import load_iris
    >>> from sknet_spectral import NoisyFeatures
    >>> X, _ = load_iris(return_X_y=True)
    >>> noise = NoisyFeatures(scale=0.2)
    >>> noisy = noise(torch.from_numpy(X), torch.Generator().manual_seed(0))
    >>> noisy.shape
    torch.Size([150, 4])
    """

    _parameter_constraints: dict = {
        "scale": [Interval(Real, 0, None, closed="left")],
        "drop": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(self, *, scale: float = 0.1, drop: float = 0.1) -> None:
        self.scale = scale
        self.drop = drop

    def __call__(self, rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Return noisy rows.

        Parameters
        ----------
        rows : torch.Tensor of shape (n_rows, n_features)
            The rows.
        generator : torch.Generator
            The only source of randomness.

        Returns
        -------
        torch.Tensor of shape (n_rows, n_features)
            The noisy rows, in the dtype of `rows`.

        Raises
        ------
        ValueError
            If a parameter has an invalid value.
        """
        self._validate_params()
        drawn: dict[str, Any] = {"generator": generator, "dtype": rows.dtype}
        noise = torch.randn(rows.shape, **drawn) * (self.scale * _deviations(rows))
        others = rows[torch.randperm(len(rows), generator=generator)]
        is_dropped = torch.rand(rows.shape, **drawn) < self.drop
        return torch.where(is_dropped, others, rows) + noise


def _centers(n_pixels: int, dtype: torch.dtype) -> torch.Tensor:
    """Return the centres of a line of pixels, measured from its middle."""
    return torch.arange(n_pixels, dtype=dtype) - (n_pixels - 1) / 2


def _deviations(rows: torch.Tensor) -> torch.Tensor:
    """Return the standard deviation of each column without overflow."""
    largest = rows.abs().amax(dim=0)
    unit = rows / largest.masked_fill(largest == 0, 1.0)
    return unit.std(dim=0, correction=0) * largest
