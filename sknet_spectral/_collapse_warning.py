"""The warning where clusters have collapsed: what they are, and what to try."""

import warnings

from ._graph.collapse import find_collapse

_MOST_SIZES = 10


def warn_if_collapsed(W, labels, parameters):
    """Say where one cluster holds nearly all rows, or several next to none.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        Affinities of the rows.
    labels : ndarray of shape (n_samples,)
        Their clusters.
    parameters : dict of str to object
        Parameters to try, with what they are now.

    Warns
    -----
    UserWarning
        If clusters have collapsed and are not apart in the graph.
    """
    found = find_collapse(W, labels)
    if found is None:
        return
    tried = ", ".join(f"{name} (now {value!r})" for name, value in parameters.items())
    warnings.warn(
        f"{_outcome(found, len(labels))}, and the graph does not set them apart. "
        "Scale the columns if their units differ, or try other values of "
        f"{tried}.",
        UserWarning,
        stacklevel=5,
    )


def warn_of_one():
    """Say that ``n_clusters="auto"`` has found a single cluster.

    Warns
    -----
    UserWarning
        Always.
    """
    warnings.warn(
        "n_clusters='auto' finds one cluster: no border between groups of rows costs "
        "less than cuts through them. Give n_clusters if there are more, lower "
        "n_neighbors, or try another metric.",
        UserWarning,
        stacklevel=5,
    )


def _outcome(found, n_samples):
    shown = ", ".join(map(str, found.sizes[:_MOST_SIZES]))
    more = ", ..." if len(found.sizes) > _MOST_SIZES else ""
    outcome = (
        f"The clusters have {shown}{more} rows: the largest holds "
        f"{found.sizes[0] / n_samples:.0%} of all"
    )
    if found.n_tiny:
        outcome += f", {found.n_tiny} less than a twentieth of the mean cluster"
    return outcome
