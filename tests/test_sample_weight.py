"""Rows that count several times: as copies do, to the bit, in any order."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import make_moons
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import shuffle

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from sknet_spectral._fit.sample.row_counts import order_of_copies
from tests.data import SMALL, lies_apart, some_digits

N_ROWS = 200
X, Y = some_digits(N_ROWS)
RNG = np.random.default_rng(0)
WEIGHTS = RNG.integers(5, size=N_ROWS)
REPEATED = np.repeat(X, WEIGHTS, axis=0)
NEW = X + 0.5
# Equal bits are equal after a few epochs, too.
SHORT = {**SMALL, "max_iter": 5}
MODELS = {
    "kmeans": SpectralNetClustering(6, **SHORT),
    "auto": SpectralNetClustering("auto", n_components="auto", **SHORT),
    "discretize": SpectralNetClustering(6, assign_labels="discretize", **SHORT),
    "kernel": SpectralNetClustering(6, affinity="rbf", gamma=1e-3, **SHORT),
    "parameter_free": SpectralNetClustering(6, affinity="parameter_free", **SHORT),
    "stochastic": SpectralNetClustering(6, eigen_solver="stochastic", **SHORT),
    "embedding": SpectralNetEmbedding(3, **SHORT),
}
pytestmark = lies_apart


def answers(model):
    methods = "transform", "predict", "predict_proba"
    return [getattr(model, name)(NEW) for name in methods if hasattr(model, name)]


@cache
def fitted_plainly(name):
    return clone(MODELS[name]).fit(X)


@cache
def fitted_with_weights(name):
    return clone(MODELS[name]).fit(X, sample_weight=WEIGHTS)


@cache
def fitted_to_copies(name):
    return clone(MODELS[name]).fit(REPEATED)


def assert_same_bits(first, second):
    for one, other in zip(answers(first), answers(second), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", MODELS)
def test_a_weight_is_a_number_of_copies(name):
    """In any order of the rows, and of the copies."""
    model, copied = MODELS[name], fitted_to_copies(name)
    order = RNG.permutation(N_ROWS)
    weighted = clone(model).fit(X[order], sample_weight=WEIGHTS[order])
    shuffled = clone(model).fit(shuffle(REPEATED, random_state=0))
    assert_same_bits(weighted, copied)
    assert_same_bits(weighted, shuffled)
    assert not np.array_equal(answers(weighted)[0], answers(fitted_plainly(name))[0])


@pytest.mark.parametrize("container", [sparse.csr_matrix, sparse.csr_array])
def test_sparse_rows_can_be_weighted(container):
    model = MODELS["kmeans"]
    weighted = clone(model).fit(container(X), sample_weight=WEIGHTS)
    copied = clone(model).fit(container(REPEATED))
    np.testing.assert_array_equal(weighted.predict(NEW), copied.predict(NEW))
    np.testing.assert_array_equal(weighted.transform(NEW), copied.transform(NEW))


def test_weights_of_one_change_nothing():
    for name in ("kmeans", "embedding"):
        weighted = clone(MODELS[name]).fit(X, sample_weight=np.ones(N_ROWS))
        assert_same_bits(weighted, fitted_plainly(name))
        assert not hasattr(weighted, "sample_indices_")


def test_a_row_without_weight_is_not_there_but_gets_a_label():
    weights = (np.arange(N_ROWS) % 3 > 0).astype(float)
    model = clone(MODELS["kmeans"]).fit(X, sample_weight=weights)
    assert_same_bits(model, clone(MODELS["kmeans"]).fit(X[weights > 0]))
    assert model.labels_.shape == (N_ROWS,)
    assert model.embedding_.shape == (N_ROWS, 6)
    np.testing.assert_array_equal(model.labels_, model.predict(X))
    np.testing.assert_array_equal(model.sample_indices_, np.flatnonzero(weights))


def test_attributes_follow_the_rows_of_the_graph():
    model, copied = fitted_with_weights("kmeans"), fitted_to_copies("kmeans")
    rows = np.repeat(np.arange(N_ROWS), WEIGHTS)
    np.testing.assert_array_equal(model.sample_indices_, rows)
    np.testing.assert_array_equal(model.labels_, model.predict(X))
    np.testing.assert_array_equal(model.embedding_, model.transform(X))
    W, of_copies = model.affinity_matrix_, copied.affinity_matrix_
    assert abs(W - of_copies).nnz == 0
    np.testing.assert_array_equal(model.spectrum_, copied.spectrum_)
    assert adjusted_rand_score(copied.relabel(4), model.relabel(4)[rows]) == 1.0
    for named in (*model.exemplars_, model.least_certain_):
        assert len(set(named)) == len(named)
        assert (WEIGHTS[named] > 0).all()
        np.testing.assert_array_equal(model.labels_[named], model.predict(X[named]))


def test_rows_of_a_fit_with_copies_keep_their_order():
    """Only the fit sees them sorted."""
    rows = np.vstack([X, X[:20]])
    model = clone(MODELS["kmeans"]).fit(rows)
    np.testing.assert_array_equal(model.labels_, model.predict(rows))
    np.testing.assert_array_equal(model.embedding_, model.transform(rows))
    assert not hasattr(model, "sample_indices_")
    # The first copy has the edges, and the other one edge to it.
    W = model.affinity_matrix_
    np.testing.assert_array_equal(W[N_ROWS:].indices, np.arange(20))
    np.testing.assert_array_equal(W[N_ROWS:].data, 1.0)
    assert W[:20].getnnz(axis=1).min() > 10


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["moons", "digits"])
def test_near_copies_have_the_clusters_of_the_weights(name, seed):
    rng = np.random.default_rng(seed)
    rows, k = X, 10
    if name == "moons":
        rows, k = make_moons(N_ROWS, noise=0.05, random_state=seed)[0], 2
    weights = rng.integers(1, 5, size=N_ROWS)
    near = np.repeat(rows, weights, axis=0)
    near = near + 1e-9 * rows.std() * rng.normal(size=near.shape)
    model = SpectralNetClustering(k, random_state=seed)
    weighted = clone(model).fit(rows, sample_weight=weights)
    score = adjusted_rand_score(
        clone(model).fit(near).predict(rows), weighted.predict(rows)
    )
    assert score >= {"moons": 1.0, "digits": 0.95}[name]


def test_a_sample_is_drawn_by_weight():
    weights = np.where(np.arange(N_ROWS) < 30, 100, 1)
    model = SpectralNetClustering(3, max_samples=150, affinity="rbf", **SHORT)
    model.fit(X, sample_weight=weights)
    drawn = model.sample_indices_
    assert len(drawn) == 150
    assert (drawn < 30).mean() > 0.8
    assert model.affinity_matrix_.shape == (150, 150)
    share = clone(model).set_params(max_samples=0.1).fit(X, sample_weight=weights)
    assert len(share.sample_indices_) == round(0.1 * weights.sum())


def test_a_sample_of_any_number_of_copies_is_drawn():
    weights = np.where(np.arange(N_ROWS) < 30, 10**12, 1)
    model = SpectralNetClustering(3, max_samples=100, affinity="rbf", **SHORT)
    model.fit(X, sample_weight=weights, must_link=[[40, 41]])
    assert len(model.sample_indices_) == 100
    assert set(model.sample_indices_) <= {*range(30), 40, 41}


def test_rows_on_disk_can_be_weighted(tmp_path):
    stored = np.memmap(tmp_path / "rows", dtype=X.dtype, mode="w+", shape=X.shape)
    stored[:] = X
    model = clone(MODELS["kmeans"]).fit(stored, sample_weight=WEIGHTS)
    assert_same_bits(model, fitted_with_weights("kmeans"))


def test_what_is_known_of_rows_goes_with_their_copies():
    known = np.where(np.arange(N_ROWS) % 4 == 0, Y, -1)
    links = np.array([[0, 10], [4, 14]])
    weights = np.maximum(WEIGHTS, 1)
    of_copies = np.repeat(np.arange(N_ROWS), weights)
    model = SpectralNetClustering(10, n_neighbors=10, **SHORT)
    weighted = clone(model).fit(X, None, weights, partial_labels=known)
    copied = clone(model).fit(X[of_copies], partial_labels=known[of_copies])
    assert_same_bits(weighted, copied)
    linked = clone(model).fit(X, sample_weight=weights, must_link=links)
    first = np.searchsorted(of_copies, links)
    assert_same_bits(linked, clone(model).fit(X[of_copies], must_link=first))


@pytest.mark.parametrize("pairs", [[], np.empty((0, 2), dtype=int)])
def test_copies_go_with_no_pairs(pairs):
    rows = np.vstack([X, X[:20]])
    model = clone(MODELS["kmeans"])
    expected = clone(model).fit(rows)
    assert_same_bits(expected, clone(model).fit(rows, must_link=pairs))


def test_errors_about_pairs_name_rows_of_x():
    rows = np.vstack([X, X[:20]])
    model = clone(MODELS["kmeans"])
    with pytest.raises(ValueError, match="must_link"):
        model.fit(rows, must_link=[[0, N_ROWS + 20]])
    weights = np.ones(N_ROWS)
    weights[7] = 0
    with pytest.raises(ValueError, match="cannot_link names row 7"):
        model.fit(X, sample_weight=weights, cannot_link=[[3, 7]])


def test_weights_take_any_container_and_stay_as_they_are():
    model = clone(MODELS["kmeans"])
    expected = fitted_with_weights("kmeans")
    for weights in (WEIGHTS.tolist(), pd.Series(WEIGHTS), WEIGHTS.astype(np.float32)):
        assert_same_bits(expected, clone(model).fit(X, sample_weight=weights))
    weights = WEIGHTS.astype(float)
    labels = clone(model).fit_predict(X, sample_weight=weights)
    np.testing.assert_array_equal(labels, expected.labels_)
    np.testing.assert_array_equal(weights, WEIGHTS)
    embedding = clone(model).fit_transform(X, sample_weight=weights)
    np.testing.assert_array_equal(embedding, expected.embedding_)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.full(N_ROWS, 0.5), "whole numbers that are not negative, got 0.5"),
        (np.full(N_ROWS, -1), r"got -1\.0"),
        (np.zeros(N_ROWS), "[zZ]ero"),
        (np.eye(N_ROWS)[0], "its sum is 1, and a graph needs two rows"),
        (np.full(N_ROWS, 1e300), r"must not sum to .*e\+30"),
        (np.ones(N_ROWS - 1), "inconsistent|shape"),
        (np.ones((N_ROWS, 2)), "1D"),
        (np.full(N_ROWS, np.nan), "NaN"),
        (np.full(N_ROWS, np.inf), "infinity"),
        (["a"] * N_ROWS, "sample_weight must be whole numbers, .* got dtype <U1"),
        (np.full(N_ROWS, "2", dtype=object), "sample_weight .* got dtype <U1"),
        ("balanced", "sample_weight .* got dtype <U8"),
        ([1, None] * (N_ROWS // 2), "sample_weight .* got dtype object"),
        ([[1], [1, 2]] * (N_ROWS // 2), "sample_weight .* got dtype object"),
        (np.full(N_ROWS, 1j), "sample_weight .* got dtype complex128"),
        (np.full(N_ROWS, "2026-01-01", dtype="M8[D]"), "got dtype datetime64"),
    ],
)
@pytest.mark.parametrize("model", [MODELS["kmeans"], MODELS["embedding"]])
def test_weights_that_are_none_are_named(model, weights, message):
    with pytest.raises(ValueError, match=message):
        clone(model).fit(X, sample_weight=weights)


def test_numbers_of_a_column_of_objects_are_weights():
    model = clone(MODELS["kmeans"])
    expected = model.fit(X, sample_weight=WEIGHTS).labels_.copy()
    given = WEIGHTS.astype(object)
    np.testing.assert_array_equal(model.fit(X, sample_weight=given).labels_, expected)


def test_graphs_and_lazy_rows_take_no_weights():
    W = rbf_kernel(X, gamma=1e-3)
    given = SpectralNetClustering(3, affinity="precomputed")
    with pytest.raises(ValueError, match="builds their graph, but a graph was given"):
        given.fit(W, sample_weight=WEIGHTS)
    with pytest.raises(ValueError, match="builds their graph, but a graph was given"):
        clone(MODELS["kmeans"]).fit(X, sample_weight=WEIGHTS, affinity_matrix=W)
    array = pytest.importorskip("dask.array")
    with pytest.raises(ValueError, match="not with a Dask"):
        clone(MODELS["kmeans"]).fit(array.from_array(X), sample_weight=WEIGHTS)


def test_weights_are_routed_through_pipelines_and_searches():
    model = SpectralNetClustering(3, **SHORT)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = clone(model).set_fit_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=True)
        pipeline = make_pipeline(scaler, routed).fit(X, sample_weight=WEIGHTS)
        search = GridSearchCV(routed, {"n_neighbors": [10, 15]}, cv=2)
        search.fit(X, sample_weight=np.maximum(WEIGHTS, 1))
    scaled = StandardScaler().fit_transform(X, sample_weight=WEIGHTS)
    expected = clone(model).fit(scaled, sample_weight=WEIGHTS)
    np.testing.assert_array_equal(pipeline[-1].labels_, expected.labels_)
    assert len(search.best_estimator_.sample_indices_) > N_ROWS


def test_the_order_of_copies_is_that_of_the_rows_alone():
    rows = RNG.integers(3, size=(200, 3)).astype(float)
    order = RNG.permutation(200)
    first, second = rows[order_of_copies(rows)], rows[order]
    np.testing.assert_array_equal(first, second[order_of_copies(second)])
    as_sparse = sparse.csr_matrix(rows)
    found = as_sparse[order_of_copies(as_sparse)].toarray()
    again = sparse.csr_matrix(second)
    np.testing.assert_array_equal(found, again[order_of_copies(again)].toarray())
    assert order_of_copies(X) is None
    assert order_of_copies(sparse.csr_matrix(X)) is None


def test_rows_that_overflow_have_an_order_too():
    rows = np.array([[1e308, 1e308], [1.0, 0.0], [1e308, 1e308], [-1e308, 1e308]])
    assert order_of_copies(rows) is not None
    assert order_of_copies(rows[1:]) is None
