"""The nearest rows found so far, as lists that take further rows."""

import numpy as np
from scipy import sparse

from ..arrays import Floats, Integers
from ..threads import call_in_threads

_BLOCK_ENTRIES = 2**18
_HALF = np.uint64(32)
_LOWER = np.uint64(2**32 - 1)
_NOTHING = np.uint64(2**64 - 1)


class NeighborLists:
    """For each row, the nearest of the rows with which it has been compared.

    An entry is one integer: the bits of the squared distance, above those of the row.
    The order of these integers is that of the distances, and of the rows where they are
    equal. It depends neither on the order of the comparisons nor on threads.

    Parameters
    ----------
    n_rows, n_neighbors : int
        Number and length of the lists.
    """

    def __init__(self, n_rows: int, n_neighbors: int) -> None:
        self._entries = np.full((n_rows, n_neighbors), _NOTHING)

    @property
    def length(self) -> int:
        """The length of each list."""
        return self._entries.shape[1]

    @property
    def limits(self) -> Floats:
        """The squared distance of each row's last neighbour."""
        return (self._entries[:, -1] >> _HALF).astype(np.uint32).view(np.float32)

    def rows_of(self, rows: Integers | slice) -> Integers:
        """Return the neighbours of some rows, the nearest first."""
        return (self._entries[rows] & _LOWER).astype(np.int64)

    def fill(self, rows: slice, others: Integers, distances: Floats) -> None:
        """Begin the lists of some rows.

        Parameters
        ----------
        rows : slice
            The rows.
        others : ndarray of shape (n_others,)
            The rows with which all of them have been compared.
        distances : ndarray of shape (n_rows, n_others)
            Their squared distances, at least as many as a list is long.
        """
        entries = _bits(distances) << _HALF | others.astype(np.uint64)
        self._entries[rows] = _first(entries, self.length)

    def merge(self, rows: Integers, others: Integers, distances: Floats) -> None:
        """Enter pairs in the lists.

        Parameters
        ----------
        rows, others : ndarray of shape (n_pairs,)
            The row of the list, and the row to enter. A pair may stand in a list, or
            twice among the pairs.
        distances : ndarray of shape (n_pairs,)
            Their squared distances.
        """
        n_rows = len(self._entries)
        # By row, then by the row to enter, so that a pair finds itself.
        found = others.astype(np.uint64) << _HALF | _bits(distances)
        positions = np.arange(len(rows), dtype=np.int32)
        by_row = sparse.coo_matrix(
            (found, (rows, positions)), shape=(n_rows, max(1, len(rows)))
        ).tocsr()
        counts = np.diff(by_row.indptr)
        longer = np.flatnonzero(counts)
        longer = longer[np.argsort(counts[longer], kind="stable")]

        def merge_block(block: Integers) -> None:
            self._entries[block] = self._merged(block, counts[block], by_row)

        call_in_threads(merge_block, _alike(longer, counts))

    def _merged(
        self, rows: Integers, counts: Integers, found: sparse.csr_matrix
    ) -> Integers:
        known = self._entries[rows]
        length = known.shape[1]
        entries = np.full((len(rows), length + counts.max()), _NOTHING)
        entries[:, :length] = _swapped(known)
        place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        data = found.data[np.repeat(found.indptr[rows], counts) + place]
        entries[np.repeat(np.arange(len(rows)), counts), length + place] = data
        entries.sort(axis=1)
        same = entries[:, 1:] >> _HALF == entries[:, :-1] >> _HALF
        entries[:, 1:][same] = _NOTHING
        return _first(_swapped(entries), length)


def _bits(distances: Floats) -> Integers:
    positive = np.maximum(distances, 0, dtype=np.float32)
    return positive.view(np.uint32).astype(np.uint64)


def _swapped(entries: Integers) -> Integers:
    return entries << _HALF | entries >> _HALF


def _first(entries: Integers, length: int) -> Integers:
    first = np.partition(entries, length - 1, axis=1)[:, :length]
    first.sort(axis=1)
    return first


def _alike(rows: Integers, counts: Integers) -> list[Integers]:
    """Cut rows, by the number of their pairs, into blocks of a limited size."""
    blocks, stop = [], len(rows)
    while stop:
        size = 1 + _BLOCK_ENTRIES // int(counts[rows[stop - 1]])
        start = max(0, stop - min(size, 2**14))
        blocks.append(rows[start:stop])
        stop = start
    return blocks
