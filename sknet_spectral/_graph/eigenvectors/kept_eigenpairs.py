"""The check of eigenpairs that a checkpoint kept in a file."""

from collections.abc import Sequence

import numpy as np

from ..arrays import Floats
from .laplacian import Laplacian

# In units of the bound. A solver whose residual is this large would have warned.
_RESIDUAL = 1e-2
_MOMENT = 1e-6


def check_kept(arrays: Sequence[Floats], graph: Laplacian, n_pairs: int) -> None:
    """Raise a ValueError if arrays are not eigenpairs of a graph.

    It is not checked whether they are the lowest: that would take as long as finding
    them.

    Parameters
    ----------
    arrays : list of ndarray
        Eigenvalues and eigenvectors, as `Laplacian.eigenpairs` returns them.
    graph : Laplacian
        The graph.
    n_pairs : int
        The expected number of pairs.
    """
    shapes = [array.shape for array in arrays]
    n_nodes = len(graph.mass)
    if shapes != [(n_pairs,), (n_nodes, n_pairs)]:
        raise ValueError(f"arrays of shapes {shapes} are not its eigenpairs.")
    if any(
        array.dtype != np.float64 or not np.isfinite(array).all() for array in arrays
    ):
        raise ValueError("its eigenpairs are not finite float64 numbers.")
    eigenvalues, Y = arrays
    n_found = min(n_pairs, np.count_nonzero(graph.mass))
    moments = np.zeros(n_pairs)
    moments[:n_found] = graph.volume
    error = Y.T @ (graph.mass[:, None] * Y) - np.diag(moments)
    if np.abs(error).max() > _MOMENT * graph.volume:
        raise ValueError("its eigenvectors are not orthogonal.")
    if _residual(graph, eigenvalues[:n_found], Y[:, :n_found]) > _RESIDUAL:
        raise ValueError("its vectors are not eigenvectors of the graph.")


def _residual(graph: Laplacian, eigenvalues: Floats, Y: Floats) -> float:
    """Return the largest residual of the symmetric form, in units of the bound."""
    mass, degrees = graph.mass[:, None], graph.degrees[:, None]
    has_mass = graph.mass > 0
    residuals = degrees * Y - graph.W @ Y - eigenvalues * (mass * Y)
    residuals = residuals[has_mass] / np.sqrt(mass[has_mass] * graph.volume)
    return np.linalg.norm(residuals, axis=0).max() / (graph.bound or 1.0)
