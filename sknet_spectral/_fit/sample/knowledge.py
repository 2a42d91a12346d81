"""What the user knows about some rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..._chunks import chunks
from ..._graph.affinities.constraints import Constraints, build_constraints
from ..._rows.rows import Matrix


@dataclass(frozen=True)
class Knowledge:
    """What the user knows about some rows.

    Attributes
    ----------
    partial_labels : array-like of shape (n_samples,) or None, default=None
        Label of each row, -1 where unknown.
    must_link, cannot_link : array-like of shape (n_pairs, 2) or None, default=None
        Pairs of rows, by position.
    """

    partial_labels: Any = None
    must_link: Any = None
    cannot_link: Any = None

    def constraints(self, n_samples: int) -> Constraints | None:
        """Check the knowledge against the number of rows, and collect it."""
        return build_constraints(
            n_samples, self.partial_labels, self.must_link, self.cannot_link
        )

    def restrict_to_sample(self, sample: np.ndarray) -> "Knowledge":
        """Translate positions among all rows into positions in a sample.

        Parameters
        ----------
        sample : ndarray of shape (n_drawn,)
            Positions of the drawn rows in ascending order, with all rows in pairs.

        Returns
        -------
        Knowledge
            The same about the sample.
        """
        labels = self.partial_labels
        return Knowledge(
            None if labels is None else np.asarray(labels)[sample],
            *(
                None if pairs is None else np.searchsorted(sample, pairs)
                for pairs in (self.must_link, self.cannot_link)
            ),
        )

    def check_counts(self, counts: np.ndarray) -> None:
        """Refuse pairs with rows whose weight is zero.

        Parameters
        ----------
        counts : ndarray of shape (n_samples,)
            How often each row counts.

        Raises
        ------
        ValueError
            If a pair names such a row.
        """
        for name in ("must_link", "cannot_link"):
            pairs = getattr(self, name)
            named = np.unique([] if pairs is None else pairs).astype(np.intp)
            absent = named[counts[named] == 0]
            if len(absent):
                raise ValueError(
                    f"{name} names row {absent[0]}, whose sample_weight is zero: leave "
                    "the pair out, or give the row a weight."
                )

    def reorder(self, order: np.ndarray) -> "Knowledge":
        """Translate positions into those in another order of the rows.

        Parameters
        ----------
        order : ndarray of shape (n_samples,)
            The earlier position of each row.

        Returns
        -------
        Knowledge
            The same about the rows in their new order.
        """
        labels, inverse = self.partial_labels, np.argsort(order)
        return Knowledge(
            None if labels is None else np.asarray(labels)[order],
            *(
                None if pairs is None else inverse[np.asarray(pairs, dtype=np.intp)]
                for pairs in (self.must_link, self.cannot_link)
            ),
        )


def check_can_differ(
    X: Matrix, constraints: Constraints, positions: np.ndarray
) -> None:
    """Refuse to keep rows apart that are equal, since a label depends on a row alone.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows.
    constraints : Constraints
        What is known about them.
    positions : ndarray of shape (n_samples,)
        Their positions among the user's rows.

    Raises
    ------
    ValueError
        If a pair of `cannot_link` has two equal rows.
    """
    cannot = constraints.cannot
    for part in chunks((len(cannot), X.shape[1])):
        first, second = (X[rows] for rows in cannot[part].T)
        is_equal = np.asarray((first != second).sum(axis=1)).ravel() == 0
        if is_equal.any():
            pair = tuple(positions[cannot[part][is_equal][0]].tolist())
            raise ValueError(
                f"cannot_link has the pair {pair}, but these rows of X are equal, and "
                "equal rows have one label: leave the pair out."
            )
