"""The maps of rows to their embedding, which a fitted estimator keeps."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..._engine.networks.inference import embed
from ..._graph.eigenvectors.extension import NystromExtension
from ..._rows.rows import Matrix


class NetworkMap:
    """The map of rows of features.

    Parameters
    ----------
    network : StandardizedNetwork
        A trained network.
    """

    def __init__(self, network: Any) -> None:
        self.network = network

    def __call__(self, X: Matrix) -> np.ndarray:
        """Return the embedding, of shape (n_rows, n_components)."""
        return embed(self.network, X)


class ExtensionMap:
    """The map of rows that are affinities or distances to the training rows.

    Parameters
    ----------
    extension : NystromExtension
        Extends the eigenvectors.
    affinities : callable
        Maps rows to affinities.
    """

    def __init__(
        self, extension: NystromExtension, affinities: Callable[[Matrix], Matrix]
    ) -> None:
        self.extension, self.affinities = extension, affinities

    def __call__(self, X: Matrix) -> np.ndarray:
        """Return the embedding, of shape (n_rows, n_components)."""
        return self.extension(self.affinities(X))
