"""The Nystrom extension: eigenvectors at new nodes, computed from their edges."""

import numpy as np

from ..arrays import Floats, Matrix

# A step of the random walk shrinks an eigenvector, and the extension divides by this
# factor. If the factor is smaller than this, the quotient is noise.
_MIN_SHRINKAGE = 0.05


class NystromExtension:
    """Eigenvectors of a graph, extended to new nodes.

    An eigenvector of ``L y = lambda M y`` satisfies ``sum_j W_ij y_j = (d_i - lambda
    m_i) y_i`` at every node. At a new node, this equation is solved for y_i (Bengio et
    al., "Out-of-sample extensions", 2003).

    Parameters
    ----------
    Y : ndarray of shape (n_nodes, n_components)
        Eigenvectors, in any scale.
    eigenvalues : ndarray of shape (n_components,)
        Their eigenvalues.
    kind : {"normalized", "unnormalized"}
        Which Laplacian.
    """

    def __init__(self, Y: Floats, eigenvalues: Floats, kind: str) -> None:
        self.Y, self.eigenvalues, self.kind = Y, eigenvalues, kind

    def __call__(self, W: Matrix) -> Floats:
        """Extend the eigenvectors to new nodes.

        Parameters
        ----------
        W : {ndarray, csr_matrix} of shape (n_queries, n_nodes)
            Affinities of the new nodes to the old nodes.

        Returns
        -------
        ndarray of shape (n_queries, n_components)
            Values of the eigenvectors, zero for a node without edges.

        Raises
        ------
        ValueError
            If an eigenvalue is above 0.95 (normalised Laplacian).
        """
        degrees = np.asarray(W.sum(axis=1), dtype=np.float64).reshape(-1, 1)
        if self.kind == "normalized":
            shrinkage = np.broadcast_to(1.0 - self.eigenvalues, (1, self.Y.shape[1]))
            if shrinkage.min() < _MIN_SHRINKAGE:
                position = int(shrinkage.argmin())
                raise ValueError(
                    f"Component {position} has eigenvalue "
                    f"{self.eigenvalues[position]:.3f}: above "
                    f"{1 - _MIN_SHRINKAGE} an eigenvector cannot be extended to "
                    "new rows. Lower n_components, or pass features as X: "
                    "fit(X, affinity_matrix=W)."
                )
        else:
            safe = np.where(degrees > 0, degrees, 1.0)
            shrinkage = 1.0 - self.eigenvalues / safe
            floor = np.copysign(_MIN_SHRINKAGE, shrinkage)
            shrinkage = np.where(np.abs(shrinkage) < _MIN_SHRINKAGE, floor, shrinkage)
        mean = np.divide(
            W @ self.Y,
            degrees,
            out=np.zeros((len(degrees), self.Y.shape[1])),
            where=degrees > 0,
        )
        return mean / shrinkage
