"""Estimators in files of skops, which writes arrays but no tensors."""

import copy
import pickle

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknet_spectral import (
    AutoencoderTransformer,
    SiameseTransformer,
    SpectralNetClustering,
    SpectralNetEmbedding,
)
from tests.persistence.models import MODELS, SHORT, X, assert_same, small_network

CHOSEN = "float32", "sparse rows", "modularity", "discretize", "kernel", "precomputed"
CHOSEN += "siamese", "embedding", "generator", "Autoencoder", "Siamese"
ESTIMATORS = SpectralNetClustering, SpectralNetEmbedding
ESTIMATORS += SiameseTransformer, AutoencoderTransformer


@pytest.fixture(scope="module")
def skops_io():
    """The module. Not every process that collects this test should import it."""
    return pytest.importorskip("skops.io")


@pytest.fixture(scope="module")
def by_skops(skops_io):
    """A function that dumps a model and loads it."""

    def dumped_and_loaded(model):
        data = skops_io.dumps(model)
        return skops_io.loads(data, trusted=skops_io.get_untrusted_types(data=data))

    return dumped_and_loaded


@pytest.mark.parametrize("name", CHOSEN)
def test_what_is_loaded_is_what_was_dumped(name, by_skops):
    model, rows = MODELS[name]
    model = clone(model).fit(rows)
    loaded = by_skops(model)
    assert_same(loaded, model, rows)
    assert_same(by_skops(loaded), model, rows)
    if model.random_state == 0:
        again = clone(loaded).fit(rows)
        np.testing.assert_array_equal(again.transform(rows), model.transform(rows))


def test_a_single_component_keeps_its_bits(by_skops):
    model = SpectralNetEmbedding(1, **SHORT).fit(X)
    assert_same(by_skops(model), model, X)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_an_unfitted_estimator_is_dumped(estimator, by_skops):
    model = estimator(3, **SHORT)
    assert by_skops(model).get_params() == model.get_params()


def test_a_pipeline_is_dumped_with_its_scaler(by_skops):
    pipeline = make_pipeline(StandardScaler(), SpectralNetClustering(4, **SHORT))
    loaded = by_skops(pipeline.fit(X))
    np.testing.assert_array_equal(loaded.predict(X), pipeline.predict(X))
    np.testing.assert_array_equal(loaded.transform(X), pipeline.transform(X))


def test_only_classes_of_this_package_and_of_layers_need_trust(skops_io):
    data = skops_io.dumps(SiameseTransformer(3, **SHORT).fit(X))
    assert skops_io.get_untrusted_types(data=data) == [
        "sknet_spectral._engine.networks.network.StandardizedNetwork",
        "sknet_spectral._engine.networks.perceptron._Linear",
        "sknet_spectral._estimators.siamese.SiameseTransformer",
        "torch.nn.modules.activation.GELU",
        "torch.nn.modules.container.Sequential",
    ]


@pytest.mark.parametrize("estimator", [SpectralNetClustering, AutoencoderTransformer])
def test_the_user_s_network_is_refused(estimator, skops_io, tmp_path):
    model = estimator(4, network=small_network, **SHORT).fit(X)
    with pytest.raises(TypeError, match=r"network: skops cannot .*method save,"):
        skops_io.dumps(make_pipeline(model))
    joblib.dump(model, tmp_path / "model")
    copies = [pickle.loads(pickle.dumps(model, protocol)) for protocol in (0, 2, 5)]
    for again in (joblib.load(tmp_path / "model"), copy.deepcopy(model), *copies):
        assert_same(again, model, X)
