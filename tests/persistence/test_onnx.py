"""ONNX models: a runtime that knows nothing of this package agrees with it."""

import importlib.util
import logging
import os
import re
import warnings

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics.pairwise import rbf_kernel

from sknet_spectral import (
    AutoencoderTransformer,
    SpectralNetClustering,
    SpectralNetEmbedding,
)
from sknet_spectral._persistence import onnx
from tests.data import SMALL, some_digits

pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
onnxruntime = pytest.importorskip("onnxruntime")

X, _ = some_digits(200)
FAR = X + 1e7
SHORT = {**SMALL, "max_iter": 3}


class Convolution(torch.nn.Module):
    """A network of images of 8 x 8 pixels."""

    def __init__(self, n_features, n_outputs):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Conv2d(1, 4, 3),
            torch.nn.BatchNorm2d(4),
            torch.nn.ReLU(),
            torch.nn.Flatten(),
            torch.nn.Linear(144, n_outputs),
        )

    def forward(self, x):
        return self.layers(x.reshape(-1, 1, 8, 8))


MODELS = {
    "kmeans": SpectralNetClustering(5, **SHORT),
    "unnormalized": SpectralNetClustering(5, laplacian="unnormalized", **SHORT),
    "one component": SpectralNetClustering(3, n_components=1, **SHORT),
    "modularity": SpectralNetClustering(5, assign_labels="modularity", **SHORT),
    "discretize": SpectralNetClustering(5, assign_labels="discretize", **SHORT),
    "cluster_qr": SpectralNetClustering(5, assign_labels="cluster_qr", **SHORT),
    "convolution": SpectralNetClustering(4, network=Convolution, **SHORT),
    "embedding": SpectralNetEmbedding(3, **SHORT),
    "autoencoder": AutoencoderTransformer(4, **SHORT),
}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A clustering of the first 150 rows, and its file."""
    path = tmp_path_factory.mktemp("exported") / "model.onnx"
    model = clone(MODELS["kmeans"]).fit(X[:150])
    model.export_onnx(path)
    return model, path


def run(path, rows):
    return onnxruntime.InferenceSession(path).run(None, {"X": rows})


@pytest.fixture(params=MODELS)
def model_and_file(request, tmp_path):
    """Each of the models, and its file."""
    if request.param == "kmeans":
        return request.getfixturevalue("exported")
    path = tmp_path / "model.onnx"
    model = clone(MODELS[request.param]).fit(X[:150])
    model.export_onnx(path)
    return model, path


def test_a_runtime_gives_the_same(model_and_file):
    model, path = model_and_file
    rows = X.astype(np.float32)
    for batch in (rows[:1], rows[:0]):
        assert len(run(path, batch)[0]) == len(batch)
    embedding, *of_clusters = run(path, rows)
    assert embedding.dtype == np.float32
    np.testing.assert_allclose(embedding, model.transform(rows), rtol=0, atol=1e-5)
    assert bool(of_clusters) == hasattr(model, "predict")
    if of_clusters:
        labels, probabilities = of_clusters
        assert labels.dtype == np.int32
        np.testing.assert_array_equal(labels, model.predict(rows))
        assert probabilities.dtype == np.float32
        expected = model.predict_proba(rows)
        np.testing.assert_allclose(probabilities, expected, rtol=0, atol=1e-4)


@pytest.fixture(scope="module")
def exported_exactly(tmp_path_factory):
    """A clustering of rows far from the origin, and its file in double precision."""
    path = tmp_path_factory.mktemp("exported_exactly") / "model.onnx"
    model = SpectralNetClustering(3, **SHORT).fit(FAR)
    model.export_onnx(path, dtype="float64")
    return model, path


def test_outputs_have_names(exported_exactly):
    _, path = exported_exactly
    session = onnxruntime.InferenceSession(path)
    names = [output.name for output in session.get_outputs()]
    assert names == ["embedding", "labels", "probabilities"]
    (probabilities,) = session.run(["probabilities"], {"X": FAR})
    assert probabilities.dtype == np.float64
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)


def test_a_file_of_an_earlier_version_has_labels_alone(tmp_path, request):
    """It lacks the probabilities of the clusters."""
    saved = request.path.parent / "saved" / "version_1"
    model = SpectralNetClustering.load(saved)
    model.export_onnx(tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    names = [output.name for output in session.get_outputs()]
    assert names == ["embedding", "labels"]


def test_float64_is_exact_for_rows_far_from_the_origin(exported_exactly):
    model, path = exported_exactly
    embedding = run(path, FAR)[0]
    assert embedding.dtype == np.float64
    np.testing.assert_allclose(embedding, model.transform(FAR), rtol=0, atol=1e-5)


def test_the_export_leaves_no_trace_and_no_mode_changes_it(exported, tmp_path, capfd):
    model, without_modes = exported
    expected = model.transform(X)
    path = tmp_path / "model.onnx"
    logger = logging.getLogger("torch.onnx")
    states = torch.get_rng_state(), list(warnings.filters), logger.level
    with torch.autocast("cpu", torch.bfloat16), torch.device("meta"):
        model.export_onnx(path)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert (list(warnings.filters), logger.level) == states[1:]
    assert capfd.readouterr() == ("", "")
    np.testing.assert_array_equal(model.transform(X), expected)
    # Nor do paths of this machine stand in the file.
    assert not re.findall(rb"\w+\.py", path.read_bytes())
    assert os.listdir(tmp_path) == ["model.onnx"]
    assert path.read_bytes() == without_modes.read_bytes()


def test_what_cannot_be_exported_is_named(tmp_path, monkeypatch):
    path = tmp_path / "model.onnx"
    with pytest.raises(NotFittedError):
        SpectralNetEmbedding(2).export_onnx(path)
    graph = SpectralNetEmbedding(2, affinity="precomputed").fit(rbf_kernel(X))
    with pytest.raises(ValueError, match="only a graph was given"):
        graph.export_onnx(path)
    model = SpectralNetEmbedding(2, **SHORT).fit(X)
    with pytest.raises(ValueError, match=r"dtype must be .* got 'int8'"):
        model.export_onnx(path, dtype="int8")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"needs onnx and onnxscript: .*\[onnx\]"):
        model.export_onnx(path)
    assert not path.exists()


def test_a_name_that_cannot_be_written_is_refused_before_the_conversion(
    tmp_path, monkeypatch
):
    model = SpectralNetEmbedding(2, **SHORT).fit(X)
    monkeypatch.setattr(onnx, "_onnx_model", lambda *given: pytest.fail("converted"))
    with pytest.raises(ValueError, match="no regular file"):
        model.export_onnx(tmp_path)
    with pytest.raises(FileNotFoundError):
        model.export_onnx(tmp_path / "nowhere" / "model.onnx")
