"""The distance of rows to the training rows, which shows whether data have drifted."""

from functools import cached_property

import numpy as np
from scipy import sparse
from sklearn.metrics.pairwise import linear_kernel
from sklearn.utils.extmath import row_norms, safe_sparse_dot

from ..._rows.rows import Matrix

_FARTHEST = 1e100


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

    def __init__(self, rows: Matrix) -> None:
        self.training_rows = rows

    def __getstate__(self) -> dict[str, Matrix]:
        # The factors can be computed again, and need many times the memory of the rows.
        return {"training_rows": self.training_rows}

    @cached_property
    def _factors(self) -> "_Factors":
        return _Factors(self.training_rows)

    def __call__(self, X: Matrix) -> np.ndarray:
        """Return the distance of each row, of shape (n_rows,)."""
        factors = self._factors
        X = factors.scaled(X)
        products = safe_sparse_dot(X, factors.rows.T, dense_output=True)
        centred = products - factors.means
        centred -= centred.mean(axis=1, keepdims=True)
        projected = centred @ factors.projection
        squares = 2.0 * (projected @ factors.projected.T - products / factors.least)
        nearest = (squares + factors.norms).min(axis=1)
        nearest += row_norms(X, squared=True) / factors.least
        nearest -= row_norms(projected, squared=True)
        nearest = np.maximum(nearest, 0.0)
        return np.sqrt(nearest / X.shape[1])

    def column(self, X: Matrix) -> np.ndarray:
        """Return the distances as a column.

        Parameters
        ----------
        X : {ndarray, csr_matrix} of shape (n_rows, n_features)
            The rows.

        Returns
        -------
        ndarray of shape (n_rows, 1)
            The distance of each row.
        """
        return self(X)[:, np.newaxis]


class _Factors:
    """Factors of the distance that depend on the training rows only."""

    def __init__(self, rows: Matrix) -> None:
        # A large common mean would cost digits. Centring would fill sparse rows.
        self.center = 0.0 if sparse.issparse(rows) else _mean(rows)
        # The distance does not depend on the unit, but squares would overflow.
        self.unit = float(abs(self._centred(rows)).max()) or 1.0
        self.rows = rows = self.scaled(rows)
        n_rows, n_features = rows.shape
        gram = linear_kernel(rows)
        self.means = gram.mean(axis=0)
        centred = gram - self.means - self.means[:, None] + self.means.mean()
        variances, vectors = np.linalg.eigh(centred / n_rows)
        variances = np.maximum(variances, 0.0)
        shrinkage = _oracle_approximating_shrinkage(variances, n_rows, n_features)
        # The variance along directions in which the rows do not differ.
        self.least = shrinkage * variances.sum() / n_features or 1.0
        shrunk = (1.0 - shrinkage) * variances + self.least
        # Its square times the variance is 1 / least - 1 / shrunk.
        scale = np.sqrt((1.0 - shrinkage) / (n_rows * self.least * shrunk))
        varied = variances > np.finfo(float).eps * n_rows * variances.max()
        self.projection = (vectors * scale)[:, varied]
        self.projected = centred @ self.projection
        self.norms = row_norms(rows, squared=True) / self.least
        self.norms -= row_norms(self.projected, squared=True)

    def scaled(self, X: Matrix) -> Matrix:
        """Centre rows and divide them by the unit of the training rows."""
        X = self._centred(X)
        entries = X.data if sparse.issparse(X) else X
        # Larger entries are far anyway, and their squares would overflow.
        with np.errstate(over="ignore"):
            entries /= self.unit
        np.clip(entries, -_FARTHEST, _FARTHEST, out=entries)
        return X

    def _centred(self, X: Matrix) -> Matrix:
        X = X.astype(np.float64)
        return X if sparse.issparse(X) else X - self.center


def _mean(rows: np.ndarray) -> np.ndarray:
    """Return the mean row without overflow."""
    exponent = np.frexp(abs(rows).max())[1]
    mean = np.ldexp(rows.astype(np.float64), -exponent).mean(axis=0)
    return np.ldexp(mean, exponent)


def _oracle_approximating_shrinkage(
    variances: np.ndarray, n_rows: int, n_features: int
) -> float:
    """Return the share of the identity with the smallest error for Gaussian rows."""
    mean = variances.sum() / n_features
    mean_square = np.square(variances).sum() / n_features**2
    excess = (n_rows + 1) * (mean_square - mean**2 / n_features)
    return 1.0 if excess <= 0 else min(1.0, (mean_square + mean**2) / excess)
