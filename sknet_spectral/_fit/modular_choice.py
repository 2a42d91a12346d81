"""What the graph chooses: how many components, and which run of k-means."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._partition import Partition
from .._rows.rows import Matrix
from .assignment import NearestCenter, drawn_rows

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
        As in `NearestCenter`.
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
    Y: np.ndarray, W: Matrix, n_clusters: int, *, n_init: int, **options: Any
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
    return rules[_largest([Partition(W, rule.labels(Y)).modularity for rule in rules])]


def _modularity_by(
    Y: np.ndarray, W: Matrix, sample: np.ndarray, n_clusters: int, **options: Any
) -> float:
    """Return the modularity that components give."""
    rule = NearestCenter(Y[sample], n_clusters, n_init=_RUNS, verbose=False, **options)
    return Partition(W, rule.labels(Y)).modularity


def _largest(scores: Sequence[float]) -> int:
    """Return the position of the largest score, of equal ones the first."""
    return int(np.argmax(np.round(scores, 10)))
