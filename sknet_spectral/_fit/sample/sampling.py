"""The rows of the graph, with what is known about them."""

from dataclasses import dataclass, replace
from numbers import Integral

import numpy as np

from ..._rows.rows import Matrix, Rows
from .drawing import draw_copies, draw_sample
from .knowledge import Knowledge
from .row_counts import order_of_copies


@dataclass(frozen=True)
class SampleOptions:
    """Which rows are drawn.

    Attributes
    ----------
    max_samples : int, float or None
        The largest sample, or its share of the rows; None means all rows.
    is_graph : bool
        Whether a graph of all rows was given.
    keeps_order : bool
        Whether rows keep their order even if some are equal, since a function of the
        user's may depend on the order.
    """

    max_samples: float | None
    is_graph: bool
    keeps_order: bool


@dataclass(frozen=True)
class Sample:
    """The rows from which the graph is built.

    Attributes
    ----------
    rows : {ndarray, csr_matrix} of shape (n_drawn, n_features)
        The rows.
    knowledge : Knowledge
        What is known about them.
    indices : ndarray of shape (n_drawn,) or None
        Positions of the drawn rows among all, ascending; None if each was taken once.
    order : ndarray of shape (n_drawn,) or None, default=None
        Which of the drawn rows each of `rows` is, if they are in another order.
    """

    rows: Matrix
    knowledge: Knowledge
    indices: np.ndarray | None
    order: np.ndarray | None = None

    def __len__(self) -> int:
        return self.rows.shape[0]

    @property
    def positions(self) -> np.ndarray:
        """Position of each of `rows` among all rows."""
        positions = np.arange(len(self)) if self.indices is None else self.indices
        return positions if self.order is None else positions[self.order]

    @property
    def is_all_rows(self) -> bool:
        """Whether `rows` are all rows, in their own order."""
        return self.indices is None and self.order is None

    def in_order_of_copies(self) -> "Sample":
        """Sort the rows by their entries, if any row occurs several times.

        The result of a fit then depends on how often each row occurs, and not on where
        its copies are.
        """
        order = order_of_copies(self.rows)
        if order is None:
            return self
        # Validate before sorting, so that errors report row numbers of X.
        self.knowledge.constraints(len(self))
        return replace(
            self,
            rows=self.rows[order],
            knowledge=self.knowledge.reorder(order),
            order=order,
        )


def choose_sample(
    rows: Rows,
    counts: np.ndarray | None,
    knowledge: Knowledge,
    options: SampleOptions,
    seed: int,
) -> Sample:
    """Read all rows or draw some, and sort them if any row occurs several times.

    Parameters
    ----------
    rows : Rows
        All rows.
    counts : ndarray of shape (n_samples,) or None
        How often each row counts. None means once.
    knowledge : Knowledge
        What is known about all rows.
    options : SampleOptions
        Which rows are drawn.
    seed : int
        Seed of the draws.

    Returns
    -------
    Sample
        The rows from which the graph is built.

    Raises
    ------
    ValueError
        If rows are to be drawn from a graph, or something is known about a row that
        does not exist or has no weight.
    """
    n_drawn = n_rows_to_draw(rows, options.max_samples, counts)
    if n_drawn is not None and options.is_graph:
        raise ValueError(
            f"max_samples={options.max_samples} draws rows and builds their graph "
            "anew, but a graph was given: leave max_samples at None."
        )
    random_state = np.random.RandomState(seed)
    sample = take_sample(rows, n_drawn, knowledge, random_state, counts)
    stays = options.is_graph or options.keeps_order
    return sample if stays else sample.in_order_of_copies()


def n_rows_to_draw(
    rows: Rows, max_samples: float | None, counts: np.ndarray | None = None
) -> int | None:
    """Return the number of rows to draw.

    Parameters
    ----------
    rows : Rows
        All rows.
    max_samples : int, float or None
        The largest sample, or its share of the rows; None means all rows.
    counts : ndarray of shape (n_samples,) or None, default=None
        How often each row counts.

    Returns
    -------
    int or None
        The size of the sample; None if all rows are taken.
    """
    if max_samples is None:  # Dask may have to compute how many rows there are.
        return None
    n_samples = rows.shape[0] if counts is None else int(counts.sum())
    n_drawn = max_samples
    if not isinstance(max_samples, Integral):
        n_drawn = max(round(max_samples * n_samples), 2)
    return int(n_drawn) if n_drawn < n_samples else None


def row_limit(max_samples: float | None, n_samples: int) -> str:
    """Say what limits the number of rows of the graph, and to which number.

    Parameters
    ----------
    max_samples : int, float or None
        The parameter.
    n_samples : int
        Number of rows of the graph.

    Returns
    -------
    str
        For errors, such as "max_samples=100".
    """
    if max_samples is not None and max_samples < 1:
        return f"the {n_samples} rows of max_samples={max_samples}"
    name = "max_samples" if n_samples == max_samples else "n_samples"
    return f"{name}={n_samples}"


def take_sample(
    rows: Rows,
    n_drawn: int | None,
    knowledge: Knowledge,
    random_state: np.random.RandomState,
    counts: np.ndarray | None = None,
) -> Sample:
    """Read all rows, or draw some.

    Parameters
    ----------
    rows : Rows
        All rows.
    n_drawn : int or None
        Number of rows to draw, fewer than there are; None means all rows.
    knowledge : Knowledge
        What is known about all rows.
    random_state : numpy.random.RandomState
        Draws the sample.
    counts : ndarray of shape (n_samples,) or None, default=None
        How often each row counts. None means once.

    Returns
    -------
    Sample
        The rows that were drawn.

    Raises
    ------
    ValueError
        If something is known about a row that does not exist or has no weight.
    """
    # Validate before sampling, so that errors report row numbers of X.
    if counts is None:
        if n_drawn is None:
            return Sample(rows.read(), knowledge, None)
        knowledge.constraints(rows.shape[0])
        indices = draw_sample(rows.shape[0], n_drawn, knowledge, random_state)
    else:
        knowledge.constraints(len(counts))
        knowledge.check_counts(counts)
        if n_drawn is None:
            indices = np.repeat(np.arange(len(counts)), counts)
        else:
            indices = draw_copies(counts, n_drawn, knowledge, random_state)
    return Sample(rows.take(indices), knowledge.restrict_to_sample(indices), indices)
