"""From a graph without features to a map of rows, by the Nystrom extension."""

from collections.abc import Callable

from ..._graph.eigenvectors.extension import NystromExtension
from ..._graph.eigenvectors.laplacian import Laplacian
from ..._rows.rows import Matrix
from ..progress import Run
from .eigenvectors import find_eigenspace
from .fit_options import FitOptions
from .graph import Graph
from .row_maps import ExtensionMap, LearnedMap


def extend_eigenvectors(
    affinities: Callable[[Matrix], Matrix],
    graph: Graph,
    laplacian: Laplacian,
    options: FitOptions,
    run: Run,
) -> LearnedMap:
    """Take the eigenvectors of a graph without features; new rows come by their edges.

    Parameters
    ----------
    affinities : callable
        Maps new rows to their affinities.
    graph : Graph
        The graph.
    laplacian : Laplacian
        Its Laplacian.
    options : FitOptions
        Which eigenvectors are wanted, and how to find them.
    run : Run
        Randomness, checkpoint and progress.

    Returns
    -------
    LearnedMap
        The map of affinities.

    Raises
    ------
    ValueError
        If the solver is "stochastic", or the graph has no edges.
    """
    components, eigen = options.components, options.eigen
    if eigen.solver == "stochastic":
        raise ValueError(
            "eigen_solver='stochastic' trains a network on features: give them as "
            "X, and the graph by fit(X, affinity_matrix=W)."
        )
    if not laplacian.degrees.any():
        raise ValueError(
            "The graph has no edge between two different rows: give X entries outside "
            "its diagonal, or fewer cannot_link pairs."
        )
    found = find_eigenspace(graph, laplacian, components, eigen, run)
    columns = found.choice.columns
    columns = columns[columns < found.Y.shape[1]]
    eigenvalues = found.eigenvalues[columns]
    Y = found.Y[:, columns] * components.scale(eigenvalues)
    # Normalised eigenvalues have no unit.
    unit = laplacian.unit if eigen.laplacian == "unnormalized" else 1.0
    extension = NystromExtension(Y, eigenvalues * unit, eigen.laplacian)
    return LearnedMap(
        ExtensionMap(extension, affinities),
        Y,
        eigenvalues,
        found.spectrum,
        found.choice.n_clusters,
        found.min_rows,
        loss_curve=[],
        batch_size=None,
    )
