"""Spectral clustering by a neural network, as scikit-learn estimators."""

from ._autoencoder import AutoencoderTransformer
from ._clustering import SpectralNetClustering
from ._embedding import SpectralNetEmbedding
from ._siamese import SiameseTransformer
from ._version import __version__

__all__ = [
    "AutoencoderTransformer",
    "SiameseTransformer",
    "SpectralNetClustering",
    "SpectralNetEmbedding",
    "__version__",
]
