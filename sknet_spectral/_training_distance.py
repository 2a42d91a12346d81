"""How far rows lie from those of training, to see that data have drifted."""

import numpy as np
from scipy import sparse
from sklearn.metrics.pairwise import euclidean_distances, linear_kernel


class TrainingDistance:
    """Distance to the nearest of some training rows, in their own deviations.

    It is Mahalanobis's distance, with the covariance of these rows shrunk towards a
    multiple of the identity (Chen et al., "Shrinkage algorithms for MMSE covariance
    estimation", 2010), and over the root of the number of columns. The covariance is
    never formed: only products of rows are, so that rows may be sparse and wide.

    Parameters
    ----------
    rows : {ndarray, csr_matrix} of shape (n_rows, n_features)
        The training rows.
    """

    def __init__(self, rows):
        # What rows share would cancel their digits. Sparse ones it would fill.
        self.center = 0.0 if sparse.issparse(rows) else rows.mean(axis=0, dtype=float)
        rows = self._centred(rows)
        # The distance does not depend on the unit, but squares would overflow.
        self.unit = float(abs(rows).max()) or 1.0
        self.rows = rows = rows / self.unit
        n_rows, n_features = rows.shape
        gram = linear_kernel(rows)
        self.means = gram.mean(axis=0)
        centred = gram - self.means - self.means[:, None] + self.means.mean()
        variances, vectors = np.linalg.eigh(centred / n_rows)
        variances = np.maximum(variances, 0.0)
        shrinkage = _oracle_approximating_shrinkage(variances, n_rows, n_features)
        # Of a direction in which the rows do not differ; one if they never do.
        self.least = shrinkage * variances.sum() / n_features or 1.0
        shrunk = (1.0 - shrinkage) * variances + self.least
        # Its square times the variance is 1 / least - 1 / shrunk.
        scale = np.sqrt((1.0 - shrinkage) / (n_rows * self.least * shrunk))
        self.projection = vectors * scale
        self.projected = centred @ self.projection

    def __call__(self, X):
        """Return the distance of each row, of shape (n_rows,)."""
        X = self._centred(X) / self.unit
        products = linear_kernel(X, self.rows) - self.means
        products -= products.mean(axis=1, keepdims=True)
        squares = euclidean_distances(X, self.rows, squared=True) / self.least
        squares -= euclidean_distances(
            products @ self.projection, self.projected, squared=True
        )
        nearest = np.maximum(squares.min(axis=1), 0.0)
        return np.sqrt(nearest / self.rows.shape[1])

    def column(self, X):
        """Return the distances as a column.

        Parameters
        ----------
        X : {ndarray, csr_matrix} of shape (n_rows, n_features)
            The rows.

        Returns
        -------
        ndarray of shape (n_rows, 1)
            The distance of each.
        """
        return self(X)[:, np.newaxis]

    def _centred(self, X):
        X = X.astype(np.float64)
        return X if sparse.issparse(X) else X - self.center


def _oracle_approximating_shrinkage(variances, n_rows, n_features):
    """The share of the identity that errs least for Gaussian rows."""
    mean = variances.sum() / n_features
    mean_square = np.square(variances).sum() / n_features**2
    excess = (n_rows + 1) * (mean_square - mean**2 / n_features)
    return 1.0 if excess <= 0 else min(1.0, (mean_square + mean**2) / excess)
