"""What the network reads of a row: all of it, or its direction alone.

Where the metric does not see the length of a row, or a constant added to it, the
network does not either: new rows of other lengths have the same labels.
"""

import numpy as np
from scipy import sparse

from .rows import SparseBatch, apply_in_chunks, input_statistics


def _as_given(x):
    return x


def _unit_length(x):
    """Divide rows by their lengths; zeros stay zeros."""
    if isinstance(x, SparseBatch):
        return x.scale_rows(_inverse(_length_of_entries(x)))
    # Squares of the largest numbers would overflow.
    x = x * _inverse(x.abs().amax(dim=1, keepdim=True))
    return x * _inverse(x.square().sum(dim=1, keepdim=True).sqrt())


def _unit_deviation(x):
    """Subtract from rows their means, and divide by what length is left."""
    x = x.to_dense()
    x = x * _inverse(x.abs().amax(dim=1, keepdim=True))
    return _unit_length(x - x.mean(dim=1, keepdim=True))


def _length_of_entries(x):
    largest = x.sum_rows(lambda entries: entries.abs(), "amax")
    unit = x.scale_rows(_inverse(largest))
    return largest * unit.sum_rows(lambda entries: entries.square(), "sum").sqrt()


def _inverse(lengths):
    return (lengths > 0) / lengths.masked_fill(lengths == 0, 1.0)


FORMS = {
    "as_given": _as_given,
    "unit_length": _unit_length,
    "unit_deviation": _unit_deviation,
}
# Of the metrics that see less of a row than there is.
_OF_METRICS = {
    "cosine": "unit_length",
    "true_angular": "unit_length",
    "correlation": "unit_deviation",
}


def row_form(metric):
    """Name the form of rows that a metric compares.

    Parameters
    ----------
    metric : str
        The metric.

    Returns
    -------
    str
        One of `FORMS`.
    """
    return _OF_METRICS.get(metric, "as_given")


def form_statistics(X, form):
    """Column means and one common scale of rows in a form, in float64.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        Finite rows.
    form : str
        One of `FORMS`.

    Returns
    -------
    center, scale
        As those of `input_statistics`.
    """
    if form == "as_given":
        return input_statistics(X)
    if form == "unit_length" and sparse.issparse(X):
        lengths = apply_in_chunks(_length_of_entries, X).numpy()
        inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        return input_statistics(sparse.diags(inverse) @ X.astype(np.float64))
    return input_statistics(apply_in_chunks(FORMS[form], X).numpy())
