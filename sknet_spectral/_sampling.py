"""The sample of rows whose graph stands for all, with what is known of them."""

import numpy as np
from sklearn.utils.random import sample_without_replacement


def draw_sample(n_samples, max_samples, supervision, random_state):
    """Draw the rows of which the graph is built.

    Parameters
    ----------
    n_samples : int
        Number of rows.
    max_samples : int
        How many to draw, fewer than that.
    supervision : dict
        `partial_labels`, `must_link` and `cannot_link`; rows in pairs are always
        drawn, and then those whose label is known, up to half of the rest.
    random_state : numpy.random.RandomState
        Draws the rest.

    Returns
    -------
    ndarray of shape (max_samples,)
        Positions in ascending order.

    Raises
    ------
    ValueError
        If the pairs name more rows.
    """
    pairs = [supervision[name] for name in ("must_link", "cannot_link")]
    named = np.unique([row for p in pairs if p is not None for row in np.ravel(p)])
    if len(named) > max_samples:
        raise ValueError(
            f"must_link and cannot_link name {len(named)} rows, and "
            f"max_samples={max_samples} has no room for them: raise it."
        )
    if supervision["partial_labels"] is not None:
        labelled = np.flatnonzero(np.asarray(supervision["partial_labels"]) != -1)
        labelled = random_state.permutation(np.setdiff1d(labelled, named))
        named = np.append(named, labelled[: (max_samples - len(named)) // 2])
    drawn = sample_without_replacement(
        n_samples, max_samples, random_state=random_state
    )
    others = random_state.permutation(drawn[~np.isin(drawn, named)])
    return np.union1d(named, others[: max_samples - len(named)]).astype(np.intp)


def of_sample(supervision, sample):
    """Say in positions of the sample what was said in positions of all rows.

    Parameters
    ----------
    supervision : dict
        `partial_labels`, `must_link` and `cannot_link`.
    sample : ndarray of shape (n_drawn,)
        Positions of the rows drawn, ascending, with all that stand in pairs.

    Returns
    -------
    dict
        The same of the sample.
    """
    labels = supervision["partial_labels"]
    drawn = {"partial_labels": None if labels is None else np.asarray(labels)[sample]}
    for name in ("must_link", "cannot_link"):
        pairs = supervision[name]
        drawn[name] = None if pairs is None else np.searchsorted(sample, pairs)
    return drawn
