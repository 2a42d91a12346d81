"""Which eigenvectors become components: what an estimator says, and the embedding."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..._graph.affinities.construction import Affinity
from ..._graph.clusters.least_sizes import at_least
from ..._graph.clusters.small_groups import Reduced
from ..._graph.components import strongly_joined
from ..._graph.eigenvectors.laplacian import Laplacian
from ..._rows.rows import Matrix

# A piece with fewer rows than this share of the mean piece counts as outliers.
_MIN_PIECE = 0.05


@dataclass(frozen=True)
class Choice:
    """The columns that were chosen.

    Attributes
    ----------
    columns : ndarray of shape (n_components,)
        Positions among the eigenvectors.
    n_clusters : int or None, default=None
        The number of clusters, if there are any.
    """

    columns: np.ndarray
    n_clusters: int | None = None


class CountsClusters(Protocol):
    """The part of a graph that a choice of components reads."""

    @property
    def compared_on(self) -> Matrix:
        """The affinities on which partitions are compared."""

    def count_clusters(
        self,
        eigenvalues: np.ndarray,
        Y: np.ndarray,
        random_state: np.random.RandomState,
    ) -> int:
        """Count clusters by the lowest eigenvalues and their eigenvectors."""


class Components(Protocol):
    """Which components an estimator needs."""

    @property
    def constant_first(self) -> bool:
        """Whether the constant eigenvector is the first component."""

    @property
    def compares_partitions(self) -> bool:
        """Whether numbers of components are compared by their partitions."""

    @property
    def max_connected(self) -> int:
        """How many connected components the embedding can tell apart."""

    @property
    def distinct_rows(self) -> tuple[str, int]:
        """The parameter that needs distinct rows, with its value, and how many."""

    def max_components(self, n_samples: int) -> int:
        """The largest number of components that may be chosen."""

    def large_pieces(
        self, affinity: Affinity, labels: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return a piece of the graph for each row, and which pieces are large enough.

        Parameters
        ----------
        affinity : Affinity
            The graph.
        labels : ndarray of shape (n_samples,)
            Its connected components.

        Returns
        -------
        pieces : ndarray of shape (n_samples,)
            The piece of each row.
        is_large : ndarray of shape (n_pieces,)
            Whether a piece may be a cluster or have a component of its own.
        """

    def min_group_rows(self, n_samples: int) -> float:
        """Return the number of rows below which a group takes no eigenvector."""

    def of_large_groups(
        self,
        eigenvalues: np.ndarray,
        Y: np.ndarray,
        laplacian: Laplacian,
        n_wanted: int,
    ) -> Reduced:
        """Leave out eigenvectors of groups with too few rows, but keep `n_wanted`."""

    def choose(
        self,
        eigenvalues: np.ndarray,
        Y: np.ndarray,
        graph: CountsClusters,
        random_state: np.random.RandomState,
    ) -> Choice:
        """Choose among eigenvectors Y, which begin with the first possible one."""

    def scale(self, eigenvalues: np.ndarray) -> np.ndarray:
        """Return the length of each component, a factor of its eigenvector."""


@dataclass(frozen=True)
class EmbeddingComponents:
    """The lowest eigenvectors without the constant one.

    Attributes
    ----------
    n_components : int
        How many.
    diffusion_time : float or None
        Time of the diffusion map by which they are scaled.
    """

    n_components: int
    diffusion_time: float | None
    constant_first: bool = False
    compares_partitions: bool = False

    @property
    def max_connected(self) -> int:
        """One more than components: the constant eigenvector counts too."""
        return self.n_components + 1

    @property
    def distinct_rows(self) -> tuple[str, int]:
        """One row more than components: rows that are all equal have none."""
        return f"n_components={self.n_components}", self.n_components + 1

    def max_components(self, n_samples: int) -> int:
        """Return `n_components`."""
        return self.n_components

    def large_pieces(
        self, affinity: Affinity, labels: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Take all pieces, or leave out outliers if there are too many."""
        pieces = pieces_of(affinity, labels)
        sizes = np.bincount(pieces)
        if len(sizes) <= self.max_connected:
            return pieces, np.ones(len(sizes), dtype=bool)
        min_rows = _MIN_PIECE * len(pieces) / self.max_connected
        return pieces, at_least(sizes, min_rows)

    def min_group_rows(self, n_samples: int) -> float:
        """Return one: every group takes its eigenvectors."""
        return 1

    def of_large_groups(
        self,
        eigenvalues: np.ndarray,
        Y: np.ndarray,
        laplacian: Laplacian,
        n_wanted: int,
    ) -> Reduced:
        """Take all eigenvectors."""
        return Reduced(eigenvalues, Y, min_rows=1, is_doubtful=False)

    def choose(
        self,
        eigenvalues: np.ndarray,
        Y: np.ndarray,
        graph: CountsClusters,
        random_state: np.random.RandomState,
    ) -> Choice:
        """Choose the first."""
        return Choice(np.arange(self.n_components))

    def scale(self, eigenvalues: np.ndarray) -> np.ndarray:
        """Return ones, or the powers of a diffusion map."""
        if self.diffusion_time is None:
            return np.ones_like(eigenvalues)
        return np.clip(1.0 - eigenvalues, 0.0, None) ** self.diffusion_time


def pieces_of(affinity: Affinity, labels: np.ndarray) -> np.ndarray:
    """Return the pieces of a graph of rows that weak edges do not join.

    Parameters
    ----------
    affinity : Affinity
        The graph.
    labels : ndarray of shape (n_samples,)
        Its connected components.

    Returns
    -------
    ndarray of shape (n_samples,)
        The piece of each row.
    """
    of_rows = affinity.gaps is None and affinity.n_neighbors
    return strongly_joined(affinity.W) if of_rows else labels
