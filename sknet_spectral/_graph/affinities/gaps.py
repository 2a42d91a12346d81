"""The distances between the pieces of a graph, as far as they are known."""

from typing import Protocol

import numpy as np

from ..arrays import Edges, Flags, Integers, Matrix, is_sparse
from .shortest_edges import nearest_core_rows, shortest_forest, shortest_missing_edges


class Gaps(Protocol):
    """The known distances between rows, as far as joining pieces needs them."""

    def shortest_edges(self, rows: Integers, labels: Integers, n_pieces: int) -> Edges:
        """Find the shortest edges that leave at most `n_pieces` pieces."""

    def nearest_rows(self, in_core: Flags) -> Integers:
        """Find the row of the core that is nearest to each row outside it."""


class RowGaps:
    """Distances between rows of features.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    metric : str
        Name of the metric.
    """

    def __init__(self, X: Matrix, metric: str) -> None:
        self.X, self.metric = X, metric

    def shortest_edges(self, rows: Integers, labels: Integers, n_pieces: int) -> Edges:
        """Find the shortest edges that leave at most `n_pieces` pieces.

        Parameters
        ----------
        rows : ndarray of shape (n_rows,)
            Positions of the rows to join.
        labels : ndarray of shape (n_rows,)
            The piece of each row, counted from zero.
        n_pieces : int
            Number of pieces that may stay.

        Returns
        -------
        begin, end, lengths : ndarray of shape (n_edges,)
            The positions of the two rows that each edge joins, and its length.
        """
        begin, end, lengths = shortest_missing_edges(
            self.X[rows], labels, n_pieces, self.metric
        )
        return rows[begin], rows[end], lengths

    def nearest_rows(self, in_core: Flags) -> Integers:
        """Find the row of the core that is nearest to each row outside it.

        Parameters
        ----------
        in_core : ndarray of shape (n_samples,)
            Whether each row belongs to the core.

        Returns
        -------
        ndarray of shape (n_samples - in_core.sum(),)
            Positions of the nearest rows, -1 if no distance is known.
        """
        return nearest_core_rows(self.X, in_core, self.metric)


class StoredGaps:
    """Distances that a matrix stores; a sparse matrix stores only some of them.

    Parameters
    ----------
    distances : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The distances. Entries that a sparse matrix does not store are unknown.
    """

    def __init__(self, distances: Matrix) -> None:
        self.distances = distances

    def shortest_edges(self, rows: Integers, labels: Integers, n_pieces: int) -> Edges:
        """As in `RowGaps`, but fewer edges if too few distances are known."""
        number = np.full(self.distances.shape[0], -1)
        number[rows] = labels
        begin, end, lengths = self._crossing_edges(number)
        n_missing = labels.max() + 1 - n_pieces
        kept = shortest_forest(number[begin], number[end], lengths, n_missing)
        return begin[kept], end[kept], lengths[kept]

    def nearest_rows(self, in_core: Flags) -> Integers:
        """As in `RowGaps`."""
        end, begin, lengths = self._edges(in_core, ~in_core)
        order = np.lexsort((lengths, begin))[::-1]
        nearest = np.full(len(in_core), -1)
        nearest[begin[order]] = end[order]
        return nearest[~in_core]

    def _crossing_edges(self, number: Integers) -> Edges:
        """Return edges between pieces, including the shortest between any two."""
        if is_sparse(self.distances):
            return self._edges(number >= 0, number >= 0, number)
        pieces = range(number.max() + 1)
        edges = [self._edges(number == piece, number > piece) for piece in pieces]
        begin, end, lengths = zip(*edges, strict=True)
        return np.concatenate(begin), np.concatenate(end), np.concatenate(lengths)

    def _edges(
        self, inside: Flags, outside: Flags, number: Integers | None = None
    ) -> Edges:
        """Return edges from inside to outside.

        If the matrix is sparse, these are all stored edges; if it is dense, the
        shortest edge to each row outside.
        """
        if is_sparse(self.distances):
            stored = self.distances.tocoo()
            begin = np.concatenate([stored.row, stored.col])
            end = np.concatenate([stored.col, stored.row])
            kept = inside[begin] & outside[end]
            if number is not None:
                kept &= number[begin] != number[end]
            return begin[kept], end[kept], np.tile(stored.data, 2)[kept]
        rows, columns = np.flatnonzero(inside), np.flatnonzero(outside)
        if not len(columns):
            return columns, columns, np.zeros(0)
        between = self.distances[np.ix_(rows, columns)]
        return rows[between.argmin(axis=0)], columns, between.min(axis=0)


class NoGaps:
    """No known distances, as if only affinities are given."""

    def shortest_edges(self, rows: Integers, labels: Integers, n_pieces: int) -> Edges:
        """Return no edges."""
        return rows[:0], rows[:0], np.zeros(0)

    def nearest_rows(self, in_core: Flags) -> Integers:
        """Return -1 for each row outside the core."""
        return np.full(np.count_nonzero(~in_core), -1)
