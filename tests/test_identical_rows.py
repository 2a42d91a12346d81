"""Identical rows have the same label in every batch."""

import numpy as np
import pytest

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from tests.data import few_rows, lies_apart

pytestmark = [
    few_rows,
    lies_apart,
    pytest.mark.filterwarnings("ignore:The spectral loss fell"),
]
SHORT = {"random_state": 0, "max_iter": 5}
ALIKE = {
    "ones": np.ones((50, 2)),
    "a tenth": np.full((50, 2), 0.1),
    "far away": np.full((30, 3), 7e9),
    "one column": np.full((51, 1), 1 / 3),
    "float32": np.full((50, 2), 0.1, dtype=np.float32),
}


@pytest.mark.parametrize("laplacian", ["normalized", "unnormalized"])
@pytest.mark.parametrize("eigen_solver", [None, "stochastic"])
@pytest.mark.parametrize("X", ALIKE.values(), ids=ALIKE)
def test_identical_rows_have_one_label_in_any_batch(X, eigen_solver, laplacian):
    model = SpectralNetClustering(
        8, eigen_solver=eigen_solver, laplacian=laplacian, **SHORT
    ).fit(X)
    alone = [int(model.predict(row[np.newaxis])[0]) for row in X]
    assert set(model.labels_) == set(model.predict(X)) == set(alone) == {0}


@pytest.mark.parametrize("X", ALIKE.values(), ids=ALIKE)
def test_identical_rows_have_one_place(X):
    Y = SpectralNetEmbedding(2, **SHORT).fit(X).transform(X)
    assert (Y[0] == Y).all()
