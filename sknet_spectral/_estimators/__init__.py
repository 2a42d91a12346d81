"""The estimators: parameters, validation, and what a fit publishes."""

from .augmentations import ImageShifts, NoisyFeatures
from .autoencoder import AutoencoderTransformer
from .clustering import SpectralNetClustering
from .embedding import SpectralNetEmbedding
from .self_labeling import SelfLabeling
from .siamese import SiameseTransformer

__all__ = [
    "AutoencoderTransformer",
    "ImageShifts",
    "NoisyFeatures",
    "SelfLabeling",
    "SiameseTransformer",
    "SpectralNetClustering",
    "SpectralNetEmbedding",
]
