"""scikit-learn's callbacks: a task for each epoch, which may end the training."""

import numpy as np
import pytest

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from tests.data import SMALL, some_digits

pytest.importorskip("sklearn.callback")
X, _ = some_digits(60)


class Recorder:
    """Write down what an estimator tells; ask to stop after some epochs."""

    def __init__(self, max_epochs=None):
        self.max_epochs, self.calls = max_epochs, []

    def setup(self, estimator, context):
        self.calls.append("setup")

    def on_fit_task_begin(self, estimator, context, **options):
        self.calls.append(f"begin {context.task_name}")

    def on_fit_task_end(self, estimator, context, **options):
        self.calls.append(f"end {context.task_name}")
        return self.calls.count("end epoch") == self.max_epochs

    def teardown(self, estimator, context):
        self.calls.append("teardown")


@pytest.mark.parametrize("estimator", [SpectralNetClustering, SpectralNetEmbedding])
@pytest.mark.parametrize("solver", [None, "stochastic"])
@pytest.mark.filterwarnings("ignore:The spectral loss fell")
def test_a_callback_is_told_of_the_fit_and_of_each_epoch(estimator, solver):
    recorder = Recorder()
    model = estimator(3, eigen_solver=solver, max_iter=4, tol=0, **SMALL)
    model.set_callbacks(recorder).fit(X)
    epochs = ["begin epoch", "end epoch"] * 4
    expected = ["setup", "begin fit", *epochs, "end fit", "teardown"]
    assert recorder.calls == expected
    assert model.n_iter_ == 4


def test_a_callback_may_stop_the_training():
    model = SpectralNetEmbedding(2, max_iter=50, tol=0, **SMALL)
    model.set_callbacks(Recorder(max_epochs=3)).fit(X)
    assert model.n_iter_ == len(model.loss_curve_) == 3
    np.testing.assert_allclose(model.transform(X), model.embedding_, atol=1e-8)


def test_a_callback_changes_nothing():
    plain = SpectralNetEmbedding(2, max_iter=5, **SMALL).fit(X)
    watched = SpectralNetEmbedding(2, max_iter=5, **SMALL)
    watched.set_callbacks(Recorder()).fit(X)
    np.testing.assert_array_equal(plain.embedding_, watched.embedding_)


def test_a_callback_is_torn_down_if_fit_fails():
    recorder = Recorder()
    model = SpectralNetClustering(3, network=lambda n, k: "no module", **SMALL)
    model.set_callbacks(recorder)
    with pytest.raises(TypeError, match="network must return"):
        model.fit(X)
    assert recorder.calls[-1] == "teardown"


def test_a_graph_alone_is_a_fit_without_epochs():
    recorder = Recorder()
    model = SpectralNetClustering(3, affinity="precomputed", **SMALL)
    W = np.exp(-np.square(X[:, None] - X).sum(axis=-1) / 1e3)
    model.set_callbacks(recorder).fit(W)
    assert recorder.calls == ["setup", "begin fit", "end fit", "teardown"]


def test_a_saved_estimator_is_fitted_again_without_its_callbacks(tmp_path):
    model = SpectralNetEmbedding(2, max_iter=2, **SMALL).set_callbacks(Recorder())
    with pytest.warns(UserWarning, match=r"name only: _skl_callbacks \(.*set_callb"):
        model.fit(X).save(tmp_path / "model")
    loaded = SpectralNetEmbedding.load(tmp_path / "model").fit(X)
    np.testing.assert_array_equal(loaded.embedding_, model.embedding_)
