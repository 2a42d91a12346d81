"""Warnings about clusters that are fewer or smaller than expected."""

import numpy as np

from ..._graph.affinities.construction import GRAPH_AFFINITIES
from ..._graph.affinities.kernels import KERNELS
from ..._graph.clusters.collapse import Collapse, find_collapse
from ..._warnings import warn
from ..options import GraphOptions
from ..spectral_map.graph import Graph

_MAX_SIZES = 10


def warn_if_collapsed(
    graph: Graph,
    labels: np.ndarray,
    options: GraphOptions,
    *,
    n_components: int,
    metric: str,
    min_cluster_size: int | float | None,
) -> None:
    """Warn if one cluster holds nearly all rows, or several hold next to none.

    Parameters
    ----------
    graph : Graph
        The graph of the rows.
    labels : ndarray of shape (n_samples,)
        Their clusters.
    options : GraphOptions
        How the graph was built.
    n_components, metric, min_cluster_size : int, str, float or None
        Further parameters to try. The metric is the user's: the graph of a Siamese
        network has another.

    Warns
    -----
    UserWarning
        If clusters have collapsed and are not apart in the graph.
    """
    found = find_collapse(graph.W, labels)
    if found is None:
        return
    parameters: dict[str, object] = {}
    if graph.n_neighbors is not None:
        parameters["n_neighbors"] = graph.n_neighbors
    parameters["n_components"] = n_components
    parameters |= _scale_of_distances(graph, options, metric)
    parameters["min_cluster_size"] = min_cluster_size
    tried = ", ".join(f"{name} (now {value!r})" for name, value in parameters.items())
    warn(
        f"{_outcome(found, len(labels))}, and the graph does not set them apart. "
        "Scale the columns if their units differ, or try other values of "
        f"{tried}.",
    )


def warn_of_one() -> None:
    """Warn that ``n_clusters="auto"`` has found a single cluster."""
    warn(
        "n_clusters='auto' finds one cluster: no border between groups of rows costs "
        "less than cuts through them. Give n_clusters if there are more, lower "
        "n_neighbors, or try another metric."
    )


def _scale_of_distances(
    graph: Graph, options: GraphOptions, metric: str
) -> dict[str, object]:
    """Return the parameter that says what is near, with its value."""
    if callable(options.affinity) or options.affinity in GRAPH_AFFINITIES:
        return {}
    if options.affinity in KERNELS or options.weights == "heat":
        return {"gamma": graph.gamma}
    return {"metric": metric}


def _outcome(found: Collapse, n_samples: int) -> str:
    shown = ", ".join(map(str, found.sizes[:_MAX_SIZES]))
    more = ", ..." if len(found.sizes) > _MAX_SIZES else ""
    outcome = (
        f"The clusters have {shown}{more} rows: the largest holds "
        f"{found.sizes[0] / n_samples:.0%} of all"
    )
    if found.n_tiny:
        outcome += f", {found.n_tiny} less than a twentieth of the mean cluster"
    return outcome
