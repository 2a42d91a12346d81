"""From a graph to a map: how it is trained, and how well it follows."""

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding, _map_learning
from sknet_spectral._graph.laplacian import Laplacian
from sknet_spectral.metrics import subspace_distance
from tests.data import SMALL, lies_apart, some_digits

X, _ = some_digits()


def subspace_error(model):
    graph = Laplacian(model.affinity_matrix_, model.laplacian)
    n_pairs = model.embedding_.shape[1] + 1
    Y = graph.eigenpairs(n_pairs, random_state=np.random.RandomState(0))[1]
    return subspace_distance(model.embedding_, Y[:, 1:], graph.mass)


@pytest.mark.parametrize("laplacian", ["normalized", "unnormalized"])
def test_the_network_follows_the_eigenvectors(laplacian):
    model = SpectralNetEmbedding(4, laplacian=laplacian, random_state=0).fit(X)
    assert subspace_error(model) < 0.01
    np.testing.assert_allclose(model.transform(X), model.embedding_, atol=1e-8)


@pytest.mark.filterwarnings("ignore:The spectral loss fell")
@pytest.mark.parametrize("laplacian", ["normalized", "unnormalized"])
def test_the_paper_s_training_finds_the_space_alone(laplacian):
    model = SpectralNetEmbedding(
        4, laplacian=laplacian, eigen_solver="stochastic", random_state=0
    )
    model.set_params(max_iter=300, hidden_layer_sizes=(128, 128), tol=0).fit(X)
    assert subspace_error(model) < 0.1
    assert model.loss_curve_[-1] < model.loss_curve_[0]


def test_epochs_are_counted():
    model = SpectralNetEmbedding(2, max_iter=7, tol=0, **SMALL).fit(X)
    assert model.n_iter_ == len(model.loss_curve_) == 7
    model.set_params(tol=10.0).fit(X)
    assert model.n_iter_ == 1


@pytest.fixture
def losses(monkeypatch):
    """The losses that the paper's training reports, to be filled in."""
    curve = []
    monkeypatch.setattr(
        _map_learning, "fit_spectral_loss", lambda *args, **options: curve
    )
    return curve


def test_training_that_is_not_done_is_warned_of(losses):
    losses += [1.0, 0.5]
    model = SpectralNetEmbedding(2, eigen_solver="stochastic", **SMALL)
    with pytest.warns(ConvergenceWarning, match="of 2 epochs: raise max_iter"):
        model.fit(X)


def test_training_that_ended_below_the_tolerance_is_done(losses):
    losses += [1.0, 0.05]
    SpectralNetEmbedding(2, eigen_solver="stochastic", tol=0.1, **SMALL).fit(X)


@lies_apart
@pytest.mark.parametrize("solver", [None, "stochastic"])
@pytest.mark.filterwarnings("ignore:The spectral loss fell")
def test_more_components_than_distinct_rows_can_have(solver):
    rows = np.repeat(X[:3], 4, axis=0)
    model = SpectralNetClustering(8, eigen_solver=solver, max_iter=5, **SMALL).fit(rows)
    assert np.isfinite(model.embedding_).all()
    assert len(set(model.labels_)) <= 3
    assert (model.eigenvalues_ <= 2).all()
