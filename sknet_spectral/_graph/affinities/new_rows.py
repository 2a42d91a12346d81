"""Affinities of new rows, if rows are given by their edges to the training rows."""

from functools import cached_property
from typing import Any

from scipy import sparse

from ..arrays import Matrix, Neighbors, is_sparse
from ..search.stored_neighbors import stored_neighbors
from .affinity import TrainingScales, query_affinity, training_scales
from .kernels import check_affinities
from .rounding import rounded_to_zero


class GivenAffinities:
    """Takes new rows that are affinities to the training rows."""

    def __call__(self, X: Matrix) -> Matrix:
        """Check the affinities and return them."""
        X = rounded_to_zero(X)
        check_affinities(X.data if is_sparse(X) else X, "X")
        return X


class StoredDistances:
    """Turns new rows that are distances to near training rows into affinities.

    Parameters
    ----------
    neighbors : Neighbors of shape (n_samples, n_neighbors)
        Neighbours among the training rows, which determine their scales.
    n_neighbors : int or None
        Number of distances of a new row that are used; None means all.
    weights, gamma
        As in `neighbor_affinity`.
    """

    def __init__(
        self,
        neighbors: Neighbors,
        n_neighbors: int | None,
        *,
        weights: str,
        gamma: float,
    ) -> None:
        self.neighbors, self.n_neighbors = neighbors, n_neighbors
        self.weights, self.gamma = weights, gamma

    def __getstate__(self) -> dict[str, Any]:
        # The scales can be computed again.
        return {name: value for name, value in vars(self).items() if name != "_scales"}

    @cached_property
    def _scales(self) -> TrainingScales:
        """The scales of the training rows, which take longer than a few new rows do."""
        return training_scales(self.neighbors, self.weights)

    def __call__(self, X: Matrix) -> sparse.csr_matrix:
        """Return the affinities of new rows, of shape (n_queries, n_samples)."""
        found = stored_neighbors(rounded_to_zero(X), self.n_neighbors)
        return query_affinity(
            found, self._scales, weights=self.weights, gamma=self.gamma
        )
