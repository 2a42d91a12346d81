"""The graph Laplacian: its lowest eigenpairs, and the Ritz step.

The generalised problem is ``L y = lambda M y`` with L = D - W. M is D for the
normalised Laplacian, and the identity for the unnormalised one. Embeddings are scaled
so that ``Y.T @ M @ Y = tr(M) I``.
"""

from functools import cached_property
from typing import Literal

import numpy as np
from scipy import sparse

from ..arrays import Flags, Floats, Integers, Matrix, is_sparse
from ..edges import without_diagonal
from ..steps import Report, report_nothing
from .eigensolvers import DENSE_NODES, lowest_eigenpairs
from .node_order import in_local_order
from .signs import signs
from .symmetric_form import SymmetricForm, inverse_or_zero
from .zero_eigenspace import zero_eigenspace

_BLOCK_ROWS = 2**16
_SMALLEST_UNIT = 1e-150


class Laplacian:
    """A graph Laplacian with its mass matrix.

    Parameters
    ----------
    W : {ndarray, sparse matrix} of shape (n_nodes, n_nodes)
        Symmetric, non-negative affinity matrix. Its diagonal is ignored.
    kind : {"normalized", "unnormalized"}
        Which Laplacian.
    isolated_mass : float, default=1.0
        Mass of a node without edges, if unnormalised.

    Attributes
    ----------
    kind : {"normalized", "unnormalized"}
        Which Laplacian.
    W : {ndarray, csr_matrix}
        The affinities in float64, without their diagonal. They are divided by the
        largest one if their sums could overflow or vanish.
    unit : float
        What they are divided by.
    degrees : ndarray of shape (n_nodes,)
        Row sums of `W`.
    mass : ndarray of shape (n_nodes,)
        Diagonal of M. Normalised: `degrees`, or zero if a degree is lost to rounding
        next to the largest. Unnormalised: ones, or `isolated_mass` for nodes without
        edges. Ones if there are no edges at all.
    """

    def __init__(
        self, W: Matrix, kind: str = "normalized", isolated_mass: float = 1.0
    ) -> None:
        self.kind, self.isolated_mass = kind, isolated_mass
        W = without_diagonal(W)
        self.unit = _unit(W)
        self.W = W if self.unit == 1.0 else _divided(W, self.unit)
        self.degrees = np.asarray(self.W.sum(axis=1)).ravel()
        self.mass = _mass(self.degrees, kind, isolated_mass)

    @property
    def volume(self) -> float:
        """Sum of the masses: vol for the normalised Laplacian, n otherwise."""
        return self.mass.sum()

    @property
    def shares(self) -> Floats:
        """Mass of each node as a share of the volume."""
        return self.mass / self.volume

    @property
    def bound(self) -> float:
        """Upper bound of the eigenvalues."""
        counts = self.mass > 0
        return 2.0 * float(np.max(self.degrees[counts] / self.mass[counts]))

    def without(self, nodes: Flags) -> "Laplacian":
        """Return the Laplacian of the graph without some nodes.

        Parameters
        ----------
        nodes : ndarray of shape (n_nodes,)
            Whether to leave each node out, bool.

        Returns
        -------
        Laplacian
            This one if there are none.
        """
        if not nodes.any():
            return self
        others = np.flatnonzero(~nodes)
        return Laplacian(self.W[others][:, others], self.kind, self.isolated_mass)

    @cached_property
    def symmetric_form(self) -> tuple[SymmetricForm, Integers]:
        """The symmetric eigenproblem, its nodes in an order that is fast.

        It is as large as the graph, and lives as long as the Laplacian.

        Returns
        -------
        S : SymmetricForm
            The eigenproblem.
        order : ndarray of shape (n_nodes,)
            The node of the graph at each place.
        """
        W, order = in_local_order(self.W)
        inverse_root = inverse_or_zero(np.sqrt(self.mass))[order]
        return SymmetricForm(W, self.degrees[order], inverse_root, self.bound), order

    def energy(self, F: Floats) -> Floats:
        """Return F.T @ L @ F for F of shape (n_nodes, k)."""
        products = (
            F[rows].T @ (self.degrees[rows, None] * F[rows] - self.W[rows] @ F)
            for rows in _blocks(len(F))
        )
        return sum(products, start=np.zeros((F.shape[1],) * 2))

    def centre(self, F: Floats) -> Floats:
        """Return the row to subtract from F to make it M-orthogonal to constants."""
        return self.mass @ F / self.volume

    def ritz(self, F: Floats, noise: float = 0.0) -> tuple[Floats, Floats]:
        """Solve the eigenproblem within the span of the columns of F.

        Null directions of F become zero columns. Their eigenvalues are the bound, and
        come last.

        Parameters
        ----------
        F : ndarray of shape (n_nodes, k)
            Any centred map of the nodes.
        noise : float, default=0.0
            Directions with at most this root mean square are null.

        Returns
        -------
        eigenvalues : ndarray of shape (k,)
            Ritz values in ascending order.
        rotation : ndarray of shape (k, k)
            ``F @ rotation`` has moment ``volume * I``, up to null directions.
        """
        whitening = _whitening(self._moment(F), noise**2)
        whitened = F @ whitening
        # A single whitening errs by rounding over the smallest kept spread, up to 1e-4.
        again = _whitening(self._moment(whitened))
        energy = again.T @ self.energy(whitened) @ again / self.volume
        # numpy's eigh accepts the empty matrix of a constant map; older scipy's fails.
        values, vectors = np.linalg.eigh(0.5 * (energy + energy.T))
        n_kept = len(values)
        rotation = np.zeros((F.shape[1],) * 2)
        rotation[:, :n_kept] = whitening @ again @ vectors
        eigenvalues = np.full(F.shape[1], self.bound)
        eigenvalues[:n_kept] = np.clip(values, 0.0, self.bound)
        return eigenvalues, rotation * signs(F @ axis for axis in rotation.T)

    def eigenpairs(
        self,
        n_pairs: int,
        *,
        solver: str = "arpack",
        tol: float | Literal["auto"] = "auto",
        random_state: np.random.RandomState | None = None,
        dense_nodes: int = DENSE_NODES,
        report: Report = report_nothing,
    ) -> tuple[Floats, Floats]:
        """Find the lowest eigenpairs, starting with the constant vector.

        The connected components determine the zero eigenspace. The solver works
        outside it, since Lanczos misses multiple eigenvalues.

        Parameters
        ----------
        n_pairs : int
            Number of eigenpairs, at most the number of nodes.
        solver : {"arpack", "lobpcg", "amg"}
            How a large problem is solved.
        tol : float or "auto"
            Residual at which the solver stops.
        random_state : numpy.random.RandomState, default=None
            Source of the starting vectors. None means a fixed seed.
        dense_nodes : int, default=1000
            Up to this many nodes, the problem is solved densely.
        report : callable, default=report_nothing
            Takes the number of steps of the solver since the last call.

        Returns
        -------
        eigenvalues : ndarray of shape (n_pairs,)
            In ascending order.
        Y : ndarray of shape (n_nodes, n_pairs)
            Eigenvectors, ``Y.T @ M @ Y = volume * I``; zero columns if there are few.
        """
        if random_state is None:
            random_state = np.random.RandomState(0)
        null = zero_eigenspace(self.W, self.mass, n_pairs)
        missing = n_pairs - null.shape[1]
        values, Y = np.zeros(null.shape[1]), null
        if missing:
            S, order = self.symmetric_form
            found_values, found = lowest_eigenpairs(
                S,
                null[order],
                missing,
                solver=solver,
                tol=tol,
                random_state=random_state,
                dense_nodes=dense_nodes,
                report=report,
            )
            values = np.concatenate([values, np.minimum(found_values, self.bound)])
            Y = np.hstack([null, np.empty_like(found)])
            Y[order, null.shape[1] :] = found
        # In place, since copies of Y would dominate the memory use on many nodes.
        Y *= inverse_or_zero(np.sqrt(self.mass))[:, None]
        Y *= np.sqrt(self.volume)
        Y *= signs(Y.T)
        return values, Y

    def _moment(self, F: Floats) -> Floats:
        """Return F.T @ M @ F in units of the volume."""
        blocks = _blocks(len(F))
        products = (F[rows].T @ (self.mass[rows, None] * F[rows]) for rows in blocks)
        return sum(products, start=np.zeros((F.shape[1],) * 2)) / self.volume


def _mass(degrees: Floats, kind: str, isolated_mass: float) -> Floats:
    # The entry of an eigenvector at a node grows with the square root of the largest
    # degree over the degree of the node.
    lost = degrees <= np.finfo(np.float64).eps * degrees.max()
    if lost.all():
        return np.ones_like(degrees)
    if kind == "unnormalized":
        return np.where(degrees > 0, 1.0, isolated_mass)
    return np.where(lost, 0.0, degrees)


def _whitening(moment: Floats, min_spread: float = 0.0) -> Floats:
    """Return the map that makes a moment the identity, without null directions."""
    spread, axes = np.linalg.eigh(moment)
    kept = spread > max(1e-12 * spread.max(initial=np.finfo(float).tiny), min_spread)
    return axes[:, kept] / np.sqrt(spread[kept])


def _unit(W: Matrix) -> float:
    """Return the largest entry if sums of entries could overflow or vanish, or one."""
    largest = float(W.max())
    is_in_range = largest == 0 or _SMALLEST_UNIT < largest < 1 / _SMALLEST_UNIT
    return 1.0 if is_in_range else largest


def _divided(W: Matrix, unit: float) -> Matrix:
    entries = (W.data if is_sparse(W) else W) / unit
    if not is_sparse(W):
        return entries
    return sparse.csr_matrix((entries, W.indices, W.indptr), shape=W.shape)


def _blocks(n_rows: int) -> list[slice]:
    """Cut rows into blocks, since products with all rows would need much memory."""
    return [slice(i, i + _BLOCK_ROWS) for i in range(0, n_rows, _BLOCK_ROWS)]
