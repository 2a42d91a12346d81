"""A search or predictions by two jobs, in a process that a test can end if it hangs.

Run as ``python -m tests.parallel_work BACKEND LIMIT WORK``, LIMIT being of
threadpoolctl: a number of threads, or 0 for none.
"""

import sys

import joblib
import numpy as np
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_limits

from sknet_spectral import SpectralNetClustering
from tests.data import SMALL, some_digits

X, _ = some_digits(120)
GRID = {"max_iter": [1, 4], "learning_rate_init": [1e-3, 2e-3]}


def search(n_jobs):
    return GridSearchCV(SpectralNetClustering(4, **SMALL), GRID, cv=2, n_jobs=n_jobs)


def fit(serial):
    """Two jobs find the scores that one finds, and what they found predicts."""
    found = search(n_jobs=2).fit(X)
    scores = [s.cv_results_["mean_test_score"] for s in (found, serial)]
    np.testing.assert_allclose(*scores, rtol=1e-4)
    assert len(found.predict(X)) == len(X)


def predict(serial):
    """Two jobs give the labels that one gives."""
    jobs = [joblib.delayed(serial.predict)(X[part : part + 30]) for part in (0, 30)] * 4
    labels = joblib.Parallel(n_jobs=2)(jobs)
    np.testing.assert_array_equal(np.concatenate(labels[:2]), serial.predict(X[:60]))


def main(backend, limit, work):
    with threadpool_limits(int(limit) or None):
        # The parent's threads have run before the children begin.
        serial = search(n_jobs=1).fit(X)
        with joblib.parallel_backend(backend, n_jobs=2):
            {"fit": fit, "predict": predict}[work](serial)
    print("same results")


if __name__ == "__main__":
    main(*sys.argv[1:])
