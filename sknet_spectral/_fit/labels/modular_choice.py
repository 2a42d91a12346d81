"""What the graph chooses: how many components, and which run of k-means."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..._partition import Partition
from ..._rows.rows import Matrix
from .assignment import NearestCenter
from .k_means import KMeansOptions, draw_rows, k_means, k_means_rule

_RUNS, _SAMPLE_ROWS = 40, 10_000
# Runs of k-means count as equally good up to this share above the least inertia.
_INERTIA_ABOVE_LEAST = 0.1


def most_modular_components(
    Y: np.ndarray,
    W: Matrix,
    n_clusters: int,
    *,
    unit_length: bool,
    random_state: np.random.RandomState,
) -> int:
    """Choose the components whose clusters have the largest modularity.

    Candidates are all numbers from `n_clusters` to 1.4 times as many. More components
    than clusters help if variation inside clusters comes before the last separation.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_eigenvectors)
        Eigenvectors in order; k-means runs on at most 10,000 rows, drawn at random.
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The affinities of the graph that judges.
    n_clusters : int
        Number of clusters.
    unit_length : bool
        Whether rows are scaled to unit length.
    random_state : numpy.random.RandomState
        Draws rows and initial centres.

    Returns
    -------
    int
        Number of columns of Y, the smallest of several that are equally good.
    """
    sample = random_state.permutation(len(Y))[:_SAMPLE_ROWS]
    max_components = min(max_auto_components(n_clusters), Y.shape[1])
    sizes = range(n_clusters, max_components + 1)
    options = KMeansOptions(unit_length=unit_length, n_init=_RUNS)
    scores = []
    for size in sizes:
        first = Y[:, :size]
        rule = k_means_rule(first[sample], n_clusters, options, random_state)
        scores.append(Partition(W, rule.labels(first)).modularity)
    return sizes[_largest(scores)]


def max_auto_components(n_clusters: int) -> int:
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


def most_modular_centers(
    Y: np.ndarray,
    W: Matrix,
    n_clusters: int,
    options: KMeansOptions,
    random_state: np.random.RandomState,
) -> NearestCenter:
    """Choose among runs of k-means by the graph, which knows more than the embedding.

    Inertias that differ by little do not tell which run is better. Among the runs
    within a tenth of the least inertia, the one with the largest modularity is taken.
    Ten runs often miss it, so there are at least 40.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_components)
        Embedding of the training rows, float64.
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The affinities of the graph that judges.
    n_clusters : int
        Number of clusters.
    options : KMeansOptions
        How centres are found.
    random_state : numpy.random.RandomState
        Draws rows and initial centres.

    Returns
    -------
    NearestCenter
        The rule.
    """
    some = draw_rows(Y, random_state)
    once = replace(options, n_init=1)
    n_runs = max(options.n_init, _RUNS)
    runs = [k_means(some, n_clusters, once, random_state) for _ in range(n_runs)]
    runs.sort(key=lambda run: run.inertia)
    most = (1 + _INERTIA_ABOVE_LEAST) * runs[0].inertia
    rules = [
        NearestCenter(run.centers, unit_length=options.unit_length).without_empty(some)
        for run in runs
        if run.inertia <= most
    ]
    return rules[_largest([Partition(W, rule.labels(Y)).modularity for rule in rules])]


def _largest(scores: Sequence[float]) -> int:
    """Return the position of the largest score, the first of equal ones."""
    return int(np.argmax(np.round(scores, 10)))
