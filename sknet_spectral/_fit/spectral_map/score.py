"""How well a map fits the graph of any rows."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..._graph.eigenvectors.laplacian import Laplacian
from ..._rows.rows import Matrix
from ..options import GraphOptions
from ..sample.space import Space, transform_to_space
from ..underflow import tiny_is_zero
from .graph import affinity_of_space


@tiny_is_zero()
def mean_ritz_value(
    X: Matrix,
    row_map: Callable[[Matrix], np.ndarray],
    transformer: Any,
    options: GraphOptions,
    laplacian: str,
    seed: int,
) -> float:
    """Build the graph of rows, and measure a map on its Laplacian.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows.
    row_map : callable
        Maps them to their embedding.
    transformer : transformer or None
        Maps them to the space of the graph; None means their own space.
    options : GraphOptions
        How to build the graph.
    laplacian : {"normalized", "unnormalized"}
        Which Laplacian.
    seed : int
        Seed of the neighbour search.

    Returns
    -------
    float
        The mean of the Ritz values of the embedding.
    """
    space = Space(transform_to_space(transformer, X), transformer)
    W = affinity_of_space(space, options, seed).W
    return float(Laplacian(W, laplacian).ritz(row_map(X))[0].mean())
