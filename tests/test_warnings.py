"""Every warning points at the user's line, even through other libraries."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknet_spectral import SpectralNetClustering
from tests.data import BRIEF

# Four pieces for two clusters: joining them is worth a warning.
X, _ = make_blobs(80, centers=np.eye(4) * 100, random_state=0)


def clustering():
    return SpectralNetClustering(2, n_neighbors=3, **BRIEF)


@pytest.mark.parametrize(
    "call",
    [
        lambda: clustering().fit(X),
        lambda: clustering().fit_predict(X),
        lambda: clustering().fit_transform(X),
        lambda: make_pipeline(StandardScaler(), clustering()).fit(X),
        lambda: make_pipeline(StandardScaler(), clustering()).fit_predict(X),
        lambda: GridSearchCV(clustering(), {"n_neighbors": [3]}, cv=2).fit(X),
    ],
    ids=["fit", "fit_predict", "fit_transform", "Pipeline", "its labels", "search"],
)
def test_a_warning_from_a_fit_names_the_line_that_called_it(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    assert any("not fully connected" in str(warning.message) for warning in caught)
    assert {warning.filename for warning in caught} == {__file__}
