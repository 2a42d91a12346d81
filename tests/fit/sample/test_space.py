"""The space of the graph, and the graph on which partitions are compared."""

from functools import partial

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sknet_spectral import (
    AutoencoderTransformer,
    SiameseTransformer,
    SpectralNetClustering,
)
from sknet_spectral._estimators import learned_spaces, siamese
from sknet_spectral._fit.labels import cluster_components, label_choice
from sknet_spectral._fit.labels.modular_choice import most_modular_centers
from tests.data import BRIEF, SMALL, some_digits

FEW = {"hidden_layer_sizes": 8, "max_iter": 2}


class Bare:
    """Fits and transforms, but no estimator of scikit-learn."""

    def fit(self, X):
        """Do nothing."""

    def transform(self, X):
        return X


@pytest.fixture(autouse=True)
def few_epochs_where_none_are_asked_for(monkeypatch):
    monkeypatch.setattr(siamese, "pair_epochs", lambda n_samples, batch_size: 3)


def test_learned_affinities_leave_the_caller_s_transformer_alone():
    X, _ = some_digits(200)
    space = SiameseTransformer(4, max_iter=2, hidden_layer_sizes=8)
    before = space.get_params()
    model = SpectralNetClustering(5, affinity_transformer=space, **BRIEF).fit(X)
    assert space.get_params() == before
    assert not hasattr(space, "network_")
    again = clone(model).fit(X)
    np.testing.assert_array_equal(model.embedding_, again.embedding_)
    model.set_params(affinity_transformer__n_neighbors=3)
    assert model.affinity_transformer.n_neighbors == 3
    model.set_params(affinity_transformer=None).fit(X)
    assert not hasattr(model, "affinity_transformer_")


@pytest.fixture
def judges(monkeypatch):
    """The graphs on which fits compare numbers of components, and runs of k-means."""
    graphs = []

    def first_components(Y, W, n_clusters, **options):
        graphs.append(W)
        return n_clusters

    def judged_centers(Y, W, *args):
        graphs.append(W)
        return most_modular_centers(Y, W, *args)

    monkeypatch.setattr(cluster_components, "most_modular_components", first_components)
    monkeypatch.setattr(label_choice, "most_modular_centers", judged_centers)
    return graphs


@pytest.mark.parametrize(
    "siamese",
    [{"affinity": "siamese"}, {"affinity_transformer": SiameseTransformer()}],
    ids=["by name", "as a transformer"],
)
@pytest.mark.parametrize("linked", [None, [[0, 250]]], ids=["alone", "linked"])
def test_the_rows_own_graph_judges_numbers_of_components(judges, linked, siamese):
    X, _ = some_digits(300)
    model = SpectralNetClustering(5, n_neighbors=40, n_components="auto", **BRIEF).fit(
        X, must_link=linked
    )
    rows_graph = model.affinity_matrix_
    model.set_params(**siamese).fit(X, must_link=linked)
    assert (model.affinity_matrix_ != rows_graph).nnz > 0
    assert [(rows_graph != W).nnz for W in judges] == [0, 0, 0, 0]


def test_a_graph_that_was_given_judges_numbers_of_components_itself(judges):
    X, _ = some_digits(300)
    W = SpectralNetClustering(5, n_neighbors=40, **BRIEF).fit(X).affinity_matrix_
    model = SpectralNetClustering(
        5, affinity="siamese", n_components="auto", **BRIEF
    ).fit(X, affinity_matrix=W)
    assert not hasattr(model, "affinity_transformer_")
    assert [(judge != W).nnz for judge in judges] == [0, 0]
    model.relabel(4)
    assert judges[-1] is model.affinity_matrix_


@pytest.mark.parametrize("n_components", [None, 7])
def test_no_graph_is_built_for_comparison_unless_something_is_auto(
    judges, n_components
):
    X, _ = some_digits(150)
    SpectralNetClustering(5, n_components=n_components, **BRIEF).fit(X)
    assert not judges


def test_the_codes_of_two_autoencoders_have_a_name(monkeypatch):
    X, _ = some_digits(200)
    small = partial(AutoencoderTransformer, hidden_layer_sizes=16, max_iter=2)
    monkeypatch.setattr(learned_spaces, "AutoencoderTransformer", small)
    by_name = SpectralNetClustering(5, affinity="autoencoder", **BRIEF).fit(X)
    codes = by_name.affinity_transformer_.transform(X)
    assert codes.shape == (200, 20)
    assert not np.allclose(codes[:, :10], codes[:, 10:])
    union = make_union(small(10), small(10))
    explicit = SpectralNetClustering(5, affinity_transformer=union, **BRIEF).fit(X)
    np.testing.assert_array_equal(explicit.embedding_, by_name.embedding_)


def test_codes_are_no_longer_than_rows(monkeypatch):
    small = partial(AutoencoderTransformer, hidden_layer_sizes=16, max_iter=2)
    monkeypatch.setattr(learned_spaces, "AutoencoderTransformer", small)
    X = np.random.default_rng(0).normal(size=(60, 3))
    model = SpectralNetClustering(2, affinity="autoencoder", **BRIEF).fit(X)
    assert model.affinity_transformer_.transform(X).shape == (60, 6)


def test_the_paper_s_pipeline_predicts_rows_never_seen():
    X, _ = some_digits(300)
    pipeline = make_pipeline(
        AutoencoderTransformer(4, max_iter=3, **SMALL),
        SpectralNetClustering(5, affinity="siamese", n_components="auto", **BRIEF),
    ).fit(X[:200])
    assert pipeline.predict(X[200:]).shape == (100,)


@pytest.mark.parametrize(
    ("parameters", "error", "match"),
    [
        (
            {"affinity": "siamese", "affinity_transformer": SiameseTransformer()},
            ValueError,
            "brings its own transformer",
        ),
        (
            {"affinity": "autoencoder", "affinity_transformer": SiameseTransformer()},
            ValueError,
            "affinity='autoencoder' brings its own transformer",
        ),
        ({"affinity_transformer": object()}, ValueError, "affinity_transformer"),
        ({"affinity_transformer": Bare()}, ValueError, "affinity_transformer"),
        ({"affinity_transformer": PCA}, TypeError, r"got the class PCA: give PCA\(\)"),
        (
            {"affinity": "precomputed", "affinity_transformer": SiameseTransformer()},
            ValueError,
            "takes a graph as X",
        ),
    ],
)
@pytest.mark.parametrize("given", [None, np.ones((4, 4))], ids=["built", "given"])
def test_transformers_that_cannot_be_used_are_named(parameters, error, match, given):
    model = SpectralNetClustering(2, **parameters)
    with pytest.raises(error, match=match):
        model.fit(np.eye(4), affinity_matrix=given)


def union_of_codes():
    return make_union(*(AutoencoderTransformer(3, **FEW) for _ in range(2)))


@pytest.mark.parametrize(
    "transformer",
    [
        union_of_codes(),
        make_pipeline(StandardScaler(), SiameseTransformer(3, **FEW)),
    ],
    ids=["union", "pipeline"],
)
def test_networks_within_a_transformer_are_seeded(transformer):
    X, _ = some_digits(150)
    model = SpectralNetClustering(3, affinity_transformer=transformer, **BRIEF).fit(X)
    again = clone(model).fit(X)
    np.testing.assert_array_equal(model.embedding_, again.embedding_)
    other = clone(model).set_params(random_state=1).fit(X)
    assert (model.affinity_matrix_ != other.affinity_matrix_).nnz > 0


def test_networks_side_by_side_differ_and_keep_the_seeds_they_have():
    X, _ = some_digits(150)
    union = union_of_codes()
    model = SpectralNetClustering(3, affinity_transformer=union, **BRIEF).fit(X)
    Z = model.affinity_transformer_.transform(X)
    assert not np.allclose(Z[:, :3], Z[:, 3:])
    union.set_params(**{"autoencodertransformer-2__random_state": 5})
    Z = model.fit(X).affinity_transformer_.transform(X)
    codes = AutoencoderTransformer(3, random_state=5, **FEW).fit_transform(X)
    np.testing.assert_array_equal(Z[:, 3:], codes)


def test_known_labels_reach_the_siamese_network():
    X, y = some_digits(150)
    labels = np.where(np.arange(150) < 40, y, -1)
    space = SiameseTransformer(3, random_state=0, **FEW)
    model = SpectralNetClustering(3, affinity_transformer=space, **BRIEF)
    model.fit(X, partial_labels=labels)
    Z = model.affinity_transformer_.transform(X)
    np.testing.assert_array_equal(
        Z, clone(space).fit(X, partial_labels=labels).transform(X)
    )
    assert not np.array_equal(Z, clone(space).fit_transform(X))


def test_weights_apply_to_the_learned_graph_only(judges):
    X, _ = some_digits(150)
    model = SpectralNetClustering(3, n_components="auto", **BRIEF).fit(X)
    own = model.affinity_matrix_
    # So large a gamma would leave the rows' own edges no weight, and be warned of.
    model.set_params(affinity="siamese", weights="heat", gamma=0.05).fit(X)
    assert [(judge != own).nnz for judge in judges[-2:]] == [0, 0]


class Halving(TransformerMixin, BaseEstimator):
    """Loses every second row, and fits without a return value."""

    def fit(self, X, y=None):
        pass

    def transform(self, X):
        return X[::2]


@pytest.mark.parametrize(
    ("transformer", "match"),
    [
        (Halving(), r"affinity_transformer_.transform\(X\) must have a row for each"),
        (
            FunctionTransformer(lambda X: X * np.nan),
            r"affinity_transformer_.transform\(X\) contains NaN",
        ),
    ],
    ids=["rows lost", "NaN"],
)
@pytest.mark.parametrize("assume_finite", [False, True])
def test_what_a_transformer_must_not_return_is_named(transformer, match, assume_finite):
    X, _ = some_digits(60)
    model = SpectralNetClustering(2, affinity_transformer=transformer, **BRIEF)
    with (
        config_context(assume_finite=assume_finite),
        pytest.raises(ValueError, match=match),
    ):
        model.fit(X)


def test_any_transformer_makes_a_space():
    X, _ = some_digits(150)
    model = SpectralNetClustering(3, affinity_transformer=PCA(5, random_state=0))
    graph = model.set_params(**BRIEF).fit(X).affinity_matrix_
    expected = SpectralNetClustering(3, **BRIEF).fit(
        PCA(5, random_state=0).fit_transform(X)
    )
    assert (abs(graph - expected.affinity_matrix_) > 1e-6).nnz == 0
