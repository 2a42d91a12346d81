"""The comparison of rows with those of the cells near them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse

from ..arrays import Floats, Integers
from ..threads import call_in_threads
from .cells import Cells
from .neighbor_lists import NeighborLists

_MIN_RECALL = 0.99
MAX_COMPARED = 2**15  # rows with which a row is compared, in the mean
_FIRST_COMPARED = 500
_BATCHES_PER_ROOT = 0.15  # if all were as small as the first
_GROWTH, _MAX_BATCH = 1.5, 2**17
_BLOCK_ENTRIES = 2**19

Pairs = tuple[Integers, Integers, Floats]


class CellSearch:
    """Lists of the nearest rows, which grow better with every comparison of cells.

    A row x has the cell with the centre h, and the radius r of its neighbours among
    some near rows. A cell with the centre c can have nearer rows only if its boundary
    is within r, that is if ``|x - c|^2 - |x - h|^2 <= 2 r |c - h|``. A share of r in
    place of r finds most of them.

    Parameters
    ----------
    cells : Cells
        The rows. Here, a row's number is its place in the order of the cells.
    n_neighbors : int
        Length of the lists.

    Attributes
    ----------
    lists : NeighborLists
        The nearest rows so far.
    """

    def __init__(self, cells: Cells, n_neighbors: int) -> None:
        self.cells, self.gaps = cells, cells.gaps()
        self.lists = NeighborLists(len(cells.order), n_neighbors)
        call_in_threads(self._begin_lists, range(len(cells.centers)))
        self.limits = self.lists.limits
        self.radii = np.sqrt(self.limits)

    def _begin_lists(self, cell: int) -> None:
        """Compare the rows of a cell with those of the cells around it."""
        cells, rows = self.cells, self.cells.members(cell)
        order = np.argsort(self.gaps[cell], kind="stable")
        n_rows = np.cumsum(np.diff(cells.starts)[order])
        n_near = 1 + np.searchsorted(
            n_rows, max(_FIRST_COMPARED, self.lists.length + 1)
        )
        near = map(cells.members, order[:n_near])
        others = np.concatenate([np.arange(s.start, s.stop) for s in near])
        around = self._around(others, cell)
        distances = _extended(cells.residuals[rows]) @ around.T
        distances[others == np.arange(rows.start, rows.stop)[:, None]] = np.inf
        self.lists.fill(rows, others, distances)

    def calibrated_share(self, sample: Integers, n_neighbors: int) -> float:
        """Return the share of the radius with which nearly all neighbours are found.

        Parameters
        ----------
        sample : ndarray of shape (n_sample,)
            Rows that have been compared with a share of one, so that their lists are
            right.
        n_neighbors : int
            Number of neighbours that are to be found.

        Returns
        -------
        float
            The share, less if a search with it would take too long.
        """
        cells, sizes = self.cells, np.diff(self.cells.starts)
        rows = np.repeat(sample, n_neighbors)
        others = self.lists.rows_of(sample)[:, :n_neighbors].ravel()
        # Either row of a pair may find the other.
        shares = np.minimum(
            self._shares(rows, cells.centers[cells.home[others]]),
            self._shares(others, cells.centers[cells.home[rows]]),
        )
        wanted = np.quantile(shares, _MIN_RECALL, method="higher")
        costs = np.array([self._shares(row, cells.centers) for row in sample])
        order = np.argsort(costs, axis=None)
        n_compared = np.cumsum(sizes[order % len(sizes)]) / len(sample)
        n_affordable = np.count_nonzero(n_compared[:-1] < MAX_COMPARED)
        affordable = costs.ravel()[order[n_affordable]]
        return float(min(wanted, affordable))

    def _shares(self, rows: Integers, centers: Floats) -> Floats:
        """Return the share of a row's radius that reaches the cell of a centre."""
        cells = self.cells
        shifts = centers - cells.centers[cells.home[rows]]
        gaps = np.einsum("...d,...d->...", shifts, shifts)
        excess = gaps - 2 * np.einsum("...d,...d->...", shifts, cells.residuals[rows])
        excess = np.maximum(excess, 0)
        reach = 2 * self.radii[rows] * np.sqrt(gaps)
        out_of_reach = (excess > 0).astype(np.float32)
        return np.divide(excess, reach, out=out_of_reach, where=excess < reach)

    def batches(self) -> Iterator[Integers]:
        """Cut rows into batches that grow, each of cells from everywhere.

        The first batches shorten the lists' limits, so that later ones have few pairs.
        """
        starts = self.cells.starts
        stride = 1 + int(_BATCHES_PER_ROOT * np.sqrt(len(self.limits)))
        turns = np.argsort(np.arange(len(starts) - 1) % stride, kind="stable")
        sizes = np.diff(starts)[turns]
        done = np.cumsum(sizes) - sizes
        first = len(self.limits) / stride
        while len(turns):
            last = max(first, min((_GROWTH - 1) * done[0], _MAX_BATCH)) + done[0]
            n_cells = max(1, np.searchsorted(done, last))
            cells = np.sort(turns[:n_cells])
            yield np.concatenate([np.arange(*starts[c : c + 2]) for c in cells])
            turns, done = turns[n_cells:], done[n_cells:]

    def compare(self, rows: Integers, share: float) -> None:
        """Compare rows with those of the cells near them; both may enter the lists.

        Parameters
        ----------
        rows : ndarray of shape (n_rows,)
            The rows, ascending.
        share : float
            Share of a row's radius that reaches the cells to search. With one, nothing
            is missed but by rounding.
        """
        queries = self._near(rows, np.float32(share))
        found: list[list[Pairs]] = [[] for _ in queries]

        def search_cell(cell: int) -> None:
            found[cell] += self._nearer(queries[cell], cell)

        call_in_threads(search_cell, range(len(queries)))
        pairs = [pair for of_cell in found for pair in of_cell]
        if pairs:
            found.clear()
            columns = [np.concatenate(part) for part in zip(*pairs, strict=True)]
            pairs.clear()
            self.lists.merge(*columns)
            self.limits = self.lists.limits

    def _near(self, rows: Integers, share: np.float32) -> list[Integers]:
        """List, for each cell, which of some rows are near it."""
        n_cells = len(self.gaps)
        starts = np.searchsorted(rows, self.cells.starts)
        homes = np.flatnonzero(np.diff(starts))
        found: list[Any] = [None] * len(homes)

        def look_around(number: int) -> None:
            home = homes[number]
            some = rows[starts[home] : starts[home + 1]]
            gaps, residuals = self.gaps[home], self.cells.residuals[some]
            reach = share * self.radii[some]
            lengths = np.sqrt(np.einsum("rd,rd->r", residuals, residuals))
            # A cell farther away than this is near none of the rows.
            cells = np.flatnonzero(gaps <= 2.001 * (lengths + reach).max())
            gaps, centers = gaps[cells], self.cells.centers[cells]
            # |x - c|^2 <= |x - h|^2 + 2 share r |c - h|, halved, in terms of x - h.
            left = np.column_stack([residuals, reach, np.ones_like(reach)])
            shifts = centers - self.cells.centers[home]
            right = np.column_stack([shifts, gaps, -np.square(gaps) / 2])
            row, cell = np.divmod(np.flatnonzero(left @ right.T >= 0), len(cells))
            found[number] = some[row].astype(np.int32), cells[cell].astype(np.int32)

        call_in_threads(look_around, range(len(homes)))
        places, cells = (np.concatenate(part) for part in zip(*found, strict=True))
        by_cell = sparse.coo_matrix(
            (places, (cells, np.arange(len(cells), dtype=np.int32))),
            shape=(n_cells, len(cells)),
        ).tocsr()
        return np.split(by_cell.data, by_cell.indptr[1:-1])

    def _nearer(self, queries: Integers, cell: int) -> Iterator[Pairs]:
        """Yield the pairs of a query and a member that belong in a list of theirs."""
        members = self.cells.members(cell)
        rows = _extended(self.cells.residuals[members])
        limits = self.limits[members]
        size = 1 + _BLOCK_ENTRIES // len(rows)
        for start in range(0, len(queries), size):
            some = queries[start : start + size]
            distances = self._around(some, cell) @ rows.T
            is_near = distances <= self.limits[some][:, None]
            is_near |= distances <= limits
            entries = np.flatnonzero(is_near)
            first, second = np.divmod(entries, len(rows))
            distances = distances.ravel()[entries]
            first, second = some[first], (second + members.start).astype(np.int32)
            for row, other in ((first, second), (second, first)):
                kept = (distances <= self.limits[row]) & (row != other)
                yield row[kept], other[kept], distances[kept]

    def _around(self, places: Integers, cell: int) -> Floats:
        """Return rows x, minus the centre of a cell, as x, |x|^2 and 1."""
        cells = self.cells
        rows = np.empty((len(places), cells.centers.shape[1] + 2), np.float32)
        x = rows[:, :-2]
        # `take` needs half the time of an index.
        home = cells.home.take(places, mode="clip")
        np.add(
            cells.residuals.take(places, axis=0, mode="clip"),
            cells.centers.take(home, axis=0, mode="clip"),
            out=x,
        )
        x -= cells.centers[cell]
        np.einsum("rd,rd->r", x, x, out=rows[:, -2])
        rows[:, -1] = 1
        return rows


def _extended(residuals: Floats) -> Floats:
    """Return rows y as -2 y, 1 and |y|^2, whose product with others is the distance."""
    rows = np.empty((len(residuals), residuals.shape[1] + 2), dtype=np.float32)
    rows[:, :-2], rows[:, -2] = -2 * residuals, 1
    np.einsum("rd,rd->r", residuals, residuals, out=rows[:, -1])
    return rows
