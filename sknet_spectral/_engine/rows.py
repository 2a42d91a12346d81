"""The one seam where arrays become tensors.

Every chunk is copied, so read-only, strided, sparse and memory-mapped input is safe.
"""

from typing import NamedTuple

import numpy as np
import torch
from scipy import sparse
from torch import nn

from .._chunks import chunks


class SparseBatch(NamedTuple):
    """Some sparse rows as tensors, in compressed form.

    torch's own sparse tensors warn that they are in beta, and multiply more slowly.

    Parameters
    ----------
    columns, entries : Tensor of shape (n_entries,)
        Column and value of each entry, row after row.
    starts : Tensor of shape (n_rows + 1,)
        Where the entries of each row begin, and the last ones end.
    n_columns : int
        Width of the rows.
    offset : Tensor of shape (n_columns,), default=None
        A row that is subtracted from each, which would fill them.
    """

    columns: torch.Tensor
    entries: torch.Tensor
    starts: torch.Tensor
    n_columns: int
    offset: torch.Tensor | None = None

    def map_entries(self, function):
        """Return rows whose entries are a function's of these."""
        return self._replace(entries=function(self.entries))

    def standardize(self, center, scale):
        """Return ``(rows - center) / scale``, in float64."""
        entries = self.entries / scale
        return self._replace(entries=entries, offset=center / scale)

    def double(self):
        """Return the rows in float64."""
        return self.map_entries(torch.Tensor.double)

    def float(self):
        """Return the rows in float32."""
        if self.offset is None:
            return self.map_entries(torch.Tensor.float)
        # Before rounding, which a column of large and nearly equal entries would not
        # survive: the offset of a column without gaps goes into its entries.
        stored = torch.bincount(self.columns, minlength=self.n_columns)
        has_gaps = stored < len(self.starts) - 1
        shared = self.offset.masked_fill(has_gaps, 0.0)
        entries = self.entries - shared[self.columns]
        offset = self.offset - shared
        return self._replace(entries=entries.float(), offset=offset.float())

    def to(self, device):
        """Return the rows on a device."""
        moved = [part.to(device) for part in self[:3]]
        offset = None if self.offset is None else self.offset.to(device)
        return SparseBatch(*moved, self.n_columns, offset)

    def matmul(self, table):
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

    def rows_of_entries(self):
        """Return the row of each entry."""
        lengths = self.starts.diff()
        rows = torch.arange(len(lengths), device=lengths.device)
        return rows.repeat_interleave(lengths)

    def sum_rows(self, function, reduction):
        """Reduce a function of the entries of each row, to shape (n_rows,)."""
        zeros = self.entries.new_zeros(len(self.starts) - 1)
        values = function(self.entries)
        return zeros.scatter_reduce(0, self.rows_of_entries(), values, reduction)

    def scale_rows(self, factors):
        """Return the rows, each times a factor."""
        return self._replace(entries=self.entries * factors[self.rows_of_entries()])

    def to_dense(self):
        """Return the rows as a tensor of shape (n_rows, n_columns)."""
        dense = self.entries.new_zeros(len(self.starts) - 1, self.n_columns)
        dense[self.rows_of_entries(), self.columns] = self.entries
        return dense if self.offset is None else dense - self.offset


class SparseRows:
    """Sparse training rows that become tensors one batch at a time.

    Parameters
    ----------
    X : csr_matrix of shape (n_rows, n_features)
        The rows.
    standardize : callable
        Scales a float64 batch of rows.
    device : torch.device
        Where the batches go.
    """

    def __init__(self, X, standardize, device):
        self.X, self.standardize, self.device = X, standardize, device

    def __len__(self):
        return self.X.shape[0]

    def __getitem__(self, rows):
        batch = self.standardize(_tensor(self.X[rows.cpu().numpy()]))
        return batch.float().to(self.device)


def training_rows(X, standardize, device):
    """Prepare rows to be indexed by batch: standardised, float32, on the device."""
    if sparse.issparse(X):
        return SparseRows(X, standardize, device)
    return apply_in_chunks(lambda x: standardize(x).float(), X).to(device)


def apply_in_chunks(function, X):
    """Apply a function of tensors to the rows of an array, chunk by chunk.

    Parameters
    ----------
    function : callable
        Maps a float64 tensor of rows, a `SparseBatch` if they are sparse, to a
        tensor with as many rows.
    X : {ndarray, csr_matrix} of shape (n_rows, n_features)
        The rows.

    Returns
    -------
    torch.Tensor
        The results, one under the other.
    """
    with torch.inference_mode():
        first, *others = chunks(X.shape)
        part = function(_tensor(X[first]))
        # In one piece: parts would keep what lies between them from being given back.
        results = part.new_empty(X.shape[0], *part.shape[1:])
        results[first] = part
        for chunk in others:
            results[chunk] = function(_tensor(X[chunk]))
    return results


def input_statistics(X):
    """Column means and one common scale of an array, in float64.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        Finite rows; entries up to 1e300 do not overflow.

    Returns
    -------
    center : ndarray of shape (n_features,)
        Column means.
    scale : float
        Root mean square deviation of all entries, one for constant data.
    """
    high, low = _in_columns(X.max(axis=0)), _in_columns(X.min(axis=0))
    largest = float(max(high.max(), -low.min())) or 1.0
    mean = np.zeros(X.shape[1])
    squares = np.zeros(X.shape[1])
    for chunk in chunks(X.shape):
        mean += np.asarray((X[chunk].astype(np.float64) / largest).sum(axis=0)).ravel()
    mean /= X.shape[0]
    for chunk in chunks(X.shape):
        squares += _squared_deviations(X[chunk].astype(np.float64) / largest, mean)
    squares[high == low] = 0.0  # of constant columns, but for rounding
    scale = float(np.sqrt(squares.mean() / X.shape[0]) * largest)
    return mean * largest, scale or 1.0


def _in_columns(extremes):
    return extremes.toarray().ravel() if sparse.issparse(extremes) else extremes


def _squared_deviations(rows, mean):
    """Sum, for each column, the squares of the rows less a mean row."""
    if not sparse.issparse(rows):
        return np.square(rows - mean).sum(axis=0)
    rows.sum_duplicates()
    n_rows, n_columns = rows.shape
    stored = np.bincount(rows.indices, minlength=n_columns)
    deviations = np.square(rows.data - mean[rows.indices])
    present = np.bincount(rows.indices, deviations, minlength=n_columns)
    return present + (n_rows - stored) * np.square(mean)


def _tensor(rows):
    if not sparse.issparse(rows):
        return torch.from_numpy(np.array(rows, dtype=np.float64))
    rows.sum_duplicates()
    return SparseBatch(
        torch.from_numpy(rows.indices.astype(np.int64)),
        torch.from_numpy(rows.data.astype(np.float64)),
        torch.from_numpy(rows.indptr.astype(np.int64)),
        rows.shape[1],
    )
