"""Spectral clustering by a neural network, as scikit-learn estimators."""

from ._clustering import SpectralNetClustering
from ._embedding import SpectralNetEmbedding
from ._version import __version__

__all__ = ["SpectralNetClustering", "SpectralNetEmbedding", "__version__"]
