"""The one place where arrays become tensors.

Every chunk is copied, so read-only, strided, sparse and memory-mapped input is safe.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias, TypeGuard, cast

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import nn

from .._chunks import chunks

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


class SparseRows:
    """Sparse training rows that become tensors one batch at a time.

    Parameters
    ----------
    X : csr_matrix of shape (n_rows, n_features)
        The rows.
    standardize : callable
        Scales a float64 batch of rows.
    device : torch.device
        The device of the batches.
    """

    def __init__(
        self,
        X: sparse.csr_matrix,
        standardize: Callable[[Batch], Batch],
        device: torch.device,
    ) -> None:
        self.X, self.standardize, self.device = X, standardize, device

    def __len__(self) -> int:
        return self.X.shape[0]

    def __getitem__(self, rows: torch.Tensor) -> Batch:
        batch = self.standardize(_tensor(self.X[rows.cpu().numpy()]))
        return batch.float().to(self.device)

    def entries(self, rows: slice) -> sparse.csr_matrix | None:
        """Return the scaled entries of some rows, or None if scaling fills the rows."""
        if not isinstance(self.standardize(_tensor(self.X[:1])), SparseBatch):
            return None
        batch = cast(SparseBatch, self.standardize(_tensor(self.X[rows])))
        parts = (batch.entries, batch.columns, batch.starts)
        return sparse.csr_matrix(
            tuple(part.numpy() for part in parts),
            shape=(len(batch.starts) - 1, batch.n_columns),
        )

    def project(self, basis: torch.Tensor) -> torch.Tensor:
        """Multiply the rows by a matrix of shape (n_features, n_outputs)."""
        columns = basis.cpu()
        return apply_in_chunks(
            lambda x: self.standardize(x).float().matmul(columns), self.X
        ).to(self.device)


# What a network is trained on, and what arrives from outside.
Rows: TypeAlias = torch.Tensor | SparseRows
Matrix: TypeAlias = NDArray[np.floating] | sparse.csr_matrix


def is_sparse(matrix: object) -> TypeGuard[sparse.csr_matrix]:
    """Tell a sparse matrix from an array.

    Parameters
    ----------
    matrix : {ndarray, sparse matrix}
        The matrix.

    Returns
    -------
    bool
        Whether it is sparse.
    """
    return sparse.issparse(matrix)


def training_rows(
    X: Matrix, standardize: Callable[[Batch], Batch], device: torch.device
) -> Rows:
    """Prepare rows for indexing by batch: standardised, in float32, on the device.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows.
    standardize : callable
        Scales a batch of rows.
    device : torch.device
        The device.

    Returns
    -------
    {Tensor, SparseRows} of shape (n_samples, n_features)
        The rows.
    """
    if is_sparse(X):
        return SparseRows(X, standardize, device)
    return apply_in_chunks(lambda x: standardize(x).to_dense().float(), X).to(device)


def rows_in_own_units(X: NDArray[np.floating], rows: torch.Tensor) -> torch.Tensor:
    """Copy some rows of an array to a tensor, in the array's dtype.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
        The array.
    rows : Tensor of shape (n_drawn,)
        Positions of the rows.

    Returns
    -------
    torch.Tensor
        The rows.
    """
    return torch.from_numpy(X[rows.numpy()])


def apply_in_chunks(function: Callable[..., torch.Tensor], X: Matrix) -> torch.Tensor:
    """Apply a function of tensors to the rows of an array, chunk by chunk.

    Parameters
    ----------
    function : callable
        Takes a float64 tensor of rows, or a `SparseBatch` if they are sparse; returns a
        tensor with as many rows.
    X : {ndarray, csr_matrix} of shape (n_rows, n_features)
        The rows.

    Returns
    -------
    torch.Tensor
        The stacked results.
    """
    with torch.inference_mode():
        first, *others = chunks(X.shape)
        part = function(_tensor(X[first]))
        # Allocated at once: separate parts would fragment the memory.
        results = part.new_empty(X.shape[0], *part.shape[1:])
        results[first] = part
        for chunk in others:
            results[chunk] = function(_tensor(X[chunk]))
    return results


def _tensor(rows: Matrix) -> Batch:
    if not is_sparse(rows):
        return torch.from_numpy(np.array(rows, dtype=np.float64))
    rows.sum_duplicates()
    return SparseBatch(
        torch.from_numpy(rows.indices.astype(np.int64)),
        torch.from_numpy(rows.data.astype(np.float64)),
        torch.from_numpy(rows.indptr.astype(np.int64)),
        rows.shape[1],
    )
