"""From the graph to its lowest eigenvectors."""

from copy import copy
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..._engine.distributed import from_first_rank
from ..._graph.clusters.hanging_groups import hanging_rows
from ..._graph.clusters.small_groups import Reduced, rows_between_neighbors
from ..._graph.eigenvectors.kept_eigenpairs import check_kept
from ..._graph.eigenvectors.laplacian import Laplacian
from ..._graph.eigenvectors.meshes import is_mesh
from ..._graph.steps import Report
from ..checkpoints import Checkpoint
from ..options import EigenOptions
from ..progress import Run
from .components import Choice, Components
from .graph import Graph

# Eigenpairs computed for each one wanted, if many belong to groups of too few rows.
_MAX_TRIED = 4


@dataclass(frozen=True)
class Eigenspace:
    """Eigenpairs that can be components, and the choice among them.

    Attributes
    ----------
    eigenvalues : ndarray of shape (n_pairs,)
        The lowest first.
    Y : ndarray of shape (n_samples, n_pairs)
        Eigenvectors of unit mean square under the mass of the Laplacian.
    choice : Choice
        Which of them are components. It may name more than there are.
    spectrum : ndarray of shape (n_spectrum,)
        The same eigenvalues. The first one belongs to the constant eigenvector.
    min_rows : float
        Least number of rows of a group that has an eigenvector.
    """

    eigenvalues: np.ndarray
    Y: np.ndarray
    choice: Choice
    spectrum: np.ndarray
    min_rows: float


def find_eigenspace(
    graph: Graph,
    laplacian: Laplacian,
    components: Components,
    options: EigenOptions,
    run: Run,
) -> Eigenspace:
    """Find the lowest eigenpairs, and choose components among them.

    Parameters
    ----------
    graph : Graph
        The graph.
    laplacian : Laplacian
        Its Laplacian.
    components : Components
        What is wanted.
    options : EigenOptions
        How to find eigenpairs.
    run : Run
        Randomness, checkpoint and progress.

    Returns
    -------
    Eigenspace
        The eigenpairs, without the constant one if it cannot be a component.
    """
    n_samples = len(laplacian.mass)
    skipped = int(not components.constant_first)
    n_wanted = min(components.max_components(n_samples) + skipped, n_samples)
    with run.monitor.bar("eigenvectors", None, unit=" steps") as bar:
        hanging, kept = _of_large_groups(
            laplacian, n_wanted, components, options, run, bar.update
        )
    eigenvalues = kept.eigenvalues[skipped:]
    Y = _with_followers(laplacian, kept.Y, hanging)[:, skipped:]
    with run.monitor.stage("components"):
        random_state = np.random.RandomState(run.seeds.components)
        choice = components.choose(eigenvalues, Y, graph, random_state)
    return Eigenspace(eigenvalues, Y, choice, kept.eigenvalues, kept.min_rows)


def _of_large_groups(
    laplacian: Laplacian,
    n_wanted: int,
    components: Components,
    options: EigenOptions,
    run: Run,
    report: Report,
) -> tuple[np.ndarray, Reduced]:
    """Return which rows hang on others, and the eigenpairs of large enough groups."""
    n_samples, seed = len(laplacian.mass), run.seeds.eigenvectors
    max_pairs = min(_MAX_TRIED * n_wanted, n_samples)
    # A copy, so that what all solves share is freed at the end.
    solved = copy(laplacian)
    hanging = _hanging_rows(solved, n_wanted, components, seed)
    solved = solved.without(hanging)
    find = partial(_eigenpairs, solved, options, seed, run.checkpoint, report)
    n_pairs = n_wanted
    if components.min_group_rows(n_samples) > 1 and is_mesh(solved.W):
        # Small groups are common there, and further pairs cost less than a solve.
        n_pairs = min(2 * n_wanted, max_pairs)
    while True:
        eigenvalues, Y = find(n_pairs)
        kept = components.of_large_groups(eigenvalues, Y, solved, n_wanted)
        has_enough = kept.Y.shape[1] >= n_wanted
        is_sure = n_pairs > n_wanted or not kept.is_doubtful
        if (has_enough and is_sure) or n_pairs == max_pairs:
            return hanging, kept
        n_pairs = min(2 * n_pairs, max_pairs)


def _hanging_rows(
    laplacian: Laplacian, n_wanted: int, components: Components, seed: int
) -> np.ndarray:
    min_rows = components.min_group_rows(len(laplacian.mass))
    return from_first_rank(
        lambda: hanging_rows(laplacian, n_wanted, min_rows, np.random.RandomState(seed))
    )


def _with_followers(
    laplacian: Laplacian, Y: np.ndarray, hanging: np.ndarray
) -> np.ndarray:
    """Give rows that hang on others values between those of their neighbours."""
    if not hanging.any():
        return Y
    placed = np.empty((len(hanging), Y.shape[1]))
    placed[~hanging] = Y
    placed[hanging] = rows_between_neighbors(laplacian, placed, hanging)
    return placed


def _eigenpairs(
    laplacian: Laplacian,
    options: EigenOptions,
    seed: int,
    checkpoint: Checkpoint,
    report: Report,
    n_pairs: int,
) -> list[np.ndarray]:
    stage = f"{n_pairs}-eigenvectors"
    check = partial(check_kept, graph=laplacian, n_pairs=n_pairs)
    found = checkpoint.read(stage, check)
    if found is None:
        pairs = from_first_rank(
            lambda: laplacian.eigenpairs(
                n_pairs,
                solver=options.solver,
                tol=options.tol,
                random_state=np.random.RandomState(seed),
                report=report,
            )
        )
        found = list(pairs)
        checkpoint.write(stage, found)
    return found
