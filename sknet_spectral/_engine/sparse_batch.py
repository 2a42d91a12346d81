"""Batches of rows: a tensor, or sparse rows as several tensors."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
from torch import nn

_FARTHEST = np.array(1e100)


class SparseBatch(NamedTuple):
    """A batch of sparse rows as tensors, in compressed form.

    torch's own sparse tensors warn that they are in beta, and are slower to multiply.

    Parameters
    ----------
    columns, entries : Tensor of shape (n_entries,)
        Column and value of each entry, row after row.
    starts : Tensor of shape (n_rows + 1,)
        Position at which the entries of each row begin, and the total number.
    n_columns : int
        Number of columns.
    offset : Tensor of shape (n_columns,), default=None
        A row to subtract from each row. It is kept apart, since subtracting it would
        make the rows dense.
    """

    columns: torch.Tensor
    entries: torch.Tensor
    starts: torch.Tensor
    n_columns: int
    offset: torch.Tensor | None = None

    def map_entries(
        self, function: Callable[[torch.Tensor], torch.Tensor]
    ) -> "SparseBatch":
        """Return the rows with a function applied to their entries."""
        return self._replace(entries=function(self.entries))

    def standardize(self, center: torch.Tensor, scale: torch.Tensor) -> "SparseBatch":
        """Return ``(rows - center) / scale``, in float64."""
        entries = moderate(self.entries / scale)
        return self._replace(entries=entries, offset=center / scale)

    def double(self) -> "SparseBatch":
        """Return the rows in float64."""
        return self.map_entries(torch.Tensor.double)

    def float(self) -> "SparseBatch":
        """Return the rows in float32."""
        if self.offset is None:
            return self.map_entries(torch.Tensor.float)
        # A column of large and nearly equal entries would lose its digits in rounding.
        # The offset of a column without gaps is therefore subtracted first.
        stored = torch.bincount(self.columns, minlength=self.n_columns)
        has_gaps = stored < len(self.starts) - 1
        shared = self.offset.masked_fill(has_gaps, 0.0)
        entries = self.entries - shared[self.columns]
        offset = self.offset - shared
        return self._replace(entries=entries.float(), offset=offset.float())

    def to(self, device: torch.device | str) -> "SparseBatch":
        """Return the rows on a device."""
        return SparseBatch(
            self.columns.to(device),
            self.entries.to(device),
            self.starts.to(device),
            self.n_columns,
            None if self.offset is None else self.offset.to(device),
        )

    def matmul(self, table: torch.Tensor) -> torch.Tensor:
        """Multiply by a matrix of shape (n_columns, n_outputs)."""
        product = nn.functional.embedding_bag(
            self.columns,
            table,
            self.starts,
            mode="sum",
            per_sample_weights=self.entries,
            include_last_offset=True,
        )
        return product if self.offset is None else product - self.offset @ table

    def rows_of_entries(self) -> torch.Tensor:
        """Return the row of each entry."""
        lengths = self.starts.diff()
        rows = torch.arange(len(lengths), device=lengths.device)
        return rows.repeat_interleave(lengths)

    def reduce_rows(
        self, function: Callable[[torch.Tensor], torch.Tensor], reduction: str
    ) -> torch.Tensor:
        """Apply a function to the entries and reduce each row, to shape (n_rows,)."""
        zeros = self.entries.new_zeros(len(self.starts) - 1)
        values = function(self.entries)
        return zeros.scatter_reduce(0, self.rows_of_entries(), values, reduction)

    def scale_rows(self, factors: torch.Tensor) -> "SparseBatch":
        """Multiply each row by a factor."""
        return self._replace(entries=self.entries * factors[self.rows_of_entries()])

    def to_dense(self) -> torch.Tensor:
        """Return the rows as a tensor of shape (n_rows, n_columns)."""
        dense = self.entries.new_zeros(len(self.starts) - 1, self.n_columns)
        dense[self.rows_of_entries(), self.columns] = self.entries
        return dense if self.offset is None else dense - self.offset


Batch: TypeAlias = torch.Tensor | SparseBatch


def moderate(x: torch.Tensor) -> torch.Tensor:
    """Limit scaled entries, since sums of products with larger ones would overflow.

    Parameters
    ----------
    x : Tensor
        Entries in float64.

    Returns
    -------
    Tensor
        Entries between -1e100 and 1e100.
    """
    # ONNX cannot hold the limit as a plain number, only as a tensor.
    limit = torch.as_tensor(_FARTHEST, device=x.device)
    return x.clamp(-limit, limit)
