"""How far clusters stay the same when an estimator is fitted to other rows."""

from itertools import combinations
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.base import BaseEstimator, clone
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import contingency_matrix
from sklearn.utils import (
    Bunch,
    _safe_indexing,
    check_random_state,
    check_scalar,
    get_tags,
    indexable,
)
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.random import sample_without_replacement
from sklearn.utils.validation import _num_samples, column_or_1d


def stability(
    estimator: BaseEstimator,
    X: Any,
    *,
    n_repeats: int = 10,
    subsample: float = 0.8,
    random_state: int | np.random.RandomState | None = None,
    n_jobs: int | None = None,
) -> Bunch:
    """Refit a clusterer to random samples of the rows, and compare the clusters.

    A clone of the estimator is fitted to all rows: its clusters are the reference.
    Other clones are fitted to samples, and each of them labels all rows with `predict`.
    The Hungarian method matches clusters of a refit one to one with clusters of the
    reference, so that as many rows as possible agree.

    Stable clusters need not be right. Unstable ones are a sign of too many clusters, of
    too few that can be chosen in several ways, or of too few rows.

    Parameters
    ----------
    estimator : estimator
        Any clusterer with `fit` and `predict`, fitted or not. It does not change. If it
        takes a graph as X, samples are drawn from the rows and the columns.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        The rows, as for `fit`.
    n_repeats : int, default=10
        Number of samples, at least two.
    subsample : float, default=0.8
        Share of the rows in each sample, in (0, 1]. The larger the share, the more rows
        two samples have in common, and the more their clusters agree. One means all
        rows: then only the randomness of the estimator is left to compare.
    random_state : int, RandomState instance or None, default=None
        Draws the samples. The estimator keeps a random state of its own.
    n_jobs : int, default=None
        Number of processes that fit at the same time. None means one.

    Returns
    -------
    Bunch
        What was found, with these attributes:

        labels : ndarray of shape (n_samples,)
            The reference: the label of each row in the fit to all rows.
        row_agreement : ndarray of shape (n_samples,)
            Share of the refits that put the row into the match of its cluster.
        clusters : ndarray of shape (n_clusters,)
            The labels of the reference, in ascending order.
        cluster_agreement_mean, cluster_agreement_std : ndarray of shape (n_clusters,)
            Mean and standard deviation, over the refits, of the Jaccard index of each
            cluster and its match: the rows in both, divided by the rows in either. It
            is zero in a refit with fewer clusters that leaves the cluster no match.
        rand_index_mean, rand_index_std : float
            Mean and standard deviation of the adjusted Rand index over all pairs of
            refits.

    Raises
    ------
    TypeError
        If the estimator has no `predict`.
    ValueError
        If `n_repeats`, `subsample` or `n_jobs` is out of range.

    See Also
    --------
    sknet_spectral.inspection.StabilityDisplay : Draws the result.
    sklearn.metrics.adjusted_rand_score : The agreement of two labellings.

    References
    ----------
    von Luxburg, "Clustering stability: an overview", Foundations and Trends in Machine
    Learning 2, 2010. Ben-Hur, Elisseeff, Guyon, "A stability based method for
    discovering structure in clustered data", Pacific Symposium on Biocomputing, 2002.
    Hennig, "Cluster-wise assessment of cluster stability", Computational Statistics &
    Data Analysis 52, 2007.

    Examples
    --------
    >>> from sklearn.cluster import KMeans
    >>> from sklearn.datasets import make_blobs
    >>> from sknet_spectral.metrics import stability
    >>> X, _ = make_blobs(200, centers=[[0, 0], [9, 0], [0, 9]], random_state=0)
    >>> found = stability(KMeans(3, random_state=0), X, random_state=0)
    >>> found.rand_index_mean
    1.0
    >>> found.cluster_agreement_mean
    array([1., 1., 1.])
    """
    if not hasattr(estimator, "predict"):
        raise TypeError(
            "stability labels rows by predict, which "
            f"{type(estimator).__name__} lacks: use a clusterer that has it, such as "
            "SpectralNetClustering or KMeans."
        )
    check_scalar(n_repeats, "n_repeats", Integral, min_val=2)
    check_scalar(
        subsample,
        "subsample",
        Real,
        min_val=0,
        max_val=1,
        include_boundaries="right",
    )
    if n_jobs is not None:
        check_scalar(n_jobs, "n_jobs", Integral)
    if n_jobs == 0:
        raise ValueError("n_jobs must be None or an integer other than zero, got 0.")
    (X,) = indexable(X)
    samples = _draw_samples(_num_samples(X), n_repeats, subsample, random_state)
    reference, *refits = Parallel(n_jobs=n_jobs)(
        delayed(_labels_of_refit)(estimator, X, sample) for sample in [None, *samples]
    )
    agreements = [_compare(reference, labels) for labels in refits]
    of_rows, of_clusters = map(np.array, zip(*agreements, strict=True))
    rand_indices = [adjusted_rand_score(*pair) for pair in combinations(refits, 2)]
    return Bunch(
        labels=reference,
        row_agreement=of_rows.mean(axis=0),
        clusters=np.unique(reference),
        cluster_agreement_mean=of_clusters.mean(axis=0),
        cluster_agreement_std=of_clusters.std(axis=0),
        rand_index_mean=float(np.mean(rand_indices)),
        rand_index_std=float(np.std(rand_indices)),
    )


def _draw_samples(
    n_samples: int,
    n_repeats: int,
    subsample: float,
    random_state: int | np.random.RandomState | None,
) -> list[NDArray[np.intp]]:
    """Draw positions of rows, ascending, so that rows keep their order."""
    random_state = check_random_state(random_state)
    n_drawn = max(round(subsample * n_samples), 1)
    return [
        np.sort(
            sample_without_replacement(n_samples, n_drawn, random_state=random_state)
        )
        for _ in range(n_repeats)
    ]


def _labels_of_refit(
    estimator: BaseEstimator, X: Any, sample: NDArray[np.intp] | None
) -> NDArray:
    """Fit a clone to a sample, None being all rows, and label all rows."""
    drawn = X
    if sample is not None:
        if get_tags(estimator).input_tags.pairwise:
            X = _safe_indexing(X, sample, axis=1)
        drawn = _safe_indexing(X, sample)
    return column_or_1d(clone(estimator).fit(drawn).predict(X))


def _compare(
    reference: ArrayLike, labels: ArrayLike
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Match clusters; say which rows agree, and the Jaccard index of each cluster."""
    table = contingency_matrix(reference, labels)
    clusters, matches = linear_sum_assignment(-table)
    _, cluster_of = np.unique(reference, return_inverse=True)
    _, label_of = np.unique(labels, return_inverse=True)
    match_of = np.full(len(table), -1)
    match_of[clusters] = matches
    shared = table[clusters, matches]
    either = table[clusters].sum(axis=1) + table[:, matches].sum(axis=0) - shared
    jaccard = np.zeros(len(table))
    jaccard[clusters] = shared / either
    return match_of[cluster_of] == label_of, jaccard
