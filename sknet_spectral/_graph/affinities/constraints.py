"""Supervision: which rows must be linked and which cannot be."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ..arrays import Flags, Integers, Matrix
from ..components import strongest_edge

# Rows with equal labels are linked in a ring with chords, not each to each. The ring
# joins them as firmly, and its size is linear in the number of rows, not quadratic.
_CHORDS = 10


class Constraints(NamedTuple):
    """Pairs of rows that must be linked, and pairs that cannot be linked.

    Attributes
    ----------
    must, cannot : ndarray of shape (n_pairs, 2)
        The pairs.
    groups : ndarray of shape (n_samples,)
        Label of each row, -1 if unknown. Rows with different known labels cannot be
        linked.
    """

    must: Integers
    cannot: Integers
    groups: Integers

    def forbids(self, rows: Integers, columns: Integers) -> Flags:
        """Tell which edges between the given rows and columns are forbidden."""
        first, second = self.groups[rows], self.groups[columns]
        apart = (first >= 0) & (second >= 0) & (first != second)
        n_samples = len(self.groups)
        pairs = np.vstack([self.cannot, self.cannot[:, ::-1]])
        keys = pairs[:, 0] * n_samples + pairs[:, 1]
        return apart | np.isin(rows.astype(np.int64) * n_samples + columns, keys)


def build_constraints(
    n_samples: int,
    partial_labels: ArrayLike | None,
    must_link: ArrayLike | None,
    cannot_link: ArrayLike | None,
) -> Constraints | None:
    """Check the user's constraints and collect them.

    Parameters
    ----------
    n_samples : int
        Number of rows.
    partial_labels : array-like of shape (n_samples,) or None
        Label of each row, -1 if unknown.
    must_link, cannot_link : array-like of shape (n_pairs, 2) or None
        Pairs of rows, by position.

    Returns
    -------
    Constraints or None
        None if nothing is given.

    Raises
    ------
    ValueError
        If a shape is wrong, a row is out of range, or constraints contradict each
        other.
    """
    if partial_labels is None and must_link is None and cannot_link is None:
        return None
    groups = np.full(n_samples, -1)
    if partial_labels is not None:
        labels = _numbers(partial_labels, n_samples)
        known = labels != -1
        groups[known] = np.unique(labels[known], return_inverse=True)[1]
    must = _pairs(must_link, n_samples, "must_link")
    cannot = _pairs(cannot_link, n_samples, "cannot_link")
    must = np.vstack([must, *_rings(groups)])
    _check_consistency(must, cannot, groups)
    return Constraints(must, cannot, groups)


def _numbers(partial_labels: ArrayLike, n_samples: int) -> NDArray[Any]:
    labels = np.asarray(partial_labels)
    if labels.shape != (n_samples,):
        raise ValueError(
            f"partial_labels must have shape ({n_samples},), one label for each row, "
            f"got {labels.shape}."
        )
    if labels.dtype == object:
        labels = np.array(labels.tolist())
    try:
        is_missing = np.isnan(labels.astype(np.float64))
    except (TypeError, ValueError):
        is_missing = None
    if labels.dtype.kind in "US" or is_missing is None or is_missing.any():
        found = "NaN" if labels.dtype.kind == "f" else f"dtype {labels.dtype}"
        raise ValueError(
            f"partial_labels must be numbers, -1 if a label is unknown, got {found}. "
            "pandas.factorize(column)[0] converts a column with names and gaps."
        )
    is_neither = (labels < 0) & (labels != -1)
    if is_neither.any():
        row = int(is_neither.argmax())
        raise ValueError(
            "partial_labels must be zero or more, or -1 if a label is unknown, got "
            f"{labels[row]} for row {row}."
        )
    return labels


def constrain_affinity(W: Matrix, constraints: Constraints) -> sparse.csr_matrix:
    """Give linked rows the strongest affinity, and remove forbidden edges.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        Affinity matrix.
    constraints : Constraints
        The pairs.

    Returns
    -------
    csr_matrix of shape (n_samples, n_samples)
        The constrained affinity matrix.
    """
    edges = sparse.coo_matrix(W)
    kept = ~constraints.forbids(edges.row, edges.col)
    free = sparse.csr_matrix(
        (edges.data[kept], (edges.row[kept], edges.col[kept])), shape=W.shape
    )
    linked = sparse.csr_matrix(
        (np.ones(len(constraints.must)), constraints.must.T), shape=W.shape
    )
    linked = linked + linked.T
    linked.data[:] = strongest_edge(W)
    return sparse.csr_matrix(free.maximum(linked))


def constrain_pairs(pairs: Integers, constraints: Constraints) -> Integers:
    """Apply the constraints to the pairs of a Siamese network.

    Linked pairs are repeated until they are about half as many as the pairs of
    neighbours. Otherwise they would be too few to have an effect.

    Parameters
    ----------
    pairs : ndarray of shape (n_pairs, 2)
        Pairs that belong together.
    constraints : Constraints
        The user's constraints.

    Returns
    -------
    ndarray of shape (n_constrained_pairs, 2)
        The constrained pairs.

    Raises
    ------
    ValueError
        If no pair is left.
    """
    kept = pairs[~constraints.forbids(pairs[:, 0], pairs[:, 1])]
    must = constraints.must
    if not len(must):
        if not len(kept):
            raise ValueError(
                "partial_labels and cannot_link leave no pair of neighbours to learn "
                "from: give fewer constraints, or raise n_neighbors."
            )
        return kept
    repeats = max(1, len(kept) // (2 * len(must)))
    return np.vstack([kept, np.tile(must, (repeats, 1))])


def _pairs(pairs: ArrayLike | None, n_samples: int, name: str) -> Integers:
    try:
        rows = np.asarray([] if pairs is None else pairs)
    except ValueError as error:
        raise ValueError(
            f"{name} must be integers of shape (n_pairs, 2), got pairs that differ in "
            "length."
        ) from error
    if not rows.size:
        return np.empty((0, 2), dtype=np.int64)
    is_whole = rows.dtype.kind == "f" and (rows == np.rint(rows)).all()
    is_integer = rows.dtype.kind in "iu" or is_whole
    if rows.ndim != 2 or rows.shape[1] != 2 or not is_integer:
        raise ValueError(
            f"{name} must be integers of shape (n_pairs, 2), got {rows.dtype} of "
            f"shape {rows.shape}."
        )
    outside = (rows < 0) | (rows >= n_samples)
    if outside.any():
        pair = tuple(rows[outside.any(axis=1)][0].tolist())
        raise ValueError(
            f"{name} has the pair {pair}, but rows go from 0 to {n_samples - 1}."
        )
    return rows.astype(np.int64)


def _rings(groups: Integers) -> Iterator[Integers]:
    """Link the rows of each group in a ring with chords."""
    for group in range(groups.max() + 1):
        members = np.flatnonzero(groups == group)
        for step in range(1, min(_CHORDS, len(members) // 2) + 1):
            yield np.column_stack([members, np.roll(members, step)])


def _check_consistency(must: Integers, cannot: Integers, groups: Integers) -> None:
    """Raise an error if rows that cannot be linked are linked, even indirectly."""
    n_samples = len(groups)
    links = sparse.csr_matrix((np.ones(len(must)), must.T), shape=(n_samples,) * 2)
    component = connected_components(links, directed=False)[1]
    torn = cannot[component[cannot[:, 0]] == component[cannot[:, 1]]]
    if len(torn):
        pair = tuple(torn[0].tolist())
        raise ValueError(
            f"The constraints contradict each other: cannot_link has the pair {pair}, "
            "but must_link or partial_labels links these rows."
        )
    known = np.flatnonzero(groups >= 0)
    order = known[np.lexsort((groups[known], component[known]))]
    before, after = order[:-1], order[1:]
    torn = (component[before] == component[after]) & (groups[before] != groups[after])
    if torn.any():
        pair = int(before[torn][0]), int(after[torn][0])
        raise ValueError(
            f"The constraints contradict each other: rows {pair} have different "
            "partial_labels, but must_link links them."
        )
