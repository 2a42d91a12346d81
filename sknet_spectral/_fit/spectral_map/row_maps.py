"""The maps of rows to their embedding, and what a fit learns with them."""

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class LearnedMap:
    """A map of rows, and what was learned on the way.

    Attributes
    ----------
    row_map : NetworkMap or ExtensionMap
        Maps rows to their embedding.
    embedding : ndarray of shape (n_samples, n_components)
        The embedding of the rows of the graph, float64.
    eigenvalues : ndarray of shape (n_components,)
        Ritz value of each component.
    spectrum : ndarray of shape (n_spectrum,)
        All eigenvalues among which components were chosen. The first one belongs to the
        constant eigenvector.
    n_clusters : int or None
        Number of clusters, if it was wanted.
    min_rows : float
        Least number of rows of a group that has a component.
    loss_curve : list of float
        Loss of each epoch; empty if nothing was trained.
    batch_size : int or None
        Rows or edges in a batch; None if nothing was trained.
    """

    row_map: NetworkMap | ExtensionMap
    embedding: np.ndarray
    eigenvalues: np.ndarray
    spectrum: np.ndarray
    n_clusters: int | None
    min_rows: float
    loss_curve: list[float]
    batch_size: int | None
