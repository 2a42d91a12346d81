"""The nearest neighbours of every row: exact, in a partition, or by pynndescent."""

import math

import numpy as np
from scipy import sparse
from sklearn.neighbors import NearestNeighbors

from .affinity import Neighbors
from .partitioned_search import (
    partitioned_neighbors,
    searched_columns,
    searched_rows,
)
from .threads import few_threads

# Named as pynndescent names them; a test compares the two lists.
METRICS = frozenset(
    [
        "euclidean",
        "l2",
        "sqeuclidean",
        "manhattan",
        "taxicab",
        "l1",
        "chebyshev",
        "linfinity",
        "linfty",
        "linf",
        "minkowski",
        "canberra",
        "cosine",
        "correlation",
        "haversine",
        "braycurtis",
        "spearmanr",
        "tsss",
        "true_angular",
        "hellinger",
        "jensen_shannon",
        "symmetric_kl",
        "hamming",
        "jaccard",
        "dice",
        "matching",
        "kulsinski",
        "rogerstanimoto",
        "russellrao",
        "sokalsneath",
        "sokalmichener",
        "yule",
    ]
)

# Defined alike by scikit-learn and pynndescent, so exact search may serve them.
EXACT_METRICS = frozenset(
    [
        "euclidean",
        "l2",
        "sqeuclidean",
        "manhattan",
        "l1",
        "chebyshev",
        "minkowski",
        "canberra",
        "cosine",
        "correlation",
        "braycurtis",
        "hamming",
    ]
)
_MEDIAN_ROWS = 1000
# Distances unchanged by translation and proportional to scale.
_HOMOGENEOUS_METRICS = frozenset(
    [
        "euclidean",
        "l2",
        "manhattan",
        "taxicab",
        "l1",
        "chebyshev",
        "linfinity",
        "linfty",
        "linf",
        "minkowski",
    ]
)
_MATRIX_PRODUCT_METRICS = frozenset(["euclidean", "l2", "sqeuclidean", "cosine"])

_PARTITIONED_METRICS = frozenset(["euclidean", "l2"])

# Seconds on two cores, from benchmarks/neighbors.py. They need not be right on
# another machine: they only say where one search stops paying.
_COMPILATION_SECONDS = 20.0
_EXACTNESS_SECONDS = 5.0  # what a few more right neighbours are worth
_PRODUCT_SECONDS = 2.5e-9, 3e-11  # a pair of rows; and each of its columns
_LOOP_SECONDS = 1e-9, 3.3e-10
_RANKING_SECONDS = 4e-8  # a row and each of its columns
_SPARSE_SECONDS = 1.7e-9, 1.9e-8  # a pair of rows; and each entry that they share
_MOST_TREE_FEATURES = 15  # above, scikit-learn compares all pairs
_TREE_SECONDS, _TREE_GROWTH = 1.6e-7, 1.44  # a node; and its factor for each column


def exact_seconds(X, metric):
    """Estimate the time of exact search, to be compared with compilation.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    metric : str
        Name of the metric.

    Returns
    -------
    float
        Seconds; infinite where only pynndescent has the metric.
    """
    n_samples, n_features = X.shape
    if sparse.issparse(X):
        if metric not in _MATRIX_PRODUCT_METRICS:
            return math.inf
        row, entry = _SPARSE_SECONDS
        shared = np.square(np.bincount(X.indices).astype(np.float64)).sum()
        return n_samples**2 * row + shared * entry
    if metric not in EXACT_METRICS:
        return math.inf
    if metric in _HOMOGENEOUS_METRICS and n_features <= _MOST_TREE_FEATURES:
        growth = _TREE_GROWTH**n_features
        return _TREE_SECONDS * n_samples * math.log2(n_samples + 1) * growth
    by_product = metric in _MATRIX_PRODUCT_METRICS
    row, column = _PRODUCT_SECONDS if by_product else _LOOP_SECONDS
    return n_samples**2 * (row + column * n_features)


def partitioned_seconds(X, metric):
    """Estimate the time of a search in a partition.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    metric : str
        Name of the metric.

    Returns
    -------
    float
        Seconds; infinite where there is no such search.
    """
    if metric not in _PARTITIONED_METRICS or sparse.issparse(X):
        return math.inf
    n_samples, n_features = X.shape
    row, column = _PRODUCT_SECONDS
    pair = row + column * searched_columns(n_features)
    return n_samples * (searched_rows(n_samples) * pair + n_features * _RANKING_SECONDS)


def nearest_neighbors(X, n_neighbors, *, metric, random_state, n_jobs=None):
    """Find the nearest other rows of each row.

    The choice between exact search, a partition and pynndescent depends on the shape
    of the data and the metric alone, so that the same call gives the same bits.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    n_neighbors : int
        Number of other rows, less than `n_samples`.
    metric : str
        One of `METRICS`.
    random_state : numpy.random.RandomState
        Source of what an approximate search draws.
    n_jobs : int, default=None
        Threads of exact search; pynndescent's result depends on their number, so it
        always has one.

    Returns
    -------
    Neighbors of shape (n_samples, n_neighbors)
        Other rows and their distances, float64, the nearest first.

    Raises
    ------
    ValueError
        If the metric is not defined for some rows, such as constant ones.
    """
    scaled, scale = _condition(X, metric)
    exact, partitioned = exact_seconds(X, metric), partitioned_seconds(X, metric)
    can_part = partitioned <= _COMPILATION_SECONDS
    if exact <= (_EXACTNESS_SECONDS if can_part else _COMPILATION_SECONDS):
        indices, distances = _exact(scaled, n_neighbors, metric, n_jobs)
    elif can_part:
        indices, distances = partitioned_neighbors(scaled, n_neighbors, random_state)
    else:
        indices, distances = _approximate(scaled, n_neighbors, metric, random_state)
    return Neighbors(indices, distances.astype(np.float64) * scale)


def stored_neighbors(distances, n_neighbors=None):
    """Take the nearest neighbours that a sparse matrix of distances stores.

    A stored zero is a neighbour at distance zero, an entry that is not stored is
    no neighbour. A stored diagonal entry counts among the `n_neighbors`, as in
    scikit-learn, and is then left out.

    Parameters
    ----------
    distances : sparse matrix of shape (n_queries, n_samples)
        Distances to some of the training rows.
    n_neighbors : int, default=None
        How many to keep of each row; None keeps all.

    Returns
    -------
    Neighbors of shape (n_queries, largest number kept)
        The nearest first; shorter lists end in infinite distances.
    """
    graph = sparse.csr_matrix(distances)
    counts = np.diff(graph.indptr)
    rows = np.repeat(np.arange(len(counts)), counts)
    order = np.lexsort((graph.data, rows))
    columns, lengths = graph.indices[order], graph.data[order].astype(np.float64)
    rank = np.arange(len(rows)) - graph.indptr[rows]
    kept = rank < (counts.max(initial=0) if n_neighbors is None else n_neighbors)
    if graph.shape[0] == graph.shape[1]:
        kept &= rows != columns
    rows, columns, lengths = rows[kept], columns[kept], lengths[kept]
    counts = np.bincount(rows, minlength=len(counts))
    shape = len(counts), counts.max(initial=1)
    rank = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    indices, padded = np.zeros(shape, dtype=np.int64), np.full(shape, np.inf)
    indices[rows, rank], padded[rows, rank] = columns, lengths
    return Neighbors(indices, padded)


def _condition(X, metric):
    """Centre and scale rows where distances allow it, against cancellation."""
    if metric not in _HOMOGENEOUS_METRICS or sparse.issparse(X):
        return X, 1.0
    # A mean would go after an outlier, and the digits of all other rows with it.
    some = X[:: math.ceil(X.shape[0] / _MEDIAN_ROWS)]
    centred = X - np.median(some, axis=0)
    scale = float(np.abs(centred).max(initial=0.0)) or 1.0
    centred /= scale
    return centred, scale


def _exact(X, n_neighbors, metric, n_jobs):
    search = NearestNeighbors(n_neighbors=n_neighbors, metric=metric, n_jobs=n_jobs)
    with few_threads(X.shape[0]):
        distances, indices = search.fit(X).kneighbors()
    _check_defined(distances, metric)
    return indices, distances


def _approximate(X, n_neighbors, metric, random_state):
    from pynndescent import NNDescent

    seed = random_state.randint(np.iinfo(np.int32).max)
    X = X.astype(np.float32)
    index = NNDescent(
        X,
        metric=metric,
        n_neighbors=n_neighbors + 1,
        random_state=seed,
        n_jobs=1,  # its result depends on the number of threads
    )
    with np.errstate(invalid="ignore"):
        indices, distances = _without_self(*index.neighbor_graph)
    _check_defined(distances, metric)
    unfilled = np.flatnonzero((indices < 0).any(axis=1))
    if len(unfilled):
        found, found_distances = index.query(X[unfilled], k=n_neighbors + 1)
        found, found_distances = _without_self(found, found_distances, rows=unfilled)
        indices[unfilled], distances[unfilled] = found, found_distances
    if (indices < 0).any():
        raise ValueError(
            f"pynndescent found fewer than n_neighbors={n_neighbors} neighbours for "
            f"some rows under metric={metric!r}: lower n_neighbors, or choose "
            "another metric."
        )
    return indices, distances


def _check_defined(distances, metric):
    if np.isnan(distances).any():
        raise ValueError(
            f"metric={metric!r} leaves the distances of some rows of X undefined: "
            "choose another metric, or leave these rows out."
        )


def _without_self(indices, distances, rows=None):
    """Drop each row from its own list, or the last entry where it is absent."""
    rows = np.arange(len(indices)) if rows is None else rows
    other = indices != rows[:, None]
    other[other.all(axis=1), -1] = False
    # Two entries of one row are never both itself, so each row loses exactly one.
    shape = len(indices), indices.shape[1] - 1
    return indices[other].reshape(shape), distances[other].reshape(shape)
