"""From rows to the graph, by the parameters of an estimator."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..._engine.distributed import from_first_rank
from ..._graph.affinities.affinity import WeightOptions
from ..._graph.affinities.constraints import Constraints, constrain_affinity
from ..._graph.affinities.construction import (
    Affinity,
    build_affinity,
    given_affinity,
)
from ..._graph.affinities.weak_edges import warn_if_at_the_floor
from ..._graph.clusters.cluster_count import count_clusters
from ..._graph.clusters.eigenvalue_count import number_of_clusters
from ..._graph.search.neighbors import NeighborOptions
from ..._graph.steps import Report, report_nothing
from ..._rows.opening import validate_matrix
from ..._rows.rows import Matrix
from ..options import GraphOptions
from ..progress import Run
from ..sample.space import Space
from .fit_options import FitOptions
from .joining import join_pieces, warn_if_cut


@dataclass(frozen=True)
class Graph:
    """The graph of the rows.

    Attributes
    ----------
    W : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        Its affinities.
    compared_on : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        The affinities on which partitions are compared.
    n_pieces : int
        Number of connected components before any were joined.
    n_neighbors : int or None
        Number of neighbours of each row.
    gamma : float
        The coefficient of kernels and "heat".
    extend : callable or None
        Maps new rows to their affinities; None if a network maps features instead.
    counts_by_eigenvalues : bool
        Whether the eigenvalues alone say how many clusters there are, as in the
        parameter-free graph.
    """

    W: Matrix
    compared_on: Matrix
    n_pieces: int
    n_neighbors: int | None
    gamma: float
    extend: Callable[[Matrix], Matrix] | None
    counts_by_eigenvalues: bool

    def count_clusters(
        self,
        eigenvalues: np.ndarray,
        Y: np.ndarray,
        random_state: np.random.RandomState,
    ) -> int:
        """Count clusters by the lowest eigenvalues, or with their eigenvectors Y."""
        if self.counts_by_eigenvalues:
            return number_of_clusters(self.W, eigenvalues)
        return count_clusters(self.W, eigenvalues, Y, random_state)


def build_graph(
    X: Matrix,
    space: Space,
    given: Affinity | None,
    constraints: Constraints | None,
    options: FitOptions,
    run: Run,
) -> Graph:
    """Build the graph, join its pieces, and apply the constraints.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows.
    space : Space
        The rows in the space of the graph.
    given : Affinity or None
        The user's graph.
    constraints : Constraints or None
        What is known about pairs of rows.
    options : FitOptions
        How to build the graph, and how many of its pieces stay apart.
    run : Run
        Randomness and progress.

    Returns
    -------
    Graph
        The graph.
    """
    how, components = options.graph, options.components
    n_samples = space.Z.shape[0]
    with run.monitor.bar("neighbors", n_samples, unit=" rows") as bar:
        affinity = from_first_rank(
            lambda: (
                given or affinity_of_space(space, how, run.seeds.neighbors, bar.update)
            )
        )
        bar.update(n_samples - bar.n)
    W, n_pieces = join_pieces(affinity, space.Z, how.metric, components)
    compared_on = W
    if constraints is not None:
        compared_on = constrain_affinity(W, constraints)
        warn_if_cut(W, compared_on, components.max_connected)
        W = compared_on
    paired_by = space.paired_by
    if paired_by is not None and components.compares_partitions:
        # A Siamese network moves rows together that its graph then joins. Nearly every
        # partition is good by that graph.
        compared_on = from_first_rank(
            lambda: _own_neighbors(X, paired_by, how, run.seeds.neighbors)
        )
        if constraints is not None:
            compared_on = constrain_affinity(compared_on, constraints)
    return Graph(
        W,
        compared_on,
        n_pieces,
        affinity.n_neighbors,
        how.gamma(space.Z.shape[1]),
        affinity.extend,
        counts_by_eigenvalues=given is None and how.affinity == "parameter_free",
    )


def affinity_of_space(
    space: Space,
    options: GraphOptions,
    seed: int,
    report: Report = report_nothing,
) -> Affinity:
    """Build the graph of rows in a space, before any of its pieces are joined.

    Parameters
    ----------
    space : Space
        The rows in the space.
    options : GraphOptions
        How to build the graph.
    seed : int
        Seed of the neighbour search.
    report : callable, default=report_nothing
        Takes the number of rows whose neighbours were found since the last call.

    Returns
    -------
    Affinity
        The graph.
    """
    affinity = _affinity(space.Z, options, seed, report)
    # "heat" has a warning of its own, and learned spaces draw groups apart.
    has_scales = affinity.n_neighbors and options.weights != "heat"
    if has_scales and space.transformer is None:
        warn_if_at_the_floor(affinity.W)
    return affinity


def validated_affinity(W: Any, n_samples: int, name: str) -> Affinity:
    """Validate affinities that the user, or the user's function, has given.

    Parameters
    ----------
    W : {array-like, sparse matrix} of shape (n_samples, n_samples)
        The affinities.
    n_samples : int
        Number of rows that they belong to.
    name : str
        What to call the matrix in errors.

    Returns
    -------
    Affinity
        The graph.
    """
    W = validate_matrix(W, name, accept_sparse="csr")
    return given_affinity(W, n_samples, name)


def _affinity(
    X: Matrix,
    options: GraphOptions,
    seed: int,
    report: Report = report_nothing,
) -> Affinity:
    if options.affinity_function is not None:
        name = f"affinity={options.affinity_function!r}"
        try:
            W = options.affinity_function(X, **options.kernel_params)
        except Exception as error:
            error.add_note(
                f"{name} was called with all rows of X, and must return the matrix of "
                "their affinities."
            )
            raise
        return validated_affinity(W, X.shape[0], name)
    gamma = options.gamma(X.shape[1])
    own_gamma = {} if callable(options.affinity) else {"gamma": gamma}
    return build_affinity(
        X,
        options.affinity,
        neighbor_options=NeighborOptions(
            n_neighbors=options.n_neighbors,
            metric=options.metric,
            random_state=np.random.RandomState(seed),
            n_jobs=options.n_jobs,
            search_on_gpu=options.search_on_gpu,
            report=report,
        ),
        weight_options=WeightOptions(options.weights, gamma),
        kernel_options={**options.kernel_params, **own_gamma},
    )


def _own_neighbors(X: Matrix, metric: str, options: GraphOptions, seed: int) -> Matrix:
    """Build the graph of the rows themselves; `weights` are for the learned space."""
    own = replace(
        options,
        affinity="nearest_neighbors",
        metric=metric,
        weights="local_scaling",
        affinity_function=None,
    )
    return _affinity(X, own, seed).W
