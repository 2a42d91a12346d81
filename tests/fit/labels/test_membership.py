"""How sure labels are: probabilities, exemplars and uncertain rows."""

import copy

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import make_blobs
from sklearn.exceptions import NotFittedError

from sknet_spectral import SpectralNetClustering
from sknet_spectral._fit.labels.assignment import (
    Discretization,
    NearestCenter,
    PivotedRotation,
)
from sknet_spectral._fit.labels.membership import (
    Memberships,
    find_exemplars,
    fit_memberships,
)
from sknet_spectral._fit.labels.merged_centers import MergedCenters
from tests.data import BRIEF, few_rows, lies_apart

X, Y = make_blobs(150, centers=[[0, 0], [4, 0], [0, 4]], random_state=0)


RULES = ["kmeans", "modularity", "discretize", "cluster_qr"]


def rule_of(centers):
    """A rule whose centres are given, in a plane."""
    return NearestCenter(np.array(centers, dtype=float), unit_length=False)


def exemplars_of(rule, Y, positions):
    return find_exemplars(rule.scores(Y), 1.0, rule.typicality(Y), positions)


def clustering(**parameters):
    return SpectralNetClustering(3, **{**BRIEF, **parameters})


@pytest.fixture(scope="module")
def model():
    return clustering().fit(X)


def test_probabilities_are_students_kernel_of_the_distances():
    points = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 5.0]])
    found = Memberships(1.0, temperature=0.5)(rule_of([[0, 0], [2, 0]]), points)
    np.testing.assert_allclose(found[0], [0.5, 0.5])
    np.testing.assert_allclose(found[1], [25 / 26, 1 / 26])
    np.testing.assert_allclose(found[2], [30**2 / (30**2 + 26**2), 26**2 / 1576])


def test_a_spread_of_rounding_counts_as_none():
    # Six rows on three centres: their squares are rounding, in either precision.
    squares = np.where(np.eye(3, dtype=bool)[[0, 0, 1, 1, 2, 2]], 4e-17, 2.0)
    W = np.kron(np.eye(3), np.ones((2, 2))) + 0.1
    found = fit_memberships(-squares, W)
    rule = rule_of(np.eye(3))
    exact, rounded = found(rule, np.eye(3)), found(rule, np.eye(3) + 1e-7)
    np.testing.assert_allclose(exact, rounded, atol=1e-3)


def test_rows_on_their_centres_belong_to_them_alone():
    rule, points = rule_of([[0, 0], [2, 0]]), np.array([[0.0, 0.0], [2.0, 0.0]])
    found = Memberships(spread=0.0, temperature=1.0)(rule, points)
    np.testing.assert_allclose(found, np.eye(2), atol=1e-30)


@pytest.mark.parametrize("temperature", [1e-300, 1e-3, 1.0, 1e300])
@pytest.mark.parametrize("rule", RULES)
def test_the_largest_probability_is_the_one_of_the_label(rule, temperature):
    rng = np.random.default_rng(0)
    points = np.abs(rng.normal(size=(200, 3))) + 3 * np.eye(3)[np.arange(200) % 3]
    points[:20] = points[0] * (1 + 1e-16 * np.arange(20)[:, None])
    learned = {
        "kmeans": lambda: rule_of(np.eye(3)),
        "modularity": lambda: MergedCenters(
            np.vstack([np.eye(3), 2 * np.eye(3)]),
            np.tile(np.arange(3), 2),
            unit_length=False,
        ),
        "discretize": lambda: Discretization(points, random_state=0),
        "cluster_qr": lambda: PivotedRotation(points),
    }[rule]()
    found = Memberships(0.1, temperature)(learned, points)
    np.testing.assert_array_equal(found.argmax(axis=1), learned.labels(points))
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    assert (found >= 0).all()
    # The label's entry is the only largest one.
    assert ((found == found.max(axis=1, keepdims=True)).sum(axis=1) == 1).all()


def test_the_temperature_predicts_the_clusters_of_neighbors():
    """Make two places, with three of four edges inside a place."""
    place = np.repeat([0, 1], 500)
    rng = np.random.default_rng(0)
    stays = np.arange(1000) % 4 > 0
    other = np.where(stays, place, 1 - place)
    columns = other * 500 + rng.integers(500, size=1000)
    # An edge of a row to itself tells nothing, and counts for nothing.
    W = sparse.csr_matrix((np.ones(1000), (np.arange(1000), columns)), (1000, 1000))
    rule, points = rule_of([[0, 0], [1, 0]]), np.column_stack([place, 0 * place]) * 1.0
    scores = rule.scores(points)
    found = fit_memberships(scores, W)(rule, points)
    assert found.max(axis=1) == pytest.approx(0.75, abs=0.005)
    no_edges = sparse.csr_matrix((1000, 1000))
    assert fit_memberships(scores, no_edges).temperature == 1.0


def test_exemplars_are_nearest_to_the_centres_and_uncertain_rows_between():
    rule = rule_of([[0, 0], [10, 0]])
    points = np.column_stack([[0.5, 0.1, 9.0, 10.0, 4.9, 5.2], np.zeros(6)])
    exemplars, least_certain = exemplars_of(rule, points, np.arange(6))
    assert [rows.tolist() for rows in exemplars] == [[1, 0, 4], [3, 2, 5]]
    assert least_certain[:2].tolist() == [4, 5]
    drawn = np.arange(100, 106)
    exemplars, least_certain = exemplars_of(rule, points, drawn)
    assert exemplars[0].tolist() == [101, 100, 104]
    assert exemplars_of(rule_of([[0, 0]]), points, np.arange(6))[1].tolist() == []


@lies_apart
@pytest.mark.parametrize("assign_labels", RULES)
def test_predict_is_the_most_likely_cluster(assign_labels):
    model = clustering(assign_labels=assign_labels).fit(X)
    found = model.predict_proba(X)
    assert found.shape == (150, 3)
    np.testing.assert_array_equal(found.argmax(axis=1), model.labels_)
    for cluster, rows in enumerate(model.exemplars_):
        assert (model.labels_[rows] == cluster).all()
    unsure = found.max(axis=1)
    assert unsure[model.least_certain_].max() <= np.sort(unsure)[20]


@few_rows
@pytest.mark.parametrize("assign_labels", RULES)
def test_there_are_as_many_columns_as_clusters_though_few_rows_are_distinct(
    assign_labels,
):
    rows = np.repeat(X[:3], 20, axis=0)
    model = SpectralNetClustering(5, assign_labels=assign_labels, **BRIEF).fit(rows)
    assert model.n_clusters_ == len(model.exemplars_) == 3
    found = model.predict_proba(rows)
    assert found.shape == (60, 3)
    np.testing.assert_array_equal(found.argmax(axis=1), model.labels_)


def test_a_row_alone_has_the_same_probabilities(model):
    alone = np.vstack([model.predict_proba(row[None]) for row in X[:10]])
    np.testing.assert_allclose(alone, model.predict_proba(X)[:10], rtol=1e-12)


def test_exemplars_of_a_sample_are_positions_among_all_rows():
    model = clustering(max_samples=90).fit(X)
    rows = np.concatenate([*model.exemplars_, model.least_certain_])
    assert np.isin(rows, model.sample_indices_).all()


def test_probabilities_survive_a_file(model, tmp_path):
    model.save(tmp_path / "model")
    loaded = SpectralNetClustering.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert len(loaded.exemplars_) == 3


def test_a_file_without_probabilities_is_named(model):
    older = copy.copy(model)
    del older._memberships
    with pytest.raises(ValueError, match="predict_proba needs probabilities"):
        older.predict_proba(X)


def test_dask_rows_get_their_probabilities_later(model):
    da = pytest.importorskip("dask.array")
    lazy = model.predict_proba(da.from_array(X, chunks=(40, 2)))
    assert lazy.shape == (150, 3)
    np.testing.assert_array_equal(lazy.compute(), model.predict_proba(X))


def test_an_estimator_that_is_not_fitted_has_no_probabilities():
    assert not hasattr(clustering(), "predict_proba")
    with pytest.raises(NotFittedError):
        clustering().predict_proba(X)
    assert "Return how likely" in SpectralNetClustering.predict_proba.__doc__


def test_sparse_rows_have_no_probabilities():
    """scikit-learn's checks would take the estimator for a classifier."""
    model = clustering().fit(sparse.csr_matrix(X))
    assert not hasattr(model, "predict_proba")
    with pytest.raises(AttributeError, match="predict_proba"):
        model.predict_proba(X)
