"""Displays of fitted estimators, in the style of scikit-learn. They need matplotlib."""

from ._affinity import AffinityDisplay
from ._cluster_numbers import ClusterNumbersDisplay
from ._cluster_sizes import ClusterSizesDisplay
from ._cluster_tree import ClusterTreeDisplay
from ._contingency import ContingencyDisplay
from ._eigenvalues import EigenvalueDisplay
from ._embedding import SpectralEmbeddingDisplay
from ._loss_curve import LossCurveDisplay
from ._planar_map import PlanarMapDisplay
from ._stability import StabilityDisplay

__all__ = [
    "AffinityDisplay",
    "ClusterNumbersDisplay",
    "ClusterSizesDisplay",
    "ClusterTreeDisplay",
    "ContingencyDisplay",
    "EigenvalueDisplay",
    "LossCurveDisplay",
    "PlanarMapDisplay",
    "SpectralEmbeddingDisplay",
    "StabilityDisplay",
]
