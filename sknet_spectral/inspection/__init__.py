"""Pictures of fitted estimators, as scikit-learn's displays; they need matplotlib."""

from ._affinity import AffinityDisplay
from ._cluster_sizes import ClusterSizesDisplay
from ._eigenvalues import EigenvalueDisplay
from ._embedding import SpectralEmbeddingDisplay
from ._loss_curve import LossCurveDisplay

__all__ = [
    "AffinityDisplay",
    "ClusterSizesDisplay",
    "EigenvalueDisplay",
    "LossCurveDisplay",
    "SpectralEmbeddingDisplay",
]
