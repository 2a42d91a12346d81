"""Supervision: which rows must be linked and which cannot be."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from .components import strongest_edge

# Rows of one label are linked in a ring with chords, not each to each: it joins them
# as firmly, and its size grows with the rows rather than with their square.
_CHORDS = 10


class Constraints(NamedTuple):
    """Pairs of rows that must, and that cannot, be linked.

    Attributes
    ----------
    must, cannot : ndarray of shape (n_pairs, 2)
        The pairs.
    groups : ndarray of shape (n_samples,)
        Label of each row, -1 where unknown; two known labels that differ cannot be
        linked.
    """

    must: np.ndarray
    cannot: np.ndarray
    groups: np.ndarray

    def forbids(self, rows, columns):
        """Whether each edge, of two rows, cannot be."""
        first, second = self.groups[rows], self.groups[columns]
        apart = (first >= 0) & (second >= 0) & (first != second)
        n_samples = len(self.groups)
        pairs = np.vstack([self.cannot, self.cannot[:, ::-1]])
        keys = pairs[:, 0] * n_samples + pairs[:, 1]
        return apart | np.isin(rows.astype(np.int64) * n_samples + columns, keys)


def build_constraints(n_samples, partial_labels, must_link, cannot_link):
    """Check and gather the user's constraints.

    Parameters
    ----------
    n_samples : int
        Number of rows.
    partial_labels : array-like of shape (n_samples,) or None
        Label of each row, -1 where unknown.
    must_link, cannot_link : array-like of shape (n_pairs, 2) or None
        Pairs of rows, by position.

    Returns
    -------
    Constraints or None
        None where nothing is given.

    Raises
    ------
    ValueError
        If a shape is wrong, a row out of range, or a pair contradicts others.
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


def _numbers(partial_labels, n_samples):
    labels = np.asarray(partial_labels)
    if labels.shape != (n_samples,):
        raise ValueError(
            f"partial_labels must have shape ({n_samples},), one label a row, "
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
            "partial_labels must be numbers, -1 where a label is unknown, got "
            f"{found}: pandas.factorize(column)[0] makes such of a column with names "
            "and gaps."
        )
    return labels


def constrain_affinity(W, constraints):
    """Give linked rows the strongest affinity, and separated rows none.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        Affinity matrix.
    constraints : Constraints
        The pairs.

    Returns
    -------
    csr_matrix of shape (n_samples, n_samples)
        The affinity matrix under the constraints.
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


def constrain_pairs(pairs, constraints):
    """Apply the constraints to the pairs of a Siamese network.

    Linked pairs are repeated until they are as many as half of the neighbours: few
    as they are, they would go unnoticed.

    Parameters
    ----------
    pairs : ndarray of shape (n_pairs, 2)
        Pairs that belong together.
    constraints : Constraints
        The user's pairs.

    Returns
    -------
    ndarray of shape (n_constrained_pairs, 2)
        The pairs under the constraints.

    Raises
    ------
    ValueError
        If none is left.
    """
    kept = pairs[~constraints.forbids(pairs[:, 0], pairs[:, 1])]
    must = constraints.must
    if not len(must):
        if not len(kept):
            raise ValueError(
                "partial_labels and cannot_link leave no pair of neighbours to learn "
                "from: give fewer of them, or raise n_neighbors."
            )
        return kept
    repeats = max(1, len(kept) // (2 * len(must)))
    return np.vstack([kept, np.tile(must, (repeats, 1))])


def _pairs(pairs, n_samples, name):
    try:
        pairs = np.asarray([] if pairs is None else pairs)
    except ValueError as error:
        raise ValueError(
            f"{name} must be integers of shape (n_pairs, 2), got pairs that differ in "
            "length."
        ) from error
    if not pairs.size:
        return np.empty((0, 2), dtype=np.int64)
    is_whole = pairs.dtype.kind == "f" and (pairs == np.rint(pairs)).all()
    is_integer = pairs.dtype.kind in "iu" or is_whole
    if pairs.ndim != 2 or pairs.shape[1] != 2 or not is_integer:
        raise ValueError(
            f"{name} must be integers of shape (n_pairs, 2), got {pairs.dtype} of "
            f"shape {pairs.shape}."
        )
    outside = (pairs < 0) | (pairs >= n_samples)
    if outside.any():
        pair = tuple(pairs[outside.any(axis=1)][0].tolist())
        raise ValueError(
            f"{name} has the pair {pair}, but rows go from 0 to {n_samples - 1}."
        )
    return pairs.astype(np.int64)


def _rings(groups):
    """Link the rows of each group in a ring with chords."""
    for group in range(groups.max() + 1):
        members = np.flatnonzero(groups == group)
        for step in range(1, min(_CHORDS, len(members) // 2) + 1):
            yield np.column_stack([members, np.roll(members, step)])


def _check_consistency(must, cannot, groups):
    """Raise where rows are linked, directly or through others, that cannot be."""
    n_samples = len(groups)
    links = sparse.csr_matrix((np.ones(len(must)), must.T), shape=(n_samples,) * 2)
    component = connected_components(links, directed=False)[1]
    torn = cannot[component[cannot[:, 0]] == component[cannot[:, 1]]]
    if len(torn):
        pair = tuple(torn[0].tolist())
        raise ValueError(
            f"The constraints contradict each other: cannot_link has the pair {pair}, "
            "whose rows must_link or partial_labels links."
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
