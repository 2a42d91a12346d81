"""Dask in, Dask out: the same results as from arrays, later and block by block."""

import os
import signal
import time
from contextlib import contextmanager

import cloudpickle
import dask
import dask.array as da
import dask.dataframe as dd
import joblib
import numpy as np
import pandas as pd
import pytest
from distributed import Client, LocalCluster
from matplotlib import pyplot
from scipy import sparse
from sklearn.datasets import make_blobs
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import GridSearchCV

from sknet_spectral import (
    AutoencoderTransformer,
    SiameseTransformer,
    SpectralNetClustering,
    SpectralNetEmbedding,
)
from sknet_spectral._rows.dask_types import is_dask
from sknet_spectral._rows.opening import open_rows
from sknet_spectral.inspection import (
    AffinityDisplay,
    ClusterSizesDisplay,
    SpectralEmbeddingDisplay,
)
from tests.data import SMALL
from tests.marks import joblib_on_dask

CENTERS = [[0, 0, 0], [6, 0, 0], [0, 6, 0]]
X, Y = make_blobs(300, centers=CENTERS, random_state=0)
SHORT = {**SMALL, "max_iter": 3}
NAMES = ["a", "b", "c"]
# Rounding depends on how many rows are multiplied at once, and how they lie.
ROUNDING = {"rtol": 0, "atol": 1e-12}


def clusterer(**parameters):
    return SpectralNetClustering(3, **{**SHORT, "max_samples": 120, **parameters})


def frame(rows):
    return dd.from_pandas(pd.DataFrame(rows, columns=NAMES), npartitions=4)


def array(rows):
    return da.from_array(rows, chunks=(70, 3))


def with_single_and_empty_blocks(rows):
    A = array(rows)
    return da.concatenate([A[:0], A[:1], A[1:70], A[70:70], A[70:]])


def of_unknown_length(rows):
    A = array(rows)
    return A[da.ones(300, chunks=70, dtype=bool)]


def undeclared_sparse_blocks(rows):
    """Make blocks without letting Dask know their lengths or that they are sparse."""
    parts = [dask.delayed(sparse.csr_matrix)(rows[i : i + 100]) for i in (0, 100, 200)]
    return da.concatenate([da.from_delayed(p, (np.nan, 3), rows.dtype) for p in parts])


COLLECTIONS = {
    "array": array,
    "columns in blocks": lambda rows: da.from_array(rows, chunks=(70, 2)),
    "single and empty blocks": with_single_and_empty_blocks,
    "unknown length": of_unknown_length,
    "unknown, in columns": lambda rows: of_unknown_length(rows).rechunk({1: 2}),
    "frame": frame,
    "filtered frame": lambda rows: frame(rows)[frame(rows)["a"] > -1e9],
    "frame with empty parts": lambda rows: dd.concat([frame(rows), frame(rows[:0])]),
}
SPARSE = {
    "csr_matrix": lambda rows: array(rows).map_blocks(sparse.csr_matrix),
    "csr_array": lambda rows: array(rows).map_blocks(sparse.csr_array),
    "coo_array": lambda rows: array(rows).map_blocks(sparse.coo_array),
    "undeclared": undeclared_sparse_blocks,
}


@pytest.fixture(scope="module")
def model():
    return clusterer().fit(X)


@pytest.fixture(scope="module")
def models(model):
    """Fitted to rows as each kind of collection has them, with names or without."""
    named = clusterer().fit(pd.DataFrame(X, columns=NAMES))
    return {array: model, of_unknown_length: model, frame: named}


@contextmanager
def counted_computations():
    """Count how often Dask computes, in the calling thread."""
    computations = []

    def scheduler(graph, keys, **options):
        computations.append(keys)
        return dask.get(graph, keys, **options)

    with dask.config.set(scheduler=scheduler):
        yield computations


@contextmanager
def cluster_in_this_process():
    """Two workers that are threads here, and yet send each other bytes."""
    options = {"processes": False, "protocol": "tcp", "host": "127.0.0.1"}
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", **options
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def assert_same_as_in_memory(collection, rows):
    fitted, expected = clusterer().fit(collection), clusterer().fit(rows)
    np.testing.assert_array_equal(fitted.sample_indices_, expected.sample_indices_)
    lazy = fitted.labels_, fitted.embedding_
    lazy += fitted.predict(collection), fitted.transform(collection)
    assert all(isinstance(result, da.Array) for result in lazy)
    labels, embedding, predicted, transformed = dask.compute(*lazy)
    np.testing.assert_array_equal(labels, expected.labels_)
    np.testing.assert_array_equal(predicted, expected.labels_)
    np.testing.assert_allclose(embedding, expected.embedding_, **ROUNDING)
    np.testing.assert_array_equal(transformed, embedding)
    assert labels.dtype == np.int32


@pytest.mark.parametrize("name", COLLECTIONS)
def test_a_collection_gives_what_the_array_gives(name):
    assert_same_as_in_memory(COLLECTIONS[name](X), X)


# An old pyarrow makes data frames in a way that pandas has given up.
@pytest.mark.filterwarnings("ignore:Passing a BlockManager:DeprecationWarning")
def test_files_give_what_the_array_gives(tmp_path):
    for start in range(0, 300, 75):
        held = pd.DataFrame(X[start : start + 75], columns=NAMES)
        held.to_parquet(tmp_path / f"{start:03}.parquet")
    assert_same_as_in_memory(dd.read_parquet(tmp_path), X)


@pytest.mark.parametrize("name", SPARSE)
def test_sparse_blocks_give_what_the_matrix_gives(name):
    assert_same_as_in_memory(SPARSE[name](X), sparse.csr_matrix(X))


@pytest.mark.parametrize("name", ["array", "unknown length", "frame"])
def test_without_max_samples_all_rows_are_gathered(name):
    collection = COLLECTIONS[name](X)
    fitted = clusterer(max_samples=None).fit(collection)
    expected = clusterer(max_samples=None).fit(X)
    assert isinstance(fitted.labels_, da.Array)
    assert fitted.labels_.chunks[0] == fitted.embedding_.chunks[0]
    assert len(fitted.labels_.chunks[0]) == collection.npartitions
    np.testing.assert_array_equal(fitted.labels_, expected.labels_)
    np.testing.assert_allclose(fitted.embedding_, expected.embedding_, **ROUNDING)


def test_fit_predict_and_fit_transform_are_lazy(model):
    labels = clusterer().fit_predict(array(X))
    embedding = SpectralNetEmbedding(2, max_samples=120, **SHORT).fit_transform(
        array(X)
    )
    assert isinstance(labels, da.Array)
    assert isinstance(embedding, da.Array)
    assert embedding.shape == (300, 2)
    np.testing.assert_array_equal(labels, model.labels_)


@pytest.mark.parametrize(
    ("collection", "max_samples", "expected"),
    [
        ("array", 120, 1),
        ("array", 0.4, 1),
        ("array", None, 1),
        ("frame", None, 1),
        ("unknown length", None, 1),
        # Once to count, once to gather.
        ("unknown length", 120, 2),
        ("frame", 120, 2),
    ],
)
def test_rows_are_gathered_in_one_computation(collection, max_samples, expected):
    collection = COLLECTIONS[collection](X)
    with counted_computations() as computations:
        clusterer(max_samples=max_samples).fit(collection)
    assert len(computations) == expected


def test_only_blocks_with_drawn_rows_are_computed():
    seen = []

    def watched(block, block_id):
        seen.append(block_id[0])
        return block

    rows = da.from_array(X, chunks=(1, 3)).map_blocks(watched, dtype=X.dtype, meta=X)
    with dask.config.set(scheduler="synchronous"):
        fitted = clusterer().fit(rows)
    np.testing.assert_array_equal(np.sort(seen), fitted.sample_indices_)


def test_predict_and_transform_compute_nothing(models):
    for form, model in models.items():
        collection = form(X)
        with counted_computations() as computations:
            lazy = model.predict(collection), model.transform(collection)
        assert not computations
        assert all(isinstance(result, da.Array) for result in lazy)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
@pytest.mark.parametrize("form", [array, of_unknown_length, frame])
def test_what_is_promised_is_what_comes(dtype, form, models):
    rows = (10 * X).astype(dtype)
    collection, model = form(rows), models[form]
    expected = models[array].transform(rows)
    Z, labels = model.transform(collection), model.predict(collection)
    assert Z.dtype == Z._meta.dtype == expected.dtype
    assert labels.dtype == labels._meta.dtype == np.int32
    assert isinstance(Z._meta, np.ndarray)
    assert (Z.ndim, labels.ndim) == (Z._meta.ndim, labels._meta.ndim) == (2, 1)
    assert Z.numblocks == (collection.npartitions, 1)
    if form is array:
        assert Z.chunks == (collection.chunks[0], (3,))
        assert labels.chunks == collection.chunks[:1]
    computed = Z.compute()
    assert computed.dtype == expected.dtype
    np.testing.assert_allclose(computed, expected, rtol=0, atol=1e-6)


def test_names_of_columns_are_kept_and_checked():
    fitted = clusterer().fit(frame(X))
    np.testing.assert_array_equal(fitted.feature_names_in_, NAMES)
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict(frame(X).rename(columns={"a": "z"}))
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        fitted.predict(array(X))


def test_nullable_columns_are_numbers():
    held = pd.DataFrame(X.round(), columns=NAMES).astype({"a": "Int64"})
    collection = dd.from_pandas(held, npartitions=3)
    fitted = clusterer().fit(collection)
    np.testing.assert_array_equal(fitted.labels_, clusterer().fit(held).labels_)


def test_rows_of_another_kind_are_refused_at_once(model):
    with pytest.raises(ValueError, match="X has 2 features, but SpectralNetCl"):
        model.predict(array(X)[:, :2])
    with pytest.raises(ValueError, match="Expected 2D array, got 1D array"):
        model.predict(array(X)[:, 0])
    unknown = da.from_delayed(dask.delayed(X), (300, np.nan), X.dtype)
    with pytest.raises(ValueError, match=r"\(300, nan\), so that its columns"):
        model.predict(unknown)
    with pytest.raises(ValueError, match="a minimum of 2 is required"):
        clusterer(max_samples=None).fit(array(X[:1]))


@pytest.mark.parametrize("max_samples", [None, 299])
@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_gathered_rows_must_be_finite(max_samples, broken):
    rows = np.where(np.arange(300)[:, None] % 2, X, broken)
    with pytest.raises(ValueError, match="Input X contains"):
        clusterer(max_samples=max_samples).fit(array(rows))


@pytest.mark.parametrize("form", [array, frame])
def test_a_block_that_raises_names_itself(form, models):
    rows = X.copy()
    rows[220] = np.nan
    labels = models[form].predict(form(rows))
    block = 3 if form is array else 2
    expected = rf"Block {block} of X, counted from zero: Input X contains NaN"
    with pytest.raises(ValueError, match=expected):
        labels.compute()
    assert len(labels.blocks[0].compute())


def test_a_block_of_other_types_is_also_named(model):
    held = pd.DataFrame(X.astype(object), columns=NAMES)
    held.iloc[160, 1] = "text"
    rows = dd.from_pandas(held, npartitions=2).map_partitions(_as_it_is, meta=held[:0])
    with pytest.raises(ValueError, match=r"Block 1 of X, counted .*'text'"):
        clusterer(max_samples=None).fit(rows)
    narrow = da.from_delayed(dask.delayed(X[:, :2]), X.shape, X.dtype)
    with pytest.raises(ValueError, match=r"Block 0 of X, .* X has 2 features"):
        model.predict(narrow).compute()


def _as_it_is(rows):
    return rows


def test_errors_of_all_types_name_their_block(model, monkeypatch):
    def exhausted(network, rows):
        raise MemoryError("no room")

    labels = model.predict(array(X))
    monkeypatch.setattr("sknet_spectral._fit.spectral_map.row_maps.embed", exhausted)
    with pytest.raises(RuntimeError, match="Block 0 of X, counted from zero: no room"):
        labels.blocks[0].compute()


def test_the_map_is_in_the_graph_once():
    class Watched(SpectralNetClustering):
        pickled = 0

        def __getstate__(self):
            Watched.pickled += 1
            return super().__getstate__()

    watched = Watched(3, max_samples=120, **SHORT).fit(array(X))
    rows = da.from_array(X, chunks=(5, 3))
    for lazy in watched.predict(rows), watched.transform(rows), watched.labels_:
        Watched.pickled = 0
        for task in dict(dask.optimize(lazy)[0].dask).values():
            cloudpickle.dumps(task)
        assert Watched.pickled == 1


def test_the_map_travels_once_to_each_worker(model):
    class Watched(SpectralNetClustering):
        unpickled = 0

        def __setstate__(self, state):
            Watched.unpickled += 1
            super().__setstate__(state)

    watched = Watched(3, max_samples=120, **SHORT).fit(X)
    with cluster_in_this_process():
        Watched.unpickled = 0
        labels = watched.predict(da.from_array(X, chunks=(5, 3))).compute()
    np.testing.assert_array_equal(labels, model.labels_)
    # The scheduler and two workers, for sixty blocks.
    assert Watched.unpickled <= 3


def test_only_the_map_travels(model):
    assert vars(model._row_map()) == {"network": model.network_}
    rows = open_rows(model, array(X), reset=False)
    fitted = {name for name in vars(rows.check.estimator) if name.endswith("_")}
    assert fitted == {"n_features_in_"}


def test_relabel_of_a_lazy_embedding_is_lazy(model):
    fitted = clusterer().fit(array(X))
    labels = fitted.relabel(2)
    assert isinstance(labels, da.Array)
    np.testing.assert_array_equal(labels, model.relabel(2))


def test_score_gathers_all_rows(model):
    for collection in array(X), undeclared_sparse_blocks(X):
        assert model.score(collection) == pytest.approx(model.score(X), rel=1e-6)


@pytest.mark.parametrize("form", [array, of_unknown_length, frame])
def test_scores_of_samples_are_lazy(form, models):
    scores = models[form].score_samples(form(X))
    assert isinstance(scores, da.Array)
    assert scores.ndim == scores._meta.ndim == 1
    expected = models[array].score_samples(X)
    assert expected.min() < 0
    # Distances of zero are roots of what rounding leaves.
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-6)


def test_a_graph_can_come_as_a_collection():
    W = rbf_kernel(X, gamma=0.3)
    graph = da.from_array(W, chunks=(100, 150))
    parameters = {"affinity": "precomputed", "max_samples": None}
    fitted, expected = (
        clusterer(**parameters).fit(graph),
        clusterer(**parameters).fit(W),
    )
    np.testing.assert_array_equal(fitted.labels_, expected.labels_)
    np.testing.assert_allclose(
        fitted.transform(graph), expected.transform(W), **ROUNDING
    )


@pytest.mark.parametrize("form", [array, frame, undeclared_sparse_blocks])
@pytest.mark.parametrize("cls", [AutoencoderTransformer, SiameseTransformer])
def test_transformers_take_collections(cls, form):
    is_sparse = form is undeclared_sparse_blocks
    held = sparse.csr_matrix(X) if is_sparse else X
    expected = cls(2, **SHORT).fit_transform(held)
    fitted = cls(2, **SHORT).fit(form(X))
    Z = fitted.transform(form(X))
    assert isinstance(Z, da.Array)
    np.testing.assert_allclose(Z, expected, **ROUNDING)
    assert (form is frame) == hasattr(fitted, "feature_names_in_")
    assert isinstance(cls(2, **SHORT).fit_transform(form(X)), da.Array)


def test_a_file_leaves_out_what_is_lazy(tmp_path, model):
    fitted = clusterer().fit(array(X))
    path = tmp_path / "dask.model"
    with pytest.warns(UserWarning, match="leaves out what is lazy: embedding_, labels"):
        fitted.save(path)
    loaded = SpectralNetClustering.load(path)
    np.testing.assert_array_equal(loaded.predict(array(X)), model.labels_)
    np.testing.assert_array_equal(loaded.predict(X), model.labels_)
    assert loaded.get_feature_names_out().shape == (3,)
    for use in (
        np.asarray,
        list,
        lambda labels: labels[0],
        lambda labels: labels.compute(),
    ):
        with pytest.raises(ValueError, match="labels_ was lazy when the estimator"):
            use(loaded.labels_)
    with pytest.raises(ValueError, match="embedding_ was lazy when the estimator"):
        loaded.relabel(2)
    fitted.labels_, fitted.embedding_ = dask.compute(fitted.labels_, fitted.embedding_)
    fitted.save(path)
    np.testing.assert_array_equal(
        SpectralNetClustering.load(path).labels_, model.labels_
    )


def test_a_pickle_keeps_what_is_lazy(model):
    restored = cloudpickle.loads(cloudpickle.dumps(clusterer().fit(array(X))))
    np.testing.assert_array_equal(restored.labels_, model.labels_)


@pytest.mark.parametrize("method", ["transform", "fit_transform"])
def test_no_container_is_filled_behind_the_back(method, model):
    fitted = clusterer().fit(array(X)).set_output(transform="pandas")
    with pytest.raises(ValueError, match=r"set_output\(transform='pandas'\) would"):
        getattr(fitted, method)(array(X))
    np.testing.assert_array_equal(fitted.predict(array(X)), model.labels_)
    assert isinstance(fitted.transform(X), pd.DataFrame)


@joblib_on_dask
def test_a_search_on_a_cluster_finds_what_one_here_finds():
    def search():
        grid = {"max_iter": [2, 3], "learning_rate_init": [1e-3, 2e-3]}
        model = clusterer(max_samples=None, n_neighbors=40)
        return GridSearchCV(model, grid, cv=2).fit(X)

    expected = search()
    with cluster_in_this_process(), joblib.parallel_config(backend="dask"):
        found = search()
    np.testing.assert_allclose(
        found.cv_results_["mean_test_score"],
        expected.cv_results_["mean_test_score"],
        rtol=1e-4,
    )


def test_dask_ml_s_wrapper_predicts(model):
    wrappers = pytest.importorskip(
        "dask_ml.wrappers", reason="dask-ml asks for a newer scikit-learn than we do"
    )
    wrapper = wrappers.ParallelPostFit(clusterer()).fit(X)
    np.testing.assert_array_equal(wrapper.predict(array(X)), model.labels_)
    np.testing.assert_allclose(
        wrapper.transform(array(X)), model.embedding_, **ROUNDING
    )
    wrapper = wrappers.ParallelPostFit(clusterer()).fit(array(X))
    np.testing.assert_array_equal(wrapper.labels_, model.labels_)


@pytest.mark.slow
def test_a_worker_s_death_costs_nothing(tmp_path, model):
    started = tmp_path / "started"
    started.mkdir()

    def slow(block, block_id):
        (started / f"{block_id[0]}-{os.getpid()}").touch()
        time.sleep(0.2)
        return block

    rows = da.from_array(X, chunks=(10, 3)).map_blocks(slow, dtype=X.dtype, meta=X)
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50
        ) as cluster,
        Client(cluster) as client,
    ):
        victim, _ = client.run(os.getpid).values()
        future = client.compute(model.predict(rows))
        while len(list(started.glob(f"*-{victim}"))) < 4:
            time.sleep(0.02)
        assert not future.done()
        os.kill(victim, signal.SIGKILL)
        labels = future.result(timeout=60)
    processes = {path.name.partition("-")[2] for path in started.iterdir()}
    assert len(processes) >= 2
    np.testing.assert_array_equal(labels, model.labels_)


def test_only_collections_count_as_dask():
    assert is_dask(array(X))
    assert is_dask(frame(X))
    for other in X, X.tolist(), sparse.csr_matrix(X), frame(X)["a"], dask.delayed(X):
        assert not is_dask(other)


@pytest.mark.parametrize("form", [array, of_unknown_length])
@pytest.mark.parametrize(
    "display", [AffinityDisplay, ClusterSizesDisplay, SpectralEmbeddingDisplay]
)
def test_displays_compute_what_they_draw(display, form, model):
    fitted = clusterer().fit(form(X))
    lazy, expected = (display.from_estimator(m) for m in (fitted, model))
    for name in {"sizes", "labels", "embedding"} & vars(expected).keys():
        found, wanted = getattr(lazy, name), getattr(expected, name)
        assert isinstance(found, np.ndarray)
        np.testing.assert_allclose(found, wanted, **ROUNDING)
    pyplot.close("all")
