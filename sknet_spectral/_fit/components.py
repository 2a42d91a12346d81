"""Which eigenvectors become components, and every rule of "auto" about them."""

from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from .._graph.construction import Affinity
from .._graph.eigengap import MAX_CLUSTERS
from .._graph.gaps import NoGaps
from .._graph.laplacian import Laplacian
from .._graph.rare_groups import are_counted, min_rare_rows, with_counted_pieces
from .._graph.small_groups import (
    Reduced,
    at_least,
    min_group_rows,
    min_piece_rows,
    strongly_joined,
    without_small_groups,
)
from .._rows.rows import Matrix
from .modular_choice import max_auto_components, most_modular_components

# As many show a gap after each possible number of clusters.
_AUTO_EIGENVALUES = MAX_CLUSTERS + 2
# A piece with fewer rows than this share of an embedding's mean piece is some outliers.
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
        pieces = _pieces(affinity, labels)
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
        return Reduced(eigenvalues, Y, is_doubtful=False)

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
    min_cluster_size : int, float or None
        Least number of rows of a piece that is a cluster, or their share; None means a
        rule.
    min_group_size : int, float or None
        The same for groups that hang on others, which take an eigenvector.
    """

    n_clusters: int | None
    n_components: int | None
    compares_partitions: bool
    unit_length: bool
    min_cluster_size: int | float | None
    min_group_size: int | float | None
    constant_first: bool = True

    @property
    def max_connected(self) -> int:
        """As many as clusters or, if they are fewer, components."""
        n_clusters = self.n_clusters or MAX_CLUSTERS
        return min(n_clusters, self.n_components or n_clusters)

    @property
    def distinct_rows(self) -> tuple[str, int]:
        """As many as clusters, unless their number is to be found."""
        return f"n_clusters={self.n_clusters}", self.n_clusters or 1

    def max_components(self, n_samples: int) -> int:
        """Return as many as any rule could take."""
        most = self.n_clusters or _AUTO_EIGENVALUES
        if self.compares_partitions:
            most = max_auto_components(most)
        most = self.n_components or most
        if self.n_clusters is None:
            most = max(most, _AUTO_EIGENVALUES)
        return min(most, n_samples)

    def large_pieces(
        self, affinity: Affinity, labels: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Take pieces with enough rows."""
        pieces = _pieces(affinity, labels)
        sizes = np.bincount(pieces)
        min_rows = min_piece_rows(
            self.min_cluster_size,
            sizes,
            self.max_connected,
            can_follow=not isinstance(affinity.gaps, NoGaps),
        )
        is_large = at_least(sizes, min_rows)
        n_clusters = self._n_counting
        if n_clusters is not None:
            is_large = with_counted_pieces(affinity.W, pieces, is_large, n_clusters)
        return pieces, is_large

    def min_group_rows(self, n_samples: int) -> float:
        """Return `min_group_size` as a number of rows."""
        n_clusters = self.n_clusters or MAX_CLUSTERS
        return min_group_rows(self.min_group_size, n_samples, n_clusters)

    def of_large_groups(
        self,
        eigenvalues: np.ndarray,
        Y: np.ndarray,
        laplacian: Laplacian,
        n_wanted: int,
    ) -> Reduced:
        """Leave out eigenvectors of groups with fewer rows than `min_group_size`.

        Rare groups keep their eigenvectors if the number of clusters counts them.
        """
        without = partial(without_small_groups, eigenvalues, Y, laplacian, n_wanted)
        large = without(self.min_group_rows(len(Y)))
        n_clusters = self._n_counting
        if n_clusters is None or large.Y is Y:
            return large
        rare = without(min_rare_rows(len(Y), n_clusters))
        is_counted = are_counted(rare.eigenvalues, large.eigenvalues, n_clusters)
        return rare if is_counted else large

    @property
    def _n_counting(self) -> int | None:
        """The number of clusters that may count rare groups; None if none does."""
        counts = self.min_cluster_size is None and self.max_connected == self.n_clusters
        return self.n_clusters if counts else None

    def choose(
        self,
        eigenvalues: np.ndarray,
        Y: np.ndarray,
        graph: CountsClusters,
        random_state: np.random.RandomState,
    ) -> Choice:
        """Choose the number of clusters, then the components."""
        n_clusters = self.n_clusters
        if n_clusters is None:
            found = graph.count_clusters(eigenvalues, Y, random_state)
            n_clusters = min(found, MAX_CLUSTERS)
        if not self.compares_partitions:
            return Choice(np.arange(self.n_components or n_clusters), n_clusters)
        n_components = most_modular_components(
            Y,
            graph.compared_on,
            n_clusters,
            unit_length=self.unit_length,
            random_state=random_state,
        )
        return Choice(np.arange(n_components), n_clusters)

    def scale(self, eigenvalues: np.ndarray) -> np.ndarray:
        """Return ones."""
        return np.ones_like(eigenvalues)


def _pieces(affinity: Affinity, labels: np.ndarray) -> np.ndarray:
    """Return the pieces of a graph of rows that weak edges do not join."""
    of_rows = affinity.gaps is None and affinity.n_neighbors
    return strongly_joined(affinity.W) if of_rows else labels
