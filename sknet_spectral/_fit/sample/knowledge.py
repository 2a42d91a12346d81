"""What the user knows about some rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..._graph.affinities.constraints import Constraints, build_constraints


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
        """Check it against the number of rows, and gather it."""
        return build_constraints(
            n_samples, self.partial_labels, self.must_link, self.cannot_link
        )

    def restrict_to_sample(self, sample: np.ndarray) -> "Knowledge":
        """Express it in positions of a sample instead of all rows.

        Parameters
        ----------
        sample : ndarray of shape (n_drawn,)
            Ascending positions of the drawn rows, among them all that stand in pairs.

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
        """Refuse pairs with rows that count for nothing.

        Parameters
        ----------
        counts : ndarray of shape (n_samples,)
            How often each row is there.

        Raises
        ------
        ValueError
            If a pair names a row that is not there.
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
        """Express it in the positions that rows have in another order.

        Parameters
        ----------
        order : ndarray of shape (n_samples,)
            The positions that the rows have had.

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
