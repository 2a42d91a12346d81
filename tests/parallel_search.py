"""A search with two jobs, in a process that a test can end if it hangs.

Run as ``python -m tests.parallel_search BACKEND``.
"""

import sys

import joblib
import numpy as np
from sklearn.model_selection import GridSearchCV

from sknet_spectral import SpectralNetClustering
from tests.data import SMALL, some_digits


def search(n_jobs):
    X, _ = some_digits(120)
    grid = {"max_iter": [2, 20], "learning_rate_init": [1e-3, 2e-3]}
    model = SpectralNetClustering(4, **SMALL)
    return GridSearchCV(model, grid, cv=2, n_jobs=n_jobs).fit(X)


def main(backend):
    # The parent's threads have run before the children begin.
    expected = search(n_jobs=1)
    with joblib.parallel_backend(backend, n_jobs=2):
        found = search(n_jobs=2)
    np.testing.assert_allclose(
        found.cv_results_["mean_test_score"],
        expected.cv_results_["mean_test_score"],
        rtol=1e-4,
    )
    print("same results")


if __name__ == "__main__":
    main(sys.argv[1])
