"""``n_clusters="auto"`` through the whole estimator: shapes, images, one cloud."""

import numpy as np
import pytest

from sknet_spectral import SpectralNetClustering
from tests.data import BRIEF, lies_apart
from tests.graph.clusters.test_cluster_count import (
    blobs,
    of_unequal_sizes,
    one_cloud,
    twelve,
)


@lies_apart
@pytest.mark.parametrize("shape", [blobs, twelve, of_unequal_sizes])
def test_the_number_of_groups_is_found_and_rows_are_labelled(shape):
    X, expected = shape(0)
    model = SpectralNetClustering("auto", random_state=0).fit(X)
    assert model.n_clusters_ == expected == len(np.unique(model.labels_))
    assert model.embedding_.shape[1] == expected
    np.testing.assert_array_equal(model.predict(X), model.labels_)


def test_one_cloud_is_one_cluster_with_a_warning():
    X, _ = one_cloud(0)
    with pytest.warns(UserWarning, match="finds one cluster: .* Give n_cl") as seen:
        model = SpectralNetClustering("auto", **BRIEF).fit(X)
    assert model.n_clusters_ == 1
    assert seen[0].filename == __file__
    assert not model.labels_.any()
