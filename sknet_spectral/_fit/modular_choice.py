"""What the graph chooses: how many components, and which run of k-means."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._partition import Partition
from .._rows.rows import Matrix
from .assignment import NearestCenter, rows_to_cluster
from .k_means import drawn_rows, k_means, k_means_rule

_RUNS, _SAMPLE_ROWS = 40, 10_000
# Runs of k-means whose inertia is so little above the least are as good.
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

    Candidates are the first `n_clusters` to 1.4 times as many, since more components
    than clusters are worth much where variation inside clusters comes before the last
    separation.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_eigenvectors)
        Eigenvectors in order; k-means runs on at most 10,000 rows, drawn at random.
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The affinities of the graph that judges.
    n_clusters : int
        Number of clusters.
    unit_length : bool
        As in `k_means_rule`.
    random_state : numpy.random.RandomState
        Draws rows and initial centres.

    Returns
    -------
    int
        How many of the first columns of Y; of numbers that are as good the smallest.
    """
    sample = random_state.permutation(len(Y))[:_SAMPLE_ROWS]
    max_components = min(max_auto_components(n_clusters), Y.shape[1])
    sizes = range(n_clusters, max_components + 1)
    scores = [
        _modularity_by(
            Y[:, :size],
            W,
            sample,
            n_clusters=n_clusters,
            unit_length=unit_length,
            random_state=random_state,
        )
        for size in sizes
    ]
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
    *,
    unit_length: bool,
    n_init: int,
    random_state: np.random.RandomState,
    verbose: bool,
) -> NearestCenter:
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
    unit_length, random_state, verbose
        As in `k_means_rule`.
    n_init : int
        Number of runs.

    Returns
    -------
    NearestCenter
        The rule.
    """
    some = drawn_rows(Y, random_state)
    points = rows_to_cluster(some, unit_length)
    runs = [
        k_means(
            points, n_clusters, n_init=1, random_state=random_state, verbose=verbose
        )
        for _ in range(n_init)
    ]
    runs.sort(key=lambda run: run.inertia)
    most = (1 + _INERTIA_ABOVE_LEAST) * runs[0].inertia
    rules = [
        NearestCenter(run.centers, unit_length=unit_length).without_empty(some)
        for run in runs
        if run.inertia <= most
    ]
    return rules[_largest([Partition(W, rule.labels(Y)).modularity for rule in rules])]


def _modularity_by(
    Y: np.ndarray, W: Matrix, sample: np.ndarray, n_clusters: int, **options: Any
) -> float:
    """Return the modularity that components give."""
    rule = k_means_rule(Y[sample], n_clusters, n_init=_RUNS, verbose=False, **options)
    return Partition(W, rule.labels(Y)).modularity


def _largest(scores: Sequence[float]) -> int:
    """Return the position of the largest score, of equal ones the first."""
    return int(np.argmax(np.round(scores, 10)))
