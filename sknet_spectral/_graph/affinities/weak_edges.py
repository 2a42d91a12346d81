"""Warnings about graphs whose edges have almost no weight."""

import numpy as np
from scipy import sparse

from ..._warnings import warn
from ..arrays import Floats
from .affinity import SMALLEST_WEIGHT, WeightOptions

_MANY_AT_THE_FLOOR, _FEW_ROWS = 0.1, 50


def warn_if_at_the_floor(W: sparse.csr_matrix) -> None:
    """Warn if many edges have the smallest weight.

    Such edges keep the graph in one piece, but hardly hold rows together.

    Parameters
    ----------
    W : csr_matrix of shape (n_samples, n_samples)
        Affinities of a neighbour graph.

    Warns
    -----
    UserWarning
        If more than a tenth of the edges have the smallest weight, and there are at
        least 50 rows. Among fewer rows, one outlier may have that many edges.
    """
    n_smallest = np.count_nonzero(W.data <= SMALLEST_WEIGHT)
    if W.shape[0] >= _FEW_ROWS and n_smallest > _MANY_AT_THE_FLOOR * W.nnz:
        warn(
            f"{n_smallest / W.nnz:.0%} of the edges have the smallest weight possible: "
            "the rows they join are much farther apart than one of them is from its "
            "nearest neighbours, so these edges have almost no effect. Scale the "
            "columns, look for near-duplicate rows, or use weights='uniform'.",
        )


def warn_if_vanished(distances: Floats, options: WeightOptions) -> None:
    """Warn if "heat" gives most edges the same smallest weight.

    Parameters
    ----------
    distances : ndarray of shape (n_samples, n_neighbors)
        Distances of each row to its neighbours.
    options : WeightOptions
        The weights.

    Warns
    -----
    UserWarning
        If the median distance has the smallest weight.
    """
    if options.weights != "heat":
        return
    lengths = distances[np.isfinite(distances)]
    typical = np.median(lengths) if lengths.size else 0.0
    if np.sqrt(options.gamma) * typical > np.sqrt(-np.log(SMALLEST_WEIGHT)):
        warn(
            f"weights='heat' with gamma={options.gamma:.3g} gives at least half of the "
            "edges the smallest possible weight: the median distance between "
            f"neighbours is {typical:.3g}. Lower gamma to about {typical**-2.0:.3g}, "
            "scale the rows, or use weights='local_scaling'.",
        )
