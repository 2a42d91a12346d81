"""Which rows are drawn: all rows in pairs, some labelled ones, others at random."""

import numpy as np
from sklearn.utils.random import sample_without_replacement

from .knowledge import Knowledge


def draw_sample(
    n_samples: int,
    n_drawn: int,
    knowledge: Knowledge,
    random_state: np.random.RandomState,
) -> np.ndarray:
    """Draw the positions of a sample.

    Parameters
    ----------
    n_samples : int
        Number of rows.
    n_drawn : int
        Number of rows to draw, fewer than `n_samples`.
    knowledge : Knowledge
        Rows in pairs are always drawn. Then rows with a known label fill up to half of
        the rest.
    random_state : numpy.random.RandomState
        Draws the others.

    Returns
    -------
    ndarray of shape (n_drawn,)
        Positions in ascending order.

    Raises
    ------
    ValueError
        If the pairs name more rows than are drawn.
    """
    named, labelled = _known_rows(knowledge)
    return _draw(n_samples, n_drawn, named, labelled, random_state)


def draw_copies(
    counts: np.ndarray,
    n_drawn: int,
    knowledge: Knowledge,
    random_state: np.random.RandomState,
) -> np.ndarray:
    """Draw copies of rows, without a list of them all.

    Parameters
    ----------
    counts : ndarray of shape (n_samples,)
        How often each row counts.
    n_drawn, knowledge, random_state
        As in `draw_sample`, but for all copies. Only the first copy of a row in pairs
        is always drawn.

    Returns
    -------
    ndarray of shape (n_drawn,)
        The rows of the drawn copies, in ascending order.
    """
    ends = counts.cumsum()
    starts = ends - counts
    named, labelled = _known_rows(knowledge)
    n_copies = counts[labelled]
    before = n_copies.cumsum() - n_copies
    copies = np.repeat(starts[labelled] - before, n_copies) + np.arange(n_copies.sum())
    drawn = _draw(ends[-1], n_drawn, starts[named], copies, random_state)
    return np.searchsorted(ends, drawn, side="right")


def _known_rows(knowledge: Knowledge) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows in pairs, and the rows with a known label."""
    pairs = [knowledge.must_link, knowledge.cannot_link]
    named = np.unique([row for p in pairs if p is not None for row in np.ravel(p)])
    labels = knowledge.partial_labels
    is_known = np.asarray([] if labels is None else labels) != -1
    return named.astype(np.intp), np.flatnonzero(is_known)


def _draw(
    n_samples: int,
    n_drawn: int,
    named: np.ndarray,
    labelled: np.ndarray,
    random_state: np.random.RandomState,
) -> np.ndarray:
    """Draw all named rows, some labelled ones, and others."""
    if len(named) > n_drawn:
        raise ValueError(
            f"must_link and cannot_link name {len(named)} rows, and a sample of "
            f"{n_drawn} has no room for them: raise max_samples."
        )
    if len(labelled):
        labelled = random_state.permutation(np.setdiff1d(labelled, named))
        named = np.append(named, labelled[: (n_drawn - len(named)) // 2])
    drawn = sample_without_replacement(n_samples, n_drawn, random_state=random_state)
    others = random_state.permutation(drawn[~np.isin(drawn, named)])
    return np.union1d(named, others[: n_drawn - len(named)]).astype(np.intp)
