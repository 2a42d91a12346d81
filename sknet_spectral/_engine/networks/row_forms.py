"""The form in which the network reads a row: all of it, or only its direction.

Some metrics ignore the length of a row, or a constant added to it. The network then
ignores it as well, so that new rows of other lengths get the same labels.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

from ..rows import Matrix, apply_in_chunks, is_sparse
from ..sparse_batch import Batch, SparseBatch
from .input_statistics import input_statistics


def _as_given(x: Batch) -> Batch:
    return x


def _unit_length(x: Batch) -> Batch:
    """Divide rows by their lengths; zeros stay zeros."""
    if isinstance(x, SparseBatch):
        return x.scale_rows(_inverse(_length_of_entries(x)))
    # The division comes first, since squares of the largest numbers would overflow.
    x = x * _inverse(x.abs().amax(dim=1, keepdim=True))
    return x * _inverse(x.square().sum(dim=1, keepdim=True).sqrt())


def _unit_deviation(x: Batch) -> Batch:
    """Subtract the mean of each row, then divide by the remaining length."""
    x = x.to_dense()
    x = x * _inverse(x.abs().amax(dim=1, keepdim=True))
    return _unit_length(x - x.mean(dim=1, keepdim=True))


def _length_of_entries(x: SparseBatch) -> torch.Tensor:
    largest = x.reduce_rows(lambda entries: entries.abs(), "amax")
    unit = x.scale_rows(_inverse(largest))
    return largest * unit.reduce_rows(lambda entries: entries.square(), "sum").sqrt()


def _inverse(lengths: torch.Tensor) -> torch.Tensor:
    return (lengths > 0) / lengths.masked_fill(lengths == 0, 1.0)


FORMS: dict[str, Callable[[Batch], Batch]] = {
    "as_given": _as_given,
    "unit_length": _unit_length,
    "unit_deviation": _unit_deviation,
}
# The forms for metrics that ignore lengths or constants.
_METRIC_FORMS = {
    "cosine": "unit_length",
    "true_angular": "unit_length",
    "correlation": "unit_deviation",
}


def row_form(metric: str | None) -> str:
    """Return the form of rows that a metric compares.

    Parameters
    ----------
    metric : str or None
        The metric; None if the graph is not one of the rows themselves.

    Returns
    -------
    str
        One of `FORMS`.
    """
    return _METRIC_FORMS.get(metric or "", "as_given")


def form_statistics(X: Matrix, form: str) -> tuple[NDArray[np.float64], float]:
    """Compute the column means and the common scale of rows in a form, in float64.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        Finite rows.
    form : str
        One of `FORMS`.

    Returns
    -------
    center, scale
        As in `input_statistics`.
    """
    if form == "as_given":
        return input_statistics(X)
    if form == "unit_length" and is_sparse(X):
        lengths = apply_in_chunks(_length_of_entries, X).numpy()
        inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        return input_statistics(sparse.diags(inverse) @ X.astype(np.float64))
    rows = apply_in_chunks(lambda x: FORMS[form](x).to_dense(), X)
    return input_statistics(rows.numpy())
