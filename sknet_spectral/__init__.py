"""Spectral clustering by a neural network, as scikit-learn estimators."""

from ._estimators.augmentations import ImageShifts, NoisyFeatures
from ._estimators.autoencoder import AutoencoderTransformer
from ._estimators.clustering import SpectralNetClustering
from ._estimators.embedding import SpectralNetEmbedding
from ._estimators.siamese import SiameseTransformer
from ._version import __version__

__all__ = [
    "AutoencoderTransformer",
    "ImageShifts",
    "NoisyFeatures",
    "SiameseTransformer",
    "SpectralNetClustering",
    "SpectralNetEmbedding",
    "__version__",
]
