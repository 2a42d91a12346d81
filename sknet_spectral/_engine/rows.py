"""The one seam where arrays become tensors.

Every chunk is copied, so read-only, strided, sparse and memory-mapped input is safe.
"""

import numpy as np
import torch
from scipy import sparse

# Rows that pass the network at once: enough for full speed, and never so many that
# wide rows fill the memory.
_CHUNK_ROWS = 4096
_CHUNK_ENTRIES = 2**24


class SparseRows:
    """Sparse training rows that become dense one batch at a time.

    Parameters
    ----------
    X : csr_matrix of shape (n_rows, n_features)
        The rows.
    standardize : callable
        Scales a float64 tensor of rows.
    device : torch.device
        Where the batches go.
    """

    def __init__(self, X, standardize, device):
        self.X, self.standardize, self.device = X, standardize, device

    def __len__(self):
        return self.X.shape[0]

    def __getitem__(self, rows):
        batch = _tensor(self.X[rows.cpu().numpy()])
        return self.standardize(batch).float().to(self.device)


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
        Maps a float64 tensor of rows to a tensor with as many rows.
    X : {ndarray, csr_matrix} of shape (n_rows, n_features)
        The rows.

    Returns
    -------
    torch.Tensor
        The results, one under the other.
    """
    with torch.inference_mode():
        return torch.cat([function(_tensor(X[chunk])) for chunk in chunks(X.shape)])


def chunks(shape):
    """Yield slices that cut an array of this shape into chunks of rows."""
    n_rows, n_columns = shape
    size = int(np.clip(_CHUNK_ENTRIES // max(n_columns, 1), 1, _CHUNK_ROWS))
    return [slice(start, start + size) for start in range(0, n_rows, size)]


def input_statistics(X):
    """Column means and one common scale of an array, in float64.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        Finite rows; entries up to 1e300 do not overflow.

    Returns
    -------
    center : ndarray of shape (n_features,)
        Column means; zeros for sparse rows, which centring would fill.
    scale : float
        Root mean square deviation of all entries, one for constant data.
    """
    largest = float(abs(X).max()) or 1.0
    mean = np.zeros(X.shape[1])
    squares = 0.0
    for chunk in chunks(X.shape):
        mean += np.asarray((X[chunk] / np.float64(largest)).sum(axis=0)).ravel()
    mean /= X.shape[0]
    for chunk in chunks(X.shape):
        rows = X[chunk] / np.float64(largest)
        deviation = (rows.toarray() if sparse.issparse(X) else rows) - mean
        squares += float(np.square(deviation).sum())
    scale = np.sqrt(squares / X.shape[0] / X.shape[1])
    # Rounding alone gives constant columns a deviation of this order.
    constant = scale <= 16 * np.finfo(np.float64).eps
    center = np.zeros_like(mean) if sparse.issparse(X) else mean * largest
    return center, 1.0 if constant else float(scale * largest)


def _tensor(rows):
    dense = rows.toarray() if sparse.issparse(rows) else rows
    return torch.from_numpy(np.array(dense, dtype=np.float64))
