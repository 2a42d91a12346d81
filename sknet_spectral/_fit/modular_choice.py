"""What the graph chooses: how many components, and which run of k-means."""

from functools import partial

import numpy as np

from .._graph.laplacian import MIN_SHARE
from ..metrics import modularity
from .assignment import NearestCenter, drawn_rows

_RUNS, _SAMPLE_ROWS = 40, 10_000
# Runs of k-means whose inertia is so little above the least are as good.
_INERTIA_ABOVE_LEAST = 0.1


def most_modular_components(Y, W, on_many, n_clusters, *, unit_length, random_state):
    """Choose the components whose clusters have the largest modularity.

    Candidates are the first `n_clusters` to 1.4 times as many, since more components
    than clusters are worth much where variation inside clusters comes before the last
    separation. Where one of them spends a cluster on a few rows, as many of those that
    live on more are candidates too.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_eigenvectors)
        Eigenvectors in order; k-means runs on at most 10,000 rows, drawn at random.
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The affinities of the graph that judges.
    on_many : ndarray of shape (n_eigenvectors,)
        Which eigenvectors live on more than a few rows, such as some duplicates.
    n_clusters : int
        Number of clusters.
    unit_length : bool
        As in `NearestCenter`.
    random_state : numpy.random.RandomState
        Draws rows and initial centres.

    Returns
    -------
    ndarray of shape (n_components,)
        Columns of Y; of candidates that are as good the first, with the fewest.
    """
    sample = random_state.permutation(len(Y))[:_SAMPLE_ROWS]
    sizes = range(n_clusters, most_auto_components(n_clusters) + 1)
    judged = partial(
        _judged,
        Y,
        W,
        sample,
        n_clusters=n_clusters,
        unit_length=unit_length,
        random_state=random_state,
    )
    candidates = _leading(range(len(on_many)), sizes)
    found = {columns: judged(columns) for columns in candidates}
    if min(rows for _, rows in found.values()) < MIN_SHARE * len(Y) / n_clusters:
        candidates = _leading(np.flatnonzero(on_many), sizes)
        found |= {
            columns: judged(columns) for columns in candidates if columns not in found
        }
    return np.array([*found][_largest([score for score, _ in found.values()])])


def most_auto_components(n_clusters):
    """Return the largest number of components that "auto" considers.

    Parameters
    ----------
    n_clusters : int
        Number of clusters.

    Returns
    -------
    int
        1.4 times as many, rounded down.
    """
    return int(1.4 * n_clusters)


def most_modular_centers(Y, W, n_clusters, *, n_init, **options):
    """Choose among runs of k-means by the graph, which knows more than the embedding.

    Inertias that differ by little say nothing of which run is better. Of those within
    a tenth of the least, the clusters of the largest modularity are taken.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_components)
        Embedding of the training rows, float64.
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The affinities of the graph that judges.
    n_clusters : int
        Number of clusters.
    n_init : int
        Number of runs.
    **options
        Further parameters of `NearestCenter`.

    Returns
    -------
    NearestCenter
        The rule.
    """
    some = drawn_rows(Y, options["random_state"])
    rules = [
        NearestCenter(some, n_clusters, n_init=1, **options) for _ in range(n_init)
    ]
    rules.sort(key=lambda rule: rule.inertia)
    most = (1 + _INERTIA_ABOVE_LEAST) * rules[0].inertia
    rules = [rule for rule in rules if rule.inertia <= most]
    return rules[_largest([modularity(W, rule.labels(Y)) for rule in rules])]


def _judged(Y, W, sample, columns, n_clusters, **options):
    """The modularity that components give, and the rows of the smallest cluster."""
    rule = NearestCenter(
        Y[np.ix_(sample, columns)], n_clusters, n_init=_RUNS, verbose=False, **options
    )
    labels = rule.labels(Y[:, columns])
    return modularity(W, labels), np.unique(labels, return_counts=True)[1].min()


def _leading(order, sizes):
    """The first columns of an order, as many as each size, where there are so many."""
    return [tuple(map(int, order[:size])) for size in sizes if size <= len(order)]


def _largest(scores):
    """Position of the largest score, of equal ones the first."""
    return int(np.argmax(np.round(scores, 10)))
