"""SpectralNetClustering: labels, how many, and for another number of clusters."""

import numpy as np
import pytest
from sklearn.cluster import SpectralClustering
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.gaussian_process.kernels import RBF
from sklearn.metrics import adjusted_rand_score

from sknet_spectral import SpectralNetClustering
from sknet_spectral._fit.spectral_map import steps
from sknet_spectral.metrics import clustering_accuracy
from tests.data import SMALL, far_blobs, lies_apart, some_digits


def test_every_row_has_the_label_that_it_has_alone(digits):
    X, _, model = digits
    alone = np.concatenate([model.predict(X[i : i + 1]) for i in range(len(X))])
    np.testing.assert_array_equal(model.predict(X), alone)
    np.testing.assert_array_equal(model.labels_, alone)


def test_labels_are_consecutive_int32(digits):
    _, _, model = digits
    assert model.labels_.dtype == np.int32
    assert set(model.labels_) == set(range(10))


@pytest.mark.parametrize("rule", ["kmeans", "discretize", "cluster_qr"])
def test_labels_agree_with_scikit_learn_on_the_same_graph(rule):
    X, y = some_digits(500)
    options = {"assign_labels": rule, "random_state": 0}
    model = SpectralNetClustering(4, **options).fit(X[y < 4])
    peer = SpectralClustering(4, affinity="precomputed", **options)
    expected = peer.fit_predict(model.affinity_matrix_)
    assert adjusted_rand_score(expected, model.labels_) > 0.95


@pytest.mark.parametrize("rule", ["kmeans", "modularity", "discretize", "cluster_qr"])
def test_every_rule_predicts_the_training_labels(rule):
    X, _ = some_digits()
    model = SpectralNetClustering(5, assign_labels=rule, **SMALL).fit(X)
    np.testing.assert_array_equal(model.predict(X), model.labels_)
    assert hasattr(model, "cluster_centers_") == (rule == "kmeans")


@lies_apart
@pytest.mark.parametrize("n_blobs", [2, 5, 12])
def test_the_number_of_blobs_is_found(n_blobs):
    X, y = far_blobs(n_blobs, 40)
    model = SpectralNetClustering("auto", **SMALL).fit(X)
    assert model.n_clusters_ == n_blobs
    assert model.embedding_.shape[1] == n_blobs
    assert clustering_accuracy(y, model.labels_) == 1.0
    np.testing.assert_array_equal(model.predict(X), model.labels_)


@lies_apart
def test_the_parameter_free_graph_finds_the_number_of_blobs():
    X, y = far_blobs(4, 40)
    model = SpectralNetClustering("auto", affinity="parameter_free", **SMALL).fit(X)
    assert model.n_clusters_ == 4
    assert clustering_accuracy(y, model.labels_) == 1.0


@lies_apart
def test_the_number_of_clusters_may_be_found_with_other_components():
    X, _ = far_blobs(4, 40)
    model = SpectralNetClustering("auto", n_components=6, **SMALL).fit(X)
    assert model.n_clusters_ == 4
    assert model.embedding_.shape[1] == 6


@lies_apart
def test_the_number_of_clusters_is_found_on_few_rows_and_by_the_paper_s_training():
    with pytest.warns(UserWarning, match="finds one cluster"):
        model = SpectralNetClustering("auto", **SMALL).fit(np.eye(3))
    assert model.n_clusters_ == 1
    X, y = far_blobs(3, 60)
    model = SpectralNetClustering("auto", eigen_solver="stochastic", random_state=0)
    model.set_params(hidden_layer_sizes=(64, 64), max_iter=100).fit(X)
    assert model.n_clusters_ == 3
    assert clustering_accuracy(y, model.labels_) == 1.0


def test_one_embedding_is_enough_for_many_numbers_of_clusters(digits):
    X, _, model = digits
    before = {name: np.copy(value) for name, value in vars(model).items()}
    np.testing.assert_array_equal(model.relabel(10), model.labels_)
    for n_clusters in (1, 2, 7, 15):
        labels = model.relabel(n_clusters)
        assert labels.dtype == np.int32
        assert set(labels) == set(range(n_clusters))
    assert vars(model).keys() == before.keys()
    np.testing.assert_array_equal(model.labels_, before["labels_"])
    np.testing.assert_array_equal(model.predict(X[:50]), model.labels_[:50])


@pytest.mark.parametrize(
    ("n_clusters", "error"),
    [(0, ValueError), (2.5, TypeError), (True, TypeError), (5000, ValueError)],
)
@pytest.mark.parametrize("nested", [False, True])
def test_a_bad_number_to_relabel_is_named(digits, n_clusters, error, nested):
    with pytest.raises(error, match="n_clusters"):
        digits[2].relabel(n_clusters, nested=nested)


def test_relabel_keeps_to_its_rule():
    X, _ = some_digits(100)
    model = SpectralNetClustering(4, assign_labels="discretize", **SMALL).fit(X)
    np.testing.assert_array_equal(model.relabel(4), model.labels_)
    with pytest.raises(
        ValueError, match=r"assign_labels='discretize' needs as many .* nested=True"
    ):
        model.relabel(5)
    assert len(np.unique(model.relabel(5, nested=True))) == 5


@pytest.mark.parametrize("seeded", [False, True], ids=["None", "RandomState"])
def test_clusters_have_the_same_numbers_in_each_call_of_relabel(
    seeded, digits, tmp_path
):
    X = digits[0][:300]
    random_state = np.random.RandomState(0) if seeded else None
    options = {**SMALL, "random_state": random_state, "max_iter": 5}
    model = SpectralNetClustering(4, **options).fit(X)
    model.save(tmp_path / "model")
    copies = [model, SpectralNetClustering.load(tmp_path / "model")]
    state = random_state.get_state()[2] if seeded else None
    first = model.relabel(6)
    for copy in copies * 3:
        np.testing.assert_array_equal(copy.relabel(6, X), first)
    assert not seeded or random_state.get_state()[2] == state


def test_relabel_says_that_an_embedding_of_one_cluster_has_no_others():
    X = np.random.default_rng(0).normal(size=(200, 3))
    model = SpectralNetClustering(1, **SMALL).fit(X)
    with pytest.warns(UserWarning, match="n_components=1, tells only 1"):
        assert not model.relabel(3).any()


@pytest.mark.parametrize("method", ["predict", "relabel"])
def test_an_unfitted_estimator_says_so(method):
    with pytest.raises(NotFittedError):
        getattr(SpectralNetClustering(), method)(2)


def test_components_may_outnumber_clusters():
    X, _ = some_digits()
    model = SpectralNetClustering(4, n_components=6, **SMALL).fit(X)
    assert model.embedding_.shape == (300, 6)
    assert model.eigenvalues_.shape == (6,)
    assert model.cluster_centers_.shape == (4, 6)


def test_the_number_of_components_may_be_found():
    X, _ = some_digits()
    model = SpectralNetClustering(5, n_components="auto", **SMALL).fit(X)
    assert 5 <= model.embedding_.shape[1] <= 7
    np.testing.assert_array_equal(model.predict(X), model.labels_)


def test_the_first_component_is_constant():
    X, _ = some_digits()
    model = SpectralNetClustering(4, **SMALL).fit(X)
    np.testing.assert_allclose(model.embedding_[:, 0], 1.0)
    assert model.eigenvalues_[0] == 0


def test_stochastic_training_clusters_digits(digits):
    X, y, _ = digits
    model = SpectralNetClustering(10, eigen_solver="stochastic", random_state=0)
    model.set_params(max_iter=100).fit(X)
    assert clustering_accuracy(y, model.labels_) > 0.75


@lies_apart
def test_verbose_prints_what_scikit_learn_prints(capsys):
    X, _ = load_iris(return_X_y=True)
    SpectralNetClustering(3, assign_labels="kmeans", verbose=1, **SMALL).fit(X)
    assert "Computing label assignment using kmeans" in capsys.readouterr().out


@lies_apart
@pytest.mark.parametrize("n_components", [None, "auto"])
def test_more_than_twenty_pieces_make_twenty_clusters(n_components):
    rows, _ = far_blobs(40, rows_each=4)
    model = SpectralNetClustering(
        "auto", n_components=n_components, affinity="parameter_free", **SMALL
    ).fit(rows)
    assert model.n_clusters_ == 20


def test_an_affinity_need_not_be_hashable():
    X, _ = load_iris(return_X_y=True)
    model = SpectralNetClustering(2, affinity=RBF(0.5), **SMALL).fit(X[:50])
    with pytest.raises(TypeError, match="unhashable"):
        hash(model.affinity)
    np.testing.assert_allclose(model.affinity_matrix_, RBF(0.5)(X[:50]))


def test_a_warning_points_at_the_line_of_the_user():
    with pytest.warns(UserWarning, match="not fully connected") as caught:
        SpectralNetClustering(2, **SMALL).fit(far_blobs(2)[0])
    assert caught[0].filename == __file__


@pytest.mark.parametrize("rule", ["discretize", "cluster_qr"])
@pytest.mark.parametrize("n_components", [5, "auto"])
def test_components_that_do_not_fit_the_rule_are_named_before_the_fit(
    rule, n_components, monkeypatch
):
    X, _ = some_digits(100)
    monkeypatch.setattr(steps, "build_graph", None)
    model = SpectralNetClustering(4, n_components=n_components, assign_labels=rule)
    with pytest.raises(ValueError, match=f"assign_labels='{rule}' needs as many"):
        model.fit(X)
