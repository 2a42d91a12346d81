"""Spectral clustering by a neural network, as scikit-learn estimators."""

from ._clustering import SpectralNetClustering
from ._embedding import SpectralNetEmbedding

__version__ = "0.1.0.dev0"
__all__ = ["SpectralNetClustering", "SpectralNetEmbedding"]
