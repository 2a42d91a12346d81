"""Rows in memory."""

from collections.abc import Callable, Sequence

import numpy as np

from .rows import Matrix, map_chunks


class MemoryRows:
    """Rows in memory, already validated.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_rows, n_features)
        The rows.
    """

    def __init__(self, X: Matrix) -> None:
        self._X = X
        self.shape, self.dtype = X.shape, X.dtype

    def take(self, indices: np.ndarray) -> Matrix:
        """Return the rows at some positions."""
        return self._X[indices]

    def read(self) -> Matrix:
        """Return all rows."""
        return self._X

    def map(
        self,
        function: Callable[[Matrix], np.ndarray],
        n_outputs: int,
        finish: Sequence[Callable[[np.ndarray], np.ndarray]],
    ) -> list[np.ndarray]:
        """Map all rows, chunk by chunk."""
        return map_chunks(self._chunk, self.shape, _each(function, finish))

    def like_rows(self, results: list[np.ndarray]) -> list[np.ndarray]:
        """Return the results as they are."""
        return results

    def _chunk(self, chunk: slice) -> Matrix:
        return self._X[chunk]


def _each(
    function: Callable[[Matrix], np.ndarray],
    finish: Sequence[Callable[[np.ndarray], np.ndarray]],
) -> Callable[[Matrix], list[np.ndarray]]:
    def results(rows: Matrix) -> list[np.ndarray]:
        Y = function(rows)
        return [last(Y) for last in finish]

    return results
