"""A second map, which gives changed copies of a row the cluster of the row."""

import numpy as np
import pytest
from scipy import sparse
from scipy.spatial.distance import cdist
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import kneighbors_graph

from sknet_spectral import (
    ImageShifts,
    NoisyFeatures,
    SelfLabeling,
    SpectralNetClustering,
)
from sknet_spectral._fit.labels.assignment import NearestCenter
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from tests.data import some_digits


@pytest.fixture(scope="module")
def blobs():
    """Two blobs, and a graph in which every tenth row is in the other one."""
    X, y = make_blobs(400, centers=[[0, 0], [5, 0]], random_state=0)
    seen = np.where(np.arange(400) % 10 == 0, 1 - y, y)
    W = kneighbors_graph(X + np.outer(seen - y, [5, 0]), 10)
    return X, y, sparse.csr_matrix(W.maximum(W.T))


@pytest.fixture(scope="module")
def model(blobs):
    X, _, W = blobs
    model = SpectralNetClustering(
        2, assign_labels=SelfLabeling(NoisyFeatures(), max_iter=20), random_state=0
    )
    return model.fit(X, affinity_matrix=W)


@pytest.fixture(scope="module")
def plain(blobs):
    """The clusters that the second map learns from."""
    X, _, W = blobs
    return SpectralNetClustering(2, random_state=0).fit(X, affinity_matrix=W)


def test_rows_go_where_rows_that_look_like_them_are(blobs, model, plain):
    y = blobs[1]
    assert adjusted_rand_score(y, plain.labels_) < 0.8
    assert adjusted_rand_score(y, model.labels_) > 0.9


def test_a_row_belongs_to_the_nearest_mean(blobs, model):
    X = blobs[0]
    assert isinstance(model._rule, NearestCenter)
    distances = cdist(model.transform(X), model.cluster_centers_)
    np.testing.assert_array_equal(model.labels_, distances.argmin(axis=1))
    np.testing.assert_array_equal(model.labels_, model.predict(X))
    np.testing.assert_allclose(model.embedding_, model.transform(X), atol=1e-12)


def test_the_embedding_keeps_its_number_of_components(blobs):
    X, _, W = blobs
    model = SpectralNetClustering(
        2,
        n_components=4,
        assign_labels=SelfLabeling(NoisyFeatures(), max_iter=2),
        random_state=0,
    )
    assert model.fit(X, affinity_matrix=W).transform(X).shape == (400, 4)


def test_losses_and_eigenvalues_are_those_of_the_first_network(model, plain):
    assert model.loss_curve_ == plain.loss_curve_
    assert model.n_iter_ == plain.n_iter_
    np.testing.assert_array_equal(model.eigenvalues_, plain.eigenvalues_)


def test_the_score_is_that_of_the_second_map(blobs, model):
    X = blobs[0]
    W = SpectralNetClustering(2, max_iter=1, random_state=0).fit(X).affinity_matrix_
    values, _ = Laplacian(W).ritz(model.transform(X))
    assert model.score(X) == pytest.approx(-values.mean())


def test_clusters_merge_afterwards(model):
    assert set(model.relabel(1)) == {0}
    assert model.n_leaves_ >= 2


@pytest.mark.parametrize("nested", [False, True])
def test_clusters_that_were_learned_are_not_split(model, nested):
    np.testing.assert_array_equal(model.relabel(2, nested=nested), model.labels_)
    with pytest.raises(ValueError, match="n_clusters=3 must not exceed 2: clusters"):
        model.relabel(3, nested=nested)
    with pytest.raises(TypeError, match="n_clusters must be an instance of"):
        model.relabel("3", nested=nested)


def test_shifted_images_are_in_the_cluster_of_the_image():
    X = some_digits(700)[0]
    shifts = ImageShifts(max_shift=0.125, max_rotation=0.0)
    models = [
        SpectralNetClustering(10, assign_labels=rule, random_state=0).fit(X)
        for rule in ("auto", SelfLabeling(shifts, max_iter=15))
    ]
    moved = np.roll(X.reshape(-1, 8, 8), 1, axis=2).reshape(X.shape)
    plain, learned = (np.mean(m.predict(moved) == m.labels_) for m in models)
    assert learned > 0.9
    assert learned > plain + 0.1


def test_it_is_refused_for_graphs_and_sparse_rows():
    labeling = SelfLabeling(NoisyFeatures())
    model = SpectralNetClustering(2, affinity="precomputed", assign_labels=labeling)
    with pytest.raises(ValueError, match=r"SelfLabeling\(...\) reads features"):
        model.fit(np.ones((20, 20)))
    with pytest.raises(TypeError, match="augment takes dense rows"):
        model.set_params(affinity="nearest_neighbors").fit(sparse.eye(40, format="csr"))


@pytest.mark.parametrize(
    ("parameter", "value"), [("augment", 3), ("assign_labels", "x"), ("max_iter", 0)]
)
def test_wrong_parameters_are_named(blobs, parameter, value):
    labeling = SelfLabeling(NoisyFeatures()).set_params(**{parameter: value})
    with pytest.raises(ValueError, match=f"'{parameter}' parameter of SelfLabeling"):
        SpectralNetClustering(2, assign_labels=labeling).fit(blobs[0])


def test_without_an_augmentation_rows_are_learned_as_they_are(blobs, plain):
    X, _, W = blobs
    model = SpectralNetClustering(
        2, assign_labels=SelfLabeling(max_iter=20), random_state=0
    )
    labels = model.fit(sparse.csr_matrix(X), affinity_matrix=W).labels_
    assert adjusted_rand_score(plain.labels_, labels) > 0.7


def test_its_parameters_can_be_searched():
    model = SpectralNetClustering(2, assign_labels=SelfLabeling(NoisyFeatures()))
    model.set_params(assign_labels__augment__scale=0.3, assign_labels__max_iter=2)
    copied = clone(model)
    assert copied.assign_labels.augment == NoisyFeatures(scale=0.3)
    assert copied.assign_labels.max_iter == 2


def test_a_rotation_finds_the_clusters_first(blobs):
    X, _, W = blobs
    labeling = SelfLabeling(NoisyFeatures(), assign_labels="cluster_qr", max_iter=2)
    model = SpectralNetClustering(2, assign_labels=labeling, random_state=0)
    assert isinstance(model.fit(X, affinity_matrix=W)._rule, NearestCenter)
    with pytest.raises(ValueError, match="needs as many components as clusters"):
        model.set_params(n_components=3).fit(X, affinity_matrix=W)
