"""Which eigenvectors become components for clusters, with every rule of "auto"."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from ..._graph.affinities.construction import Affinity
from ..._graph.affinities.gaps import NoGaps
from ..._graph.clusters.eigengap import MAX_CLUSTERS
from ..._graph.clusters.least_sizes import at_least, min_group_rows, min_piece_rows
from ..._graph.clusters.rare_groups import (
    are_counted,
    min_rare_rows,
    with_counted_pieces,
    without_uncounted_groups,
)
from ..._graph.clusters.small_groups import Reduced, without_small_groups
from ..._graph.eigenvectors.laplacian import Laplacian
from ..spectral_map.components import Choice, CountsClusters, pieces_of
from .modular_choice import max_auto_components, most_modular_components

# Enough to show a gap after every possible number of clusters.
_AUTO_EIGENVALUES = MAX_CLUSTERS + 2


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
        The same for groups that are connected to others and take an eigenvector.
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
        """The smaller of the numbers of clusters and of components."""
        n_clusters = self.n_clusters or MAX_CLUSTERS
        return min(n_clusters, self.n_components or n_clusters)

    @property
    def distinct_rows(self) -> tuple[str, int]:
        """As many as clusters, unless their number is to be found."""
        return f"n_clusters={self.n_clusters}", self.n_clusters or 1

    def max_components(self, n_samples: int) -> int:
        """Return the largest number that any rule could choose."""
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
        pieces = pieces_of(affinity, labels)
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
        Larger groups lose theirs if the gap after so many is larger without them.
        """
        without = partial(without_small_groups, eigenvalues, Y, laplacian, n_wanted)
        large = without(self.min_group_rows(len(Y)))
        n_clusters = self._n_counting
        if n_clusters is None:
            return large
        if large.Y is not Y:
            rare = without(min_rare_rows(len(Y), n_clusters))
            if are_counted(rare.eigenvalues, large.eigenvalues, n_clusters):
                return rare
        if self.min_group_size is not None or self.compares_partitions:
            return large
        return without_uncounted_groups(large, laplacian, n_wanted, n_clusters)

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
