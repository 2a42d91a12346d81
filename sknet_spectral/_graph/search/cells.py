"""A partition of rows into the Voronoi cells of k-means."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.spatial.distance import cdist

from ..arrays import Floats, Integers
from ..threads import call_in_threads

_CELLS_GROWTH, _CELLS_SHARE = 2 / 3, 1 / 4
_ROWS_PER_CENTER = 20
_LLOYD_ITERATIONS = 3
# A cell of rows that are nearly the same would otherwise be compared as a whole.
_MAX_ROWS = 2048
_BLOCK_ENTRIES = 2**20


class Cells(NamedTuple):
    """Rows in the order of their cells, as residuals.

    Attributes
    ----------
    centers : ndarray of shape (n_cells, n_features)
        The centre of each cell.
    order : ndarray of shape (n_samples,)
        The row at each place. A cell's rows have consecutive places.
    starts : ndarray of shape (n_cells + 1,)
        The first place of each cell, and the number of rows.
    home : ndarray of shape (n_samples,)
        The cell of each place.
    residuals : ndarray of shape (n_samples, n_features)
        The row at each place minus the centre of its cell, in single precision. Rows
        close to each other keep their differences wherever they lie.
    """

    centers: Floats
    order: Integers
    starts: Integers
    home: Integers
    residuals: Floats

    def members(self, cell: int) -> slice:
        """Return the places of a cell."""
        return slice(self.starts[cell], self.starts[cell + 1])

    def gaps(self) -> Floats:
        """Return the distances between all centres, in single precision."""
        gaps = np.empty((len(self.centers),) * 2, dtype=np.float32)

        def measure(rows: slice) -> None:
            gaps[rows] = cdist(self.centers[rows], self.centers)

        call_in_threads(measure, _blocks(len(gaps), len(gaps)))
        return gaps


def make_cells(X: Floats, random_state: np.random.RandomState) -> Cells:
    """Cut rows into n^(2/3) / 4 cells by k-means on some of them.

    The result does not depend on the number of threads.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The rows.
    random_state : numpy.random.RandomState
        Draws the rows on which k-means runs, and its first centres.

    Returns
    -------
    Cells
        The cells that have rows.
    """
    n_cells = max(1, int(_CELLS_SHARE * len(X) ** _CELLS_GROWTH))
    some = X[random_state.permutation(len(X))[: _ROWS_PER_CENTER * n_cells]]
    some = some.astype(np.float32)
    centers = some[:n_cells]
    for _ in range(_LLOYD_ITERATIONS):
        centers = _means(some, _nearest(some, centers), centers)
    home = _nearest(X, centers)
    order = np.argsort(home, kind="stable")
    sizes = np.bincount(home, minlength=len(centers))
    n_pieces = -(-sizes // _MAX_ROWS)
    kept = np.repeat(np.arange(len(sizes)), n_pieces)
    piece = np.arange(len(kept)) - np.repeat(np.cumsum(n_pieces) - n_pieces, n_pieces)
    sizes = (sizes[kept] + piece) // n_pieces[kept]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    home = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    centers = centers[kept]
    residuals = np.empty(X.shape, dtype=np.float32)
    for rows in _blocks(len(X), X.shape[1]):
        residuals[rows] = X[order[rows]] - centers[home[rows]]
    return Cells(centers, order, starts, home, residuals)


def _nearest(X: Floats, centers: Floats) -> Integers:
    """Return the nearest centre of each row."""
    home = np.empty(len(X), dtype=np.int32)
    half_norms = np.einsum("cd,cd->c", centers, centers) / 2

    def assign(rows: slice) -> None:
        products = X[rows].astype(np.float32, copy=False) @ centers.T
        products -= half_norms
        home[rows] = products.argmax(axis=1)

    call_in_threads(assign, _blocks(len(X), len(centers)))
    return home


def _means(X: Floats, home: Integers, centers: Floats) -> Floats:
    """Move each centre to the mean of its rows, if it has any."""
    sizes = np.bincount(home, minlength=len(centers))
    shape = len(centers), len(X)
    ones = np.ones(len(X), dtype=np.float32)
    members = sparse.csr_matrix((ones, (home, np.arange(len(X)))), shape=shape)
    means = (members @ X) / np.maximum(sizes, 1)[:, None].astype(np.float32)
    return np.where(sizes[:, None] > 0, means, centers)


def _blocks(n_rows: int, n_columns: int) -> list[slice]:
    """Cut rows into blocks of moderate size, whatever the number of threads is."""
    size = 1 + _BLOCK_ENTRIES // n_columns
    return [slice(i, i + size) for i in range(0, n_rows, size)]
