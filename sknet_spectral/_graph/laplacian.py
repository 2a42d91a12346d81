"""The graph Laplacian: its lowest eigenpairs, and the Ritz step.

Everything here is the generalised problem ``L y = lambda M y`` with L = D - W:
M = D for the normalised Laplacian, M = I for the unnormalised one. Embeddings
are scaled so that ``Y.T @ M @ Y = tr(M) I``.
"""

import numpy as np
from scipy import sparse
from scipy.linalg import eigh
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import LinearOperator, eigsh, lobpcg

# Below this many nodes the dense solver is as fast, and misses nothing.
_DENSE_NODES = 1000
_AUTO_TOLERANCE = {"arpack": 1e-6, "lobpcg": 1e-6, "amg": 1e-6}


class Laplacian:
    """A graph Laplacian with its mass matrix.

    Parameters
    ----------
    W : sparse matrix of shape (n_nodes, n_nodes)
        Symmetric, non-negative affinity matrix. Its diagonal is ignored.
    kind : {"normalized", "unnormalized"}
        Which Laplacian.

    Attributes
    ----------
    W : csr_matrix
        The affinities without their diagonal.
    degrees : ndarray of shape (n_nodes,)
        Row sums of `W`.
    mass : ndarray of shape (n_nodes,)
        Diagonal of M: `degrees`, or ones.
    """

    def __init__(self, W, kind="normalized"):
        W = sparse.csr_matrix(W, dtype=np.float64)
        self.W = W - sparse.diags(W.diagonal()) if W.diagonal().any() else W
        self.degrees = np.asarray(self.W.sum(axis=1)).ravel()
        self.mass = self.degrees if kind == "normalized" else np.ones_like(self.degrees)

    @property
    def volume(self):
        """Sum of the masses: vol for the normalised Laplacian, n otherwise."""
        return self.mass.sum()

    def energy(self, F):
        """F.T @ L @ F for F of shape (n_nodes, k)."""
        return F.T @ (self.degrees[:, None] * F - self.W @ F)

    def centre(self, F):
        """Return what has to be subtracted to make F M-orthogonal to constants."""
        return self.mass @ F / self.volume

    def ritz(self, F):
        """Solve the eigenproblem within the span of the columns of F.

        Null directions of F become zero columns, with eigenvalue at the end.

        Parameters
        ----------
        F : ndarray of shape (n_nodes, k)
            Any map of the nodes, already centred.

        Returns
        -------
        eigenvalues : ndarray of shape (k,)
            Ritz values in ascending order.
        rotation : ndarray of shape (k, k)
            ``F @ rotation`` has moment ``volume * I``, up to null directions.
        """
        moment = F.T @ (self.mass[:, None] * F) / self.volume
        spread, axes = eigh(moment)
        kept = spread > 1e-12 * max(spread[-1], np.finfo(float).tiny)
        whitening = axes[:, kept] / np.sqrt(spread[kept])
        energy = self.energy(F @ whitening) / self.volume
        # numpy's eigh takes the empty matrix of a constant map; older scipy's fails.
        values, vectors = np.linalg.eigh(0.5 * (energy + energy.T))
        rotation = np.zeros_like(moment)
        rotation[:, : kept.sum()] = whitening @ vectors
        eigenvalues = np.full(len(spread), self._bound())
        eigenvalues[: kept.sum()] = np.maximum(values, 0.0)
        return eigenvalues, rotation * _signs(F @ rotation)

    def eigenpairs(self, n_pairs, *, solver="arpack", tol="auto", random_state=None):
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

        Returns
        -------
        eigenvalues : ndarray of shape (n_pairs,)
            In ascending order.
        Y : ndarray of shape (n_nodes, n_pairs)
            Eigenvectors, with ``Y.T @ M @ Y = volume * I``.
        """
        root = np.sqrt(self.mass)
        inverse_root = np.divide(1.0, root, out=np.zeros_like(root), where=root > 0)
        null = self._zero_eigenspace(root)[:, :n_pairs]
        missing = n_pairs - null.shape[1]
        scaling = sparse.diags(inverse_root)
        S = scaling @ (sparse.diags(self.degrees) - self.W) @ scaling
        values, vectors = np.zeros(null.shape[1]), null
        if missing:
            tol = _AUTO_TOLERANCE[solver] if tol == "auto" else tol
            if len(root) <= max(_DENSE_NODES, 5 * n_pairs):
                found = _dense(S, null, missing, self._bound())
            else:
                start = random_state.standard_normal((len(root), missing))
                found = _SOLVERS[solver](S, null, start, tol, self._bound())
            order = np.argsort(found[0])
            values = np.concatenate([values, np.maximum(found[0][order], 0.0)])
            vectors = np.hstack([null, found[1][:, order]])
        Y = inverse_root[:, None] * vectors * np.sqrt(self.volume)
        return values, Y * _signs(Y)

    def _zero_eigenspace(self, root):
        """Orthonormal indicators of the components, rotated: the constant first."""
        count, labels = connected_components(self.W, directed=False)
        volumes = np.bincount(labels, weights=self.mass)
        order = np.argsort(-volumes, kind="stable")[: np.count_nonzero(volumes)]
        position = np.full(count, -1)
        position[order] = np.arange(len(order))
        nodes = np.flatnonzero(position[labels] >= 0)
        columns = position[labels[nodes]]
        indicators = sparse.csr_matrix(
            (root[nodes] / np.sqrt(volumes[labels[nodes]]), (nodes, columns)),
            shape=(len(root), len(order)),
        )
        constant = np.sqrt(volumes[order] / volumes.sum())
        rotation = np.linalg.qr(np.column_stack([constant, np.eye(len(order))[:, 1:]]))
        return indicators @ rotation[0]

    def _bound(self):
        """An upper bound of the eigenvalues."""
        return 2.0 * float(np.max(self.degrees / np.maximum(self.mass, 1e-300)))


def _signs(Y):
    """Make the largest absolute entry of each column positive."""
    largest = Y[np.abs(Y).argmax(axis=0), np.arange(Y.shape[1])]
    return np.where(largest < 0, -1.0, 1.0)


def _dense(S, null, missing, bound):
    deflated = S.toarray() + bound * (null @ null.T)
    return eigh(deflated, subset_by_index=[0, missing - 1])


def _arpack(S, null, start, tol, bound):
    # The largest eigenvalues of bound I - S converge much faster than the smallest
    # of S, and need no factorisation.
    def flipped(x):
        return bound * (x - null @ (null.T @ x)) - S @ x

    operator = LinearOperator(S.shape, matvec=flipped, dtype=np.float64)
    missing = start.shape[1]
    values, vectors = eigsh(
        operator,
        k=missing,
        which="LA",
        tol=tol,
        v0=start[:, 0],
        ncv=min(len(start), max(4 * missing, 40)),
        maxiter=100 * len(start),
    )
    return bound - values, vectors


def _lobpcg(S, null, start, tol, bound, preconditioner=None):
    values, vectors = lobpcg(
        S,
        start,
        Y=null,
        M=preconditioner,
        tol=tol * np.sqrt(bound),
        largest=False,
        maxiter=500,
    )
    return values, vectors


def _amg(S, null, start, tol, bound):
    try:
        from pyamg import smoothed_aggregation_solver
    except ImportError as error:
        raise ValueError(
            "The eigen_solver was set to 'amg', but pyamg is not available."
        ) from error
    # A small shift makes the singular matrix definite for the multigrid cycle.
    shifted = (S + 1e-5 * sparse.identity(S.shape[0])).tocsr()
    cycle = smoothed_aggregation_solver(shifted).aspreconditioner()
    return _lobpcg(S, null, start, tol, bound, preconditioner=cycle)


_SOLVERS = {"arpack": _arpack, "lobpcg": _lobpcg, "amg": _amg}
