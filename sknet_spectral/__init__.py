"""Spectral clustering by a neural network, as scikit-learn estimators."""

from typing import TYPE_CHECKING, Any

# It remembers which process has imported the package.
from . import _forked_process as _forked_process
from ._version import __version__

__all__ = [
    "AutoencoderTransformer",
    "ImageShifts",
    "NoisyFeatures",
    "SelfLabeling",
    "SiameseTransformer",
    "SpectralNetClustering",
    "SpectralNetEmbedding",
    "__version__",
]

if TYPE_CHECKING:
    from ._estimators import (
        AutoencoderTransformer,
        ImageShifts,
        NoisyFeatures,
        SelfLabeling,
        SiameseTransformer,
        SpectralNetClustering,
        SpectralNetEmbedding,
    )
else:

    def __getattr__(name: str) -> Any:
        """Import the estimators, and torch with them, when one is first named."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import _estimators

        return getattr(_estimators, name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
