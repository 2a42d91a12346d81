"""How far the pieces of a graph are from each other, by what is known of its rows."""

import numpy as np
from scipy import sparse

from .shortest_edges import nearest_core_rows, shortest_forest, shortest_missing_edges


class RowGaps:
    """Gaps between rows of features.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    metric : str
        Name of the metric.
    """

    def __init__(self, X, metric):
        self.X, self.metric = X, metric

    def shortest_edges(self, rows, labels, n_pieces):
        """Find the shortest edges that leave at most so many pieces of some rows.

        Parameters
        ----------
        rows : ndarray of shape (n_rows,)
            Positions of the rows.
        labels : ndarray of shape (n_rows,)
            Their pieces, from zero.
        n_pieces : int
            How many may stay.

        Returns
        -------
        begin, end, lengths : ndarray of shape (n_edges,)
            The edges, by positions of rows.
        """
        begin, end, lengths = shortest_missing_edges(
            self.X[rows], labels, n_pieces, self.metric
        )
        return rows[begin], rows[end], lengths

    def nearest_rows(self, in_core):
        """Find the row of the core that is nearest to each row outside it.

        Parameters
        ----------
        in_core : ndarray of shape (n_samples,)
            Which rows are the core, bool.

        Returns
        -------
        ndarray of shape (n_samples - in_core.sum(),)
            Positions of rows; -1 where none is known to be near.
        """
        return nearest_core_rows(self.X, in_core, self.metric)


class StoredGaps:
    """Gaps by stored distances, of which a sparse matrix knows but some.

    Parameters
    ----------
    distances : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The distances; what a sparse matrix does not store is unknown.
    """

    def __init__(self, distances):
        self.distances = distances

    def shortest_edges(self, rows, labels, n_pieces):
        """As in `RowGaps`; fewer edges where too few distances are known."""
        number = np.full(self.distances.shape[0], -1)
        number[rows] = labels
        begin, end, lengths = self._crossing(number)
        n_missing = labels.max() + 1 - n_pieces
        kept = shortest_forest(number[begin], number[end], lengths, n_missing)
        return begin[kept], end[kept], lengths[kept]

    def nearest_rows(self, in_core):
        """As in `RowGaps`."""
        end, begin, lengths = self._edges(in_core, ~in_core)
        order = np.lexsort((lengths, begin))[::-1]
        nearest = np.full(len(in_core), -1)
        nearest[begin[order]] = end[order]
        return nearest[~in_core]

    def _crossing(self, number):
        """Return edges between pieces, the shortest of each two among them."""
        if sparse.issparse(self.distances):
            return self._edges(number >= 0, number >= 0, number)
        pieces = range(number.max() + 1)
        edges = [self._edges(number == piece, number > piece) for piece in pieces]
        return (np.concatenate(part) for part in zip(*edges, strict=True))

    def _edges(self, inside, outside, number=None):
        """Return edges to other rows; of a whole matrix, the nearest to each."""
        if sparse.issparse(self.distances):
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
    """Affinities alone say nothing of how far pieces are."""

    def shortest_edges(self, rows, labels, n_pieces):
        """As in `RowGaps`, none."""
        return rows[:0], rows[:0], np.zeros(0)

    def nearest_rows(self, in_core):
        """As in `RowGaps`, none."""
        return np.full(np.count_nonzero(~in_core), -1)
