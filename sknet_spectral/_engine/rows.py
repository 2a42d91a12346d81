"""The one place where arrays become tensors.

Every chunk is copied, so read-only, strided, sparse and memory-mapped input is safe.
"""

from collections.abc import Callable
from typing import TypeAlias, TypeGuard, cast

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

from .._chunks import chunks
from .sparse_batch import Batch, SparseBatch


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
