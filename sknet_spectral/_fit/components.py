"""Which eigenvectors become components, and every rule of "auto" about them."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .._graph.laplacian import MAX_CLUSTERS, MIN_SHARE, Laplacian
from .._rows.rows import Matrix
from .modular_choice import most_auto_components, most_modular_components

# As many show a gap after each possible number of clusters.
_AUTO_EIGENVALUES = MAX_CLUSTERS + 2


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

    def count_clusters(self, eigenvalues: np.ndarray) -> int:
        """Map the lowest eigenvalues to a number of clusters."""


class Components(Protocol):
    """What an estimator wants of the eigenspace."""

    @property
    def constant_first(self) -> bool:
        """Whether the constant eigenvector is the first component."""

    @property
    def compares_partitions(self) -> bool:
        """Whether numbers of components are compared by their partitions."""

    @property
    def max_connected(self) -> int:
        """How many connected components the embedding can tell apart."""

    def max_components(self, n_samples: int) -> int:
        """The largest number of components that may be chosen."""

    def live_on_many(self, laplacian: Laplacian, Y: np.ndarray) -> np.ndarray:
        """Tell which eigenvectors live on more than a few rows."""

    def choose(
        self,
        eigenvalues: np.ndarray,
        Y: np.ndarray,
        laplacian: Laplacian,
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

    def max_components(self, n_samples: int) -> int:
        """Return `n_components`."""
        return self.n_components

    def live_on_many(self, laplacian: Laplacian, Y: np.ndarray) -> np.ndarray:
        """Take all eigenvectors."""
        return np.ones(Y.shape[1], dtype=bool)

    def choose(
        self,
        eigenvalues: np.ndarray,
        Y: np.ndarray,
        laplacian: Laplacian,
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


@dataclass(frozen=True)
class ClusterComponents:
    """The lowest eigenvectors with the constant one, as many as there are clusters.

    Attributes
    ----------
    n_clusters : int or None
        Number of clusters; None means that the graph chooses it.
    n_components : int or None
        Number of components; None means as many as clusters.
    compares_partitions : bool
        Whether the graph chooses the components instead, by their partitions.
    unit_length : bool
        Whether rows of the embedding are scaled to unit length to find clusters.
    """

    n_clusters: int | None
    n_components: int | None
    compares_partitions: bool
    unit_length: bool
    constant_first: bool = True

    @property
    def max_connected(self) -> int:
        """As many as clusters or, if they are fewer, components."""
        n_clusters = self.n_clusters or MAX_CLUSTERS
        return min(n_clusters, self.n_components or n_clusters)

    def max_components(self, n_samples: int) -> int:
        """Return as many as any rule could take."""
        most = self.n_clusters or _AUTO_EIGENVALUES
        if self.compares_partitions:
            most = most_auto_components(most)
        most = self.n_components or most
        if self.n_clusters is None:
            most = max(most, _AUTO_EIGENVALUES)
        return min(most, n_samples)

    def live_on_many(self, laplacian: Laplacian, Y: np.ndarray) -> np.ndarray:
        """Pass over eigenvectors of a few rows if the graph chooses components."""
        if self.n_clusters is None or not self.compares_partitions:
            return np.ones(Y.shape[1], dtype=bool)
        on_many = laplacian.participation(Y) >= MIN_SHARE / self.n_clusters
        on_many[0] = True  # the constant one
        return on_many

    def choose(
        self,
        eigenvalues: np.ndarray,
        Y: np.ndarray,
        laplacian: Laplacian,
        graph: CountsClusters,
        random_state: np.random.RandomState,
    ) -> Choice:
        """Choose the number of clusters, then the components."""
        n_clusters = self.n_clusters
        if n_clusters is None:
            n_clusters = min(graph.count_clusters(eigenvalues), MAX_CLUSTERS)
        if not self.compares_partitions:
            return Choice(np.arange(self.n_components or n_clusters), n_clusters)
        columns = most_modular_components(
            Y,
            graph.compared_on,
            self.live_on_many(laplacian, Y),
            n_clusters,
            unit_length=self.unit_length,
            random_state=random_state,
        )
        return Choice(columns, n_clusters)

    def scale(self, eigenvalues: np.ndarray) -> np.ndarray:
        """Return ones."""
        return np.ones_like(eigenvalues)
