"""Estimators in files: what is loaded is what was saved, and says what it lacks."""

import pickle
import re
import subprocess
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest
import sklearn
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_union

from sknet_spectral import (
    AutoencoderTransformer,
    SiameseTransformer,
    SpectralNetClustering,
    SpectralNetEmbedding,
)
from sknet_spectral._estimators import learned_spaces
from sknet_spectral._persistence.records import Reader, Writer
from tests.data import SMALL, lies_apart, some_digits
from tests.forked import in_forked_child
from tests.marks import forks
from tests.persistence.models import MODELS, SHORT, X, assert_same, small_network


def other_activation(n_features, n_outputs):
    network = small_network(n_features, n_outputs)
    network[2] = torch.nn.Tanh()
    return network


def wider_network(n_features, n_outputs):
    return torch.nn.Sequential(
        torch.nn.Linear(n_features, 9), torch.nn.Linear(9, n_outputs)
    )


def overlap(x, y):
    return np.minimum(x, y).sum()


def reloaded(model, path, **options):
    model.save(path)
    return type(model).load(path, **options)


def without_address(value):
    return re.sub("at 0x[0-9A-F]+", "", repr(value))


@lies_apart
@pytest.mark.filterwarnings("ignore:The spectral loss fell")
@pytest.mark.filterwarnings("ignore:n_clusters='auto' finds one cluster")
@pytest.mark.filterwarnings("ignore:The embedding of the fit, n_components=1, tells")
@pytest.mark.parametrize(("model", "rows"), MODELS.values(), ids=MODELS)
def test_what_is_loaded_is_what_was_saved(model, rows, tmp_path):
    model = clone(model).fit(rows)
    loaded = reloaded(model, tmp_path / "model")
    assert_same(loaded, model, rows)
    assert_same(reloaded(loaded, tmp_path / "again"), model, rows)
    assert without_address(loaded.get_params()) == without_address(model.get_params())
    if model.random_state == 0:
        # The loaded estimator can be cloned, pickled and fitted again.
        again = clone(pickle.loads(pickle.dumps(loaded))).fit(rows)
        np.testing.assert_array_equal(again.transform(rows), model.transform(rows))


def test_plain_parameters_come_back_as_they_were(tmp_path):
    parameters = {
        "kernel_params": {"a": [1, (2.5, None)], "b": np.float64(3), "c": {}},
        "hidden_layer_sizes": (8, 4),
        "random_state": 1,
    }
    model = SpectralNetClustering(2, affinity="rbf", gamma=1e-3, **parameters).fit(X)
    loaded = reloaded(model, tmp_path / "model")
    assert loaded.get_params() == model.get_params()
    assert type(loaded.kernel_params["a"][1]) is tuple
    assert type(loaded.kernel_params["b"]) is np.float64


def test_frames_keep_their_names_and_output(tmp_path):
    rows = pd.DataFrame(X, columns=[f"pixel{i}" for i in range(64)])
    model = SpectralNetEmbedding(2, **SHORT).set_output(transform="pandas").fit(rows)
    loaded = reloaded(model, tmp_path / "model")
    pd.testing.assert_frame_equal(loaded.transform(rows), model.transform(rows))
    assert list(loaded.feature_names_in_) == list(rows.columns)
    assert loaded.n_features_in_ == 64
    with pytest.raises(ValueError, match="pixel99"):
        loaded.transform(rows.rename(columns={"pixel3": "pixel99"}))
    loaded.set_output(transform="default")
    assert isinstance(loaded.transform(rows), np.ndarray)


PREDICTIONS = """
import pickle
import numpy as np
X = np.load("X.npy")
with open("pickle", "rb") as file:
    np.save("labels of the pickle.npy", pickle.load(file).predict(X))
from sknet_spectral import SpectralNetClustering
labels = SpectralNetClustering.load("model").predict(X)
np.save("labels of the file.npy", labels)
"""


def test_a_file_and_a_pickle_predict_the_same_in_a_fresh_process(digits, tmp_path):
    rows, _, model = digits
    model.save(tmp_path / "model")
    (tmp_path / "pickle").write_bytes(pickle.dumps(model))
    np.save(tmp_path / "X.npy", rows)
    subprocess.run([sys.executable, "-c", PREDICTIONS], cwd=tmp_path, check=True)
    for form in ("file", "pickle"):
        labels = np.load(tmp_path / f"labels of the {form}.npy")
        np.testing.assert_array_equal(labels, model.labels_)


def test_the_first_format_is_still_read(request):
    """A file of version 1. Its rows come from numpy's oldest generator."""
    loaded = SpectralNetClustering.load(request.path.parent / "saved" / "version_1")
    rows = np.random.RandomState(0).normal(size=(30, 3))
    np.testing.assert_allclose(loaded.transform(rows), loaded.embedding_, atol=1e-9)
    np.testing.assert_array_equal(loaded.predict(rows), loaded.labels_)
    assert loaded.score(rows) == pytest.approx(-loaded.eigenvalues_.mean(), rel=1e-6)
    assert loaded.n_clusters == loaded.n_clusters_ == 2
    with pytest.raises(ValueError, match="earlier version of sknet-spectral wrote it"):
        loaded.score_samples(rows)


@pytest.mark.parametrize("estimator", [SpectralNetClustering, AutoencoderTransformer])
def test_an_unfitted_estimator_is_not_saved(estimator, tmp_path):
    with pytest.raises(NotFittedError):
        estimator().save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_another_class_is_refused(tmp_path):
    SpectralNetEmbedding(2, **SHORT).fit(X).save(tmp_path / "model")
    with pytest.raises(
        ValueError, match="holds a SpectralNetEmbedding, not a SpectralNetClustering"
    ):
        SpectralNetClustering.load(tmp_path / "model")


@pytest.mark.parametrize(
    "estimator", [SpectralNetClustering, SiameseTransformer, AutoencoderTransformer]
)
def test_the_user_s_network_is_given_to_load(estimator, tmp_path):
    path = tmp_path / "model"
    model = estimator(4, network=small_network, **SHORT).fit(X)
    loaded = reloaded(model, path, network=small_network)
    assert loaded.get_params() == model.get_params()
    assert_same(loaded, model, X)
    with pytest.raises(ValueError, match=r"network=tests.*:small_network\. .*imports"):
        estimator.load(path)
    for network in (other_activation, wider_network):
        with pytest.raises(ValueError, match="network= does not build the network"):
            estimator.load(path, network=network)


def test_a_network_without_use_is_refused(tmp_path):
    path = tmp_path / "model"
    SpectralNetEmbedding(2, **SHORT).fit(X).save(path)
    with pytest.raises(ValueError, match=r"small_network.* has no use"):
        SpectralNetEmbedding.load(path, network=small_network)


def test_the_fitted_network_counts_not_the_parameter(tmp_path):
    path = tmp_path / "model"
    model = SpectralNetEmbedding(2, network=small_network, **SHORT).fit(X)
    expected = model.transform(X)
    model.set_params(network=None).save(path)
    with pytest.raises(ValueError, match="imports nothing"):
        SpectralNetEmbedding.load(path)
    loaded = SpectralNetEmbedding.load(path, network=small_network)
    np.testing.assert_array_equal(loaded.transform(X), expected)


def test_a_function_is_saved_by_name(tmp_path):
    path = tmp_path / "model"
    model = SpectralNetClustering(2, affinity=overlap, **SHORT).fit(X[:40])
    with pytest.warns(UserWarning, match=r"name only: affinity \(tests.*:overlap\)\."):
        model.save(path)
    loaded = SpectralNetClustering.load(path)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    for use in (loaded.score, clone(loaded).fit):
        with pytest.raises(ValueError, match="overlap was saved by its name only"):
            use(X)
    loaded.set_params(affinity=overlap)
    assert loaded.score(X[:40]) == model.score(X[:40])
    assert_same(loaded.fit(X[:40]), model, X)


@pytest.mark.parametrize(
    "transformer",
    [PCA(3, random_state=0), SiameseTransformer(3, network=small_network, **SHORT)],
    ids=["another's", "one with the user's network"],
)
def test_a_transformer_that_cannot_be_saved_is_missed(transformer, tmp_path):
    path = tmp_path / "model"
    model = SpectralNetClustering(3, affinity_transformer=transformer, **SHORT).fit(X)
    with pytest.warns(UserWarning, match=r"name only: .*affinity_transformer_ \("):
        model.save(path)
    loaded = SpectralNetClustering.load(path)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    for use in (loaded.score, loaded.fit):
        with pytest.raises(ValueError, match="was saved by its name only"):
            use(X)
    again = loaded.set_params(affinity_transformer=transformer).fit(X)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_the_space_of_autoencoders_is_saved(tmp_path, monkeypatch):
    small = partial(AutoencoderTransformer, hidden_layer_sizes=8, max_iter=2)
    monkeypatch.setattr(learned_spaces, "AutoencoderTransformer", small)
    model = SpectralNetClustering(3, affinity="autoencoder", **SHORT).fit(X)
    loaded = reloaded(model, tmp_path / "model")
    assert loaded.score(X) == model.score(X)
    assert_same(loaded.fit(X), model, X)


def test_a_union_with_another_s_transformer_is_missed_in_part(tmp_path):
    union = make_union(PCA(3, random_state=0), AutoencoderTransformer(3, **SHORT))
    model = SpectralNetClustering(3, affinity_transformer=union, **SHORT).fit(X)
    with pytest.warns(UserWarning, match=r"_ \(.*PCA\).* It scores only after that"):
        loaded = reloaded(model, tmp_path / "model")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    for use in (loaded.score, loaded.fit):
        with pytest.raises(ValueError, match="PCA was saved by its name only"):
            use(X)
    assert_same(loaded.set_params(affinity_transformer=union).fit(X), model, X)


def test_a_subclass_is_saved_by_name_and_replaces_no_other_class(tmp_path):
    own = SpectralNetClustering(
        3, affinity_transformer=SiameseTransformer(3, **SHORT), **SHORT
    ).fit(X)

    class Subclass(SiameseTransformer):
        pass

    Subclass.__name__ = "SiameseTransformer"
    model = clone(own).set_params(affinity_transformer=Subclass(3, **SHORT)).fit(X)
    with pytest.warns(UserWarning, match=r"name only: .*affinity_transformer_ \("):
        loaded = reloaded(model, tmp_path / "theirs")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    loaded = reloaded(own, tmp_path / "ours")
    assert type(loaded.affinity_transformer_) is SiameseTransformer
    np.testing.assert_array_equal(loaded.predict(X), own.predict(X))


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"random_state": np.random.RandomState(np.random.PCG64(0))}, "random_state"),
        ({"kernel_params": {"a": {1, 2}}}, "kernel_params"),
        ({"kernel_params": {"a": np.array([None])}}, "kernel_params"),
        ({"kernel_params": {"a": np.array(None)}}, "kernel_params"),
    ],
)
def test_what_has_no_kind_is_saved_by_name(parameters, name, tmp_path):
    options = {**SHORT, **parameters}
    model = SpectralNetEmbedding(2, affinity="rbf", gamma=1e-3, **options).fit(X)
    with pytest.warns(UserWarning, match=rf"name only: {name} \("):
        loaded = reloaded(model, tmp_path / "model")
    np.testing.assert_array_equal(loaded.transform(X), model.transform(X))


def test_metadata_requests_are_left_out(tmp_path):
    model = SpectralNetEmbedding(2, **SHORT).fit(X)
    with sklearn.config_context(enable_metadata_routing=True):
        model.set_fit_request(partial_labels=True)
    with pytest.warns(UserWarning, match=r"name only: _metadata_request \("):
        loaded = reloaded(model, tmp_path / "model")
    assert not hasattr(loaded, "_metadata_request")
    assert clone(loaded).get_params() == model.get_params()


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
numbers = st.sampled_from([np.float32(0.1), np.int64(-3), np.bool_(True), np.str_("a")])
values = st.recursive(
    plain | numbers,
    lambda parts: (
        st.lists(parts)
        | st.lists(parts).map(tuple)
        | st.dictionaries(st.text() | st.integers(), parts)
    ),
)


@given(values)
def test_any_plain_value_is_read_as_it_was_written(value):
    writer = Writer({})
    record = writer.record(value, "value")
    assert repr(Reader({}, writer.arrays, None).value(record)) == repr(value)
    assert not writer.named


REFUSED = {"pickle.find_class", "import", "exec", "os.system"}
REFUSED |= {"subprocess.Popen", "socket.connect"}


def load_while_listening(path):
    """Load twice, once for what is imported late; return what the second one did."""
    heard = []

    def listen(event, arguments):
        if event in REFUSED:
            heard.append(event)

    SpectralNetEmbedding.load(path)
    sys.addaudithook(listen)  # for good
    SpectralNetEmbedding.load(path)
    return list(heard)


@forks
def test_loading_runs_imports_and_unpickles_nothing(tmp_path):
    X, _ = some_digits(60)
    path = tmp_path / "digits.model"
    SpectralNetEmbedding(2, max_iter=2, **SMALL).fit(X).save(path)
    assert in_forked_child(lambda: load_while_listening(path)) == []
