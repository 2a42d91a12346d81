"""GridSearchCV of 12 candidates on 5,000 rows: seconds with one and two jobs.

Usage: python benchmarks/grid_search.py
"""

import time

from datasets import load
from sklearn.model_selection import GridSearchCV

from sknet_spectral import SpectralNetClustering

GRID = {
    "hidden_layer_sizes": [64, (128, 128)],
    "max_iter": [2, 5, 10],
    "learning_rate_init": [5e-4, 2e-3],
}


def main():
    X, _ = load("pendigits")
    for n_jobs in (1, 2):
        start = time.perf_counter()
        search = GridSearchCV(
            SpectralNetClustering(10, random_state=0), GRID, cv=2, n_jobs=n_jobs
        )
        search.fit(X[:5000])
        seconds = time.perf_counter() - start
        print(f"n_jobs={n_jobs}: {seconds:.1f} s, best {search.best_params_}")


if __name__ == "__main__":
    main()
