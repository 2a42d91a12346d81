"""Properties of the estimators that hold for any rows, in any unit or container."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import ortho_group

from sknet_spectral import (
    AutoencoderTransformer,
    SiameseTransformer,
    SpectralNetClustering,
    SpectralNetEmbedding,
)
from sknet_spectral._fit.spectral_map import steps
from sknet_spectral._fit.spectral_map.row_maps import LearnedMap, NetworkMap
from sknet_spectral._graph.affinities.copies import find_copies
from sknet_spectral._graph.affinities.weights import WEIGHTS
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral.metrics import subspace_distance
from tests.data import few_rows
from tests.strategies import generic_rows, powers_of_two, rows, seeds

pytestmark = [
    few_rows,
    pytest.mark.filterwarnings("ignore:Graph is not fully connected"),
    pytest.mark.filterwarnings("ignore:The spectral loss fell"),
    pytest.mark.filterwarnings("ignore:n_neighbors=.* is more than the number"),
    # One gamma cannot suit rows of any unit.
    pytest.mark.filterwarnings("ignore:weights='heat' with gamma"),
]
TINY = {"hidden_layer_sizes": (8,), "max_iter": 2, "random_state": 0}


def no_map(trainer, *arguments):
    """Stand in for the map, which properties of the graph do not need."""
    Y, values = np.zeros((len(trainer.X), 1)), np.zeros(1)
    return LearnedMap(NetworkMap(None), Y, values, values, None, 1, [], 1)


def fit_graph(X, **options):
    """Fit an embedding whose graph is real, and whose map is not."""
    with mock.patch.object(steps, "learn_network", no_map):
        return SpectralNetEmbedding(1, random_state=0, **options).fit(X)


_NO_EDGES = "rbf", "stochastic"
graph_options = st.fixed_dictionaries(
    {
        "n_neighbors": st.none() | st.integers(1, 15),
        "weights": st.sampled_from(sorted(WEIGHTS)),
        "laplacian": st.sampled_from(["normalized", "unnormalized"]),
        "affinity": st.sampled_from(["nearest_neighbors", "rbf", "parameter_free"]),
        "eigen_solver": st.sampled_from([None, "stochastic"]),
    }
    # The spectral loss needs edges, and a kernel may have none.
).filter(lambda options: (options["affinity"], options["eigen_solver"]) != _NO_EDGES)


def check_embedding(model, X, n_components):
    """Check what every fit promises of its embedding."""
    assert model.embedding_.shape == (len(X), n_components)
    assert np.isfinite(model.embedding_).all()
    np.testing.assert_allclose(model.transform(X), model.embedding_, atol=1e-8)
    values = model.eigenvalues_
    degrees = np.asarray(model.affinity_matrix_.sum(axis=1))
    largest = 2.0 if model.laplacian == "normalized" else 2.0 * degrees.max()
    assert values.shape == (n_components,)
    assert (values >= 0).all()
    assert (values <= largest).all()
    assert (np.diff(values) >= 0).all()
    assert np.isfinite(model.loss_curve_).all()
    assert np.isfinite(model.score(X))


@given(
    X=rows(),
    unit=powers_of_two,
    rule=st.sampled_from(["auto", "kmeans", "modularity", "discretize", "cluster_qr"]),
    options=graph_options,
    data=st.data(),
)
def test_any_rows_fall_into_any_number_of_clusters(X, unit, rule, options, data):
    n_clusters = data.draw(st.integers(1, len(X)))
    X = X * unit
    model = SpectralNetClustering(
        n_clusters, assign_labels=rule, n_init=2, **options, **TINY
    )
    labels = model.fit_predict(X)
    check_embedding(model, X, n_clusters)
    assert labels.dtype == np.int32
    found = np.unique(labels)
    np.testing.assert_array_equal(found, np.arange(len(found)))
    assert len(found) <= n_clusters
    np.testing.assert_array_equal(model.predict(X), labels)


@given(
    X=generic_rows(max_rows=8),
    copies=st.lists(st.integers(1, 20), min_size=8, max_size=8),
    n_clusters=st.integers(1, 8),
    weights=st.sampled_from(sorted(WEIGHTS)),
)
def test_copies_of_a_row_share_its_label(X, copies, n_clusters, weights):
    row = np.repeat(np.arange(len(X)), copies[: len(X)])
    model = SpectralNetClustering(
        min(n_clusters, len(row)), weights=weights, n_init=2, **TINY
    )
    labels = model.fit_predict(X[row])
    assert len(np.unique(np.column_stack([row, labels]), axis=0)) == len(X)
    np.testing.assert_array_equal(model.predict(X)[row], labels)


@given(X=rows(), unit=powers_of_two, options=graph_options, data=st.data())
def test_any_rows_have_an_embedding_of_any_size(X, unit, options, data):
    n_components = data.draw(st.integers(1, len(X) - 1))
    X = X * unit
    model = SpectralNetEmbedding(n_components, **options, **TINY).fit(X)
    check_embedding(model, X, n_components)


@given(
    X=rows(),
    unit=powers_of_two,
    n_components=st.integers(1, 5),
    loss=st.sampled_from(["cross_entropy", "contrastive"]),
    pairs=st.sampled_from(["nearest_neighbors", "mutual_neighbors", "parameter_free"]),
)
def test_any_rows_have_a_learned_space(X, unit, n_components, loss, pairs):
    model = SiameseTransformer(
        n_components, loss=loss, pairs=pairs, batch_size=8, **TINY
    )
    Z = model.fit_transform(X * unit)
    assert Z.shape == (len(X), n_components)
    assert np.isfinite(Z).all()
    assert np.isfinite(model.loss_curve_).all()


@given(X=rows(min_rows=1), unit=powers_of_two, batch_size=st.integers(2, 8))
def test_any_rows_have_codes(X, unit, batch_size):
    model = AutoencoderTransformer(1, batch_size=batch_size, **TINY).fit(X * unit)
    codes = model.transform(X * unit)
    assert codes.shape == (len(X), 1)
    assert np.isfinite(codes).all()
    assert np.isfinite(model.inverse_transform(codes)).all()
    assert np.isfinite(model.score(X * unit))
    assert np.isfinite(model.loss_curve_).all()


@pytest.fixture(scope="module", params=[SpectralNetClustering, SpectralNetEmbedding])
def fitted(request):
    """A model of each kind of forty rows."""
    X = np.random.default_rng(0).normal(size=(40, 3))
    return request.param(2, **TINY).fit(X)


@given(X=arrays(np.float64, (12, 3), elements=st.floats(-1e6, 1e6)), seed=seeds)
def test_a_row_s_image_does_not_depend_on_the_other_rows(fitted, X, seed):
    chosen = np.random.default_rng(seed).integers(12, size=9)
    Y = fitted.transform(X)
    some = fitted.transform(X[chosen])
    np.testing.assert_allclose(some, Y[chosen], rtol=1e-10, atol=1e-10)


def is_well_posed(model):
    """Whether the wanted eigenvectors, and no others, are the lowest."""
    graph = Laplacian(model.affinity_matrix_)
    wanted = model.embedding_.shape[1] + 1
    exact, _ = graph.eigenpairs(wanted + 1)
    independent = np.linalg.matrix_rank(model.embedding_) == wanted - 1
    return exact[-1] - exact[-2] > 1e-3 and independent


def agree(model, other, order=slice(None)):
    """Check that two fits found one space, the second one of rows in this order."""
    mass = Laplacian(model.affinity_matrix_).degrees
    W = model.affinity_matrix_[order][:, order]
    assert abs(W - other.affinity_matrix_).max() < 1e-9
    np.testing.assert_allclose(model.eigenvalues_, other.eigenvalues_, atol=1e-4)
    Y = model.embedding_[order]
    assert subspace_distance(Y, other.embedding_, mass[order]) < 1e-4


# The map does depend on the order, because hidden layers are drawn from rows. Near
# copies are left out, because the first of them gets their edges.
@given(X=generic_rows(min_rows=5), seed=seeds)
def test_the_order_of_the_rows_leaves_the_graph_alone(X, seed):
    assume(not find_copies(X, "euclidean").is_copy.any())
    order = np.random.default_rng(seed).permutation(len(X))
    model, other = fit_graph(X), fit_graph(X[order])
    W = model.affinity_matrix_[order][:, order]
    assert abs(W - other.affinity_matrix_).max() < 1e-9


@given(
    X=generic_rows(min_rows=5),
    n_components=st.integers(1, 3),
    shift=st.floats(-1e3, 1e3),
)
def test_where_the_origin_is_does_not_matter(X, n_components, shift):
    model = SpectralNetEmbedding(n_components, **TINY).fit(X)
    assume(is_well_posed(model))
    agree(model, SpectralNetEmbedding(n_components, **TINY).fit(X + shift))


@given(
    X=rows(min_rows=4),
    n_components=st.integers(1, 3),
    unit=powers_of_two,
    eigen_solver=st.sampled_from([None, "stochastic"]),
)
def test_the_unit_does_not_change_a_bit(X, n_components, unit, eigen_solver):
    model = SpectralNetEmbedding(n_components, eigen_solver=eigen_solver, **TINY)
    Y = model.fit_transform(X)
    np.testing.assert_array_equal(model.fit_transform(X * unit), Y)


# The map does depend on the rotation, because the first layer is drawn by coordinates.
@given(X=generic_rows(min_rows=3), seed=seeds)
def test_a_rotation_leaves_the_graph_alone(X, seed):
    rotation = np.eye(1)
    if X.shape[1] > 1:
        rotation = ortho_group(X.shape[1], np.random.default_rng(seed)).rvs()
    model, turned = fit_graph(X), fit_graph(X @ rotation)
    assert abs(model.affinity_matrix_ - turned.affinity_matrix_).max() < 1e-9
    assert model.n_connected_components_ == turned.n_connected_components_


@given(
    X=arrays(np.int8, (12, 2), elements=st.integers(0, 3)),
    dtype=st.sampled_from([np.float16, np.int8, np.uint8, np.int64, np.uint64, bool]),
    n_clusters=st.integers(1, 4),
)
def test_other_numbers_give_the_bits_of_float64(X, dtype, n_clusters):
    X = X.astype(dtype)
    model = SpectralNetClustering(n_clusters, n_init=2, **TINY)
    Y = model.fit_transform(X)
    np.testing.assert_array_equal(model.fit_transform(X.astype(np.float64)), Y)


@given(X=generic_rows(min_rows=5), n_components=st.integers(1, 3))
def test_half_the_digits_give_the_same_graph_and_keep_their_precision(X, n_components):
    # All rows being neighbours, rounding chooses none of them.
    W = fit_graph(X, n_neighbors=40).affinity_matrix_
    model = SpectralNetEmbedding(n_components, n_neighbors=40, **TINY)
    model.fit(X.astype(np.float32))
    assert model.embedding_.dtype == np.float32
    np.testing.assert_allclose(
        model.affinity_matrix_.toarray(), W.toarray(), rtol=1e-4, atol=1e-6
    )


LAYOUTS = [
    np.asfortranarray,
    lambda X: X[::-1, ::-1].copy()[::-1, ::-1],
    lambda X: np.repeat(X, 2, axis=1)[:, ::2],
    lambda X: X.astype(">f8"),
]


@given(
    X=generic_rows(min_rows=5),
    n_components=st.integers(1, 3),
    layout=st.sampled_from(LAYOUTS),
)
def test_the_order_in_memory_does_not_matter(X, n_components, layout):
    model = SpectralNetEmbedding(n_components, **TINY).fit(X)
    assume(is_well_posed(model))
    agree(model, SpectralNetEmbedding(n_components, **TINY).fit(layout(X)))
