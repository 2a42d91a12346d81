"""The graph Laplacian: its lowest eigenpairs, and the Ritz step.

Everything here is the generalised problem ``L y = lambda M y`` with L = D - W:
M = D for the normalised Laplacian, M = I for the unnormalised one. Embeddings
are scaled so that ``Y.T @ M @ Y = tr(M) I``.
"""

import numpy as np
from scipy import sparse

from .components import connected_components
from .eigensolvers import DENSE_NODES, lowest_eigenpairs
from .symmetric_form import SymmetricForm

MAX_CLUSTERS = 20
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

    Attributes
    ----------
    W : {ndarray, csr_matrix}
        The affinities without their diagonal, float64; in units of the largest one
        where sums of them could overflow, or vanish.
    degrees : ndarray of shape (n_nodes,)
        Row sums of `W`.
    mass : ndarray of shape (n_nodes,)
        Diagonal of M: `degrees`, zero where rounding loses them beside the largest;
        or ones, also where no node has an edge.
    """

    def __init__(self, W, kind="normalized"):
        self.W = _bring_into_range(_drop_diagonal(W))
        self.degrees = np.asarray(self.W.sum(axis=1)).ravel()
        self.mass = _mass(self.degrees, kind)

    @property
    def volume(self):
        """Sum of the masses: vol for the normalised Laplacian, n otherwise."""
        return self.mass.sum()

    def energy(self, F):
        """F.T @ L @ F for F of shape (n_nodes, k)."""
        return sum(
            F[rows].T @ (self.degrees[rows, None] * F[rows] - self.W[rows] @ F)
            for rows in _blocks(len(F))
        )

    def centre(self, F):
        """Return what has to be subtracted to make F M-orthogonal to constants."""
        return self.mass @ F / self.volume

    def ritz(self, F, noise=0.0):
        """Solve the eigenproblem within the span of the columns of F.

        Null directions of F become zero columns, with eigenvalue at the end.

        Parameters
        ----------
        F : ndarray of shape (n_nodes, k)
            Any map of the nodes, already centred.
        noise : float, default=0.0
            Root mean square up to which a direction is null.

        Returns
        -------
        eigenvalues : ndarray of shape (k,)
            Ritz values in ascending order.
        rotation : ndarray of shape (k, k)
            ``F @ rotation`` has moment ``volume * I``, up to null directions.
        """
        whitening = _whitening(self._moment(F), noise**2)
        whitened = F @ whitening
        # Once is off by rounding over the smallest spread kept, up to 1e-4.
        again = _whitening(self._moment(whitened))
        energy = again.T @ self.energy(whitened) @ again / self.volume
        # numpy's eigh takes the empty matrix of a constant map; older scipy's fails.
        values, vectors = np.linalg.eigh(0.5 * (energy + energy.T))
        n_kept = len(values)
        rotation = np.zeros((F.shape[1],) * 2)
        rotation[:, :n_kept] = whitening @ again @ vectors
        eigenvalues = np.full(F.shape[1], self._bound())
        eigenvalues[:n_kept] = np.clip(values, 0.0, self._bound())
        return eigenvalues, rotation * signs(F @ axis for axis in rotation.T)

    def eigenpairs(
        self,
        n_pairs,
        *,
        solver="arpack",
        tol="auto",
        random_state=None,
        dense_nodes=DENSE_NODES,
    ):
        """Find the lowest eigenpairs, the constant vector first.

        The zero eigenspace is known from the connected components and is taken
        out before the solver runs, since Lanczos misses multiple eigenvalues.

        Parameters
        ----------
        n_pairs : int
            Number of eigenpairs, at most the number of nodes.
        solver : {"arpack", "lobpcg", "amg"}
            How the sparse problem is solved.
        tol : float or "auto"
            Residual at which the solver stops.
        random_state : numpy.random.RandomState
            Source of the starting vectors.
        dense_nodes : int, default=1000
            Up to this many nodes, the problem is solved densely.

        Returns
        -------
        eigenvalues : ndarray of shape (n_pairs,)
            In ascending order.
        Y : ndarray of shape (n_nodes, n_pairs)
            Eigenvectors, with ``Y.T @ M @ Y = volume * I``; more of them than nodes
            with mass are zero columns at the end.
        """
        root = np.sqrt(self.mass)
        inverse_root = np.divide(1.0, root, out=np.zeros_like(root), where=root > 0)
        null = self._zero_eigenspace(root, n_pairs)
        missing = n_pairs - null.shape[1]
        values, Y = np.zeros(null.shape[1]), null
        if missing:
            S = SymmetricForm(self.W, self.degrees, inverse_root, self._bound())
            found_values, found = lowest_eigenpairs(
                S,
                null,
                missing,
                solver=solver,
                tol=tol,
                bound=S.bound,
                random_state=random_state,
                dense_nodes=dense_nodes,
            )
            values = np.concatenate([values, np.minimum(found_values, self._bound())])
            Y = np.hstack([null, found])
        # In place: with many nodes, copies of them would be what fills the memory.
        Y *= inverse_root[:, None]
        Y *= np.sqrt(self.volume)
        Y *= signs(Y.T)
        return values, Y

    def _moment(self, F):
        """F.T @ M @ F in units of the volume."""
        blocks = _blocks(len(F))
        products = (F[rows].T @ (self.mass[rows, None] * F[rows]) for rows in blocks)
        return sum(products) / self.volume

    def _zero_eigenspace(self, root, n_vectors):
        """Orthonormal indicators of the largest components, the constant first."""
        count, labels = connected_components(self.W)
        volumes = np.bincount(labels, weights=self.mass)
        order = np.argsort(-volumes, kind="stable")[: np.count_nonzero(volumes)]
        order = order[:n_vectors]
        position = np.full(count, -1)
        position[order] = np.arange(len(order))
        nodes = np.flatnonzero(position[labels] >= 0)
        indicators = sparse.csr_matrix(
            (
                root[nodes] / np.sqrt(volumes[labels[nodes]]),
                (nodes, position[labels[nodes]]),
            ),
            shape=(len(root), len(order)),
        )
        constant = np.sqrt(volumes[order] / volumes[order].sum())
        rotation = np.linalg.qr(np.column_stack([constant, np.eye(len(order))[:, 1:]]))
        return indicators @ rotation[0]

    def _bound(self):
        """An upper bound of the eigenvalues."""
        counts = self.mass > 0
        return 2.0 * float(np.max(self.degrees[counts] / self.mass[counts]))


def eigengap(eigenvalues):
    """Number of eigenvalues before the largest gap (von Luxburg, 2007).

    Parameters
    ----------
    eigenvalues : ndarray of shape (n_eigenvalues,)
        In ascending order; the first 21 count.

    Returns
    -------
    int
        Number of clusters, at most 20.
    """
    return int(np.diff(eigenvalues[: MAX_CLUSTERS + 1]).argmax()) + 1


def edges_of(W):
    """List the edges of a graph, each once.

    Parameters
    ----------
    W : {ndarray, csr_matrix} of shape (n_nodes, n_nodes)
        Symmetric affinities.

    Returns
    -------
    ends : ndarray of shape (n_edges, 2)
        The nodes that each edge joins.
    weights : ndarray of shape (n_edges,)
        Their affinities.
    """
    upper = sparse.triu(W, k=1).tocoo()
    return np.column_stack([upper.row, upper.col]), upper.data


def _mass(degrees, kind):
    # An eigenvector's entries grow as the root of the largest degree over the node's.
    lost = degrees <= np.finfo(np.float64).eps * degrees.max()
    if kind == "unnormalized" or lost.all():
        return np.ones_like(degrees)
    return np.where(lost, 0.0, degrees)


def _whitening(moment, min_spread=0.0):
    """Make a moment the identity, null directions left out."""
    spread, axes = np.linalg.eigh(moment)
    kept = spread > max(1e-12 * spread.max(initial=np.finfo(float).tiny), min_spread)
    return axes[:, kept] / np.sqrt(spread[kept])


def _drop_diagonal(W):
    if not sparse.issparse(W):
        W = np.array(W, dtype=np.float64)
        np.fill_diagonal(W, 0.0)
        return W
    W = sparse.csr_matrix(W, dtype=np.float64)
    if W.diagonal().any() or (W.data == 0).any():
        W = sparse.csr_matrix(W - sparse.diags(W.diagonal()))
        W.eliminate_zeros()
    return W


def _bring_into_range(W):
    largest = W.max()
    if largest == 0 or _SMALLEST_UNIT < largest < 1 / _SMALLEST_UNIT:
        return W
    return W / largest


def _blocks(n_rows):
    """Cut rows into blocks, to spare the memory of products with all of them."""
    return [slice(i, i + _BLOCK_ROWS) for i in range(0, n_rows, _BLOCK_ROWS)]


def signs(columns):
    """Return signs that make the largest absolute entry of each column positive.

    Parameters
    ----------
    columns : iterable of ndarray
        The columns.

    Returns
    -------
    ndarray of shape (n_columns,)
        One or minus one.
    """
    largest = np.array([y[np.abs(y).argmax()] for y in columns])
    return np.where(largest < 0, -1.0, 1.0)
