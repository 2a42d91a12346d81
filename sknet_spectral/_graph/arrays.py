"""The types of matrices and neighbours that the functions of the graph take."""

from typing import NamedTuple, Protocol, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats: TypeAlias = NDArray[np.floating]
Integers: TypeAlias = NDArray[np.integer]
Flags: TypeAlias = NDArray[np.bool_]
# Dense, or sparse in CSR form.
Matrix: TypeAlias = Floats | sparse.csr_matrix
# The two ends of each edge and its length.
Edges: TypeAlias = tuple[Integers, Integers, Floats]


class Neighbors(NamedTuple):
    """Lists of neighbours, the nearest first.

    Shorter lists are padded with entries at infinite distance. These are no neighbours.
    """

    indices: Integers
    distances: Floats


class Product(Protocol):
    """Multiplies a vector of shape (n_nodes,) by a symmetric matrix."""

    def __call__(self, x: Floats, /) -> Floats:
        """Return the product."""


def is_sparse(matrix: object) -> TypeGuard[sparse.csr_matrix]:
    """Tell a sparse matrix from an array.

    Parameters
    ----------
    matrix : {ndarray, sparse matrix}
        The matrix.

    Returns
    -------
    bool
        Whether it is sparse.
    """
    return sparse.issparse(matrix)
