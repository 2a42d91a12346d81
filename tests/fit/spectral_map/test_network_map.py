"""From a graph to a map: how it is trained, and how well it follows."""

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.datasets import make_blobs, make_moons
from sklearn.exceptions import ConvergenceWarning
from torch import nn

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from sknet_spectral._fit.spectral_map import training
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral.metrics import subspace_distance
from tests.data import SMALL, few_rows, lies_apart, some_digits
from tests.marks import needs_gpu
from tests.parameter_values import normalizing

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


def test_the_order_of_the_rows_does_not_matter():
    order = np.random.default_rng(0).permutation(len(X))
    model = SpectralNetEmbedding(4, random_state=0).fit(X)
    other = SpectralNetEmbedding(4, random_state=0).fit(X[order])
    mass = Laplacian(other.affinity_matrix_).degrees
    assert subspace_distance(model.embedding_[order], other.embedding_, mass) < 0.01


@pytest.mark.filterwarnings("ignore:The spectral loss fell")
@pytest.mark.parametrize("laplacian", ["normalized", "unnormalized"])
def test_the_paper_s_training_finds_the_space_alone(laplacian):
    model = SpectralNetEmbedding(
        4, laplacian=laplacian, eigen_solver="stochastic", random_state=0
    )
    model.set_params(max_iter=150, hidden_layer_sizes=(64, 64), tol=0).fit(X)
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
    monkeypatch.setattr(training, "fit_spectral_loss", lambda *args, **options: curve)
    return curve


def test_training_that_is_not_done_is_warned_of(losses):
    losses += [1.0, 0.5]
    model = SpectralNetEmbedding(2, eigen_solver="stochastic", **SMALL)
    with pytest.warns(ConvergenceWarning, match="of 2 epochs: raise max_iter"):
        model.fit(X)


def test_training_that_ended_below_the_tolerance_is_done(losses):
    losses += [1.0, 0.05]
    SpectralNetEmbedding(2, eigen_solver="stochastic", tol=0.1, **SMALL).fit(X)


@few_rows
@lies_apart
@pytest.mark.parametrize("solver", [None, "stochastic"])
@pytest.mark.filterwarnings("ignore:The spectral loss fell")
def test_more_components_than_distinct_rows_can_have(solver):
    rows = np.repeat(X[:3], 4, axis=0)
    model = SpectralNetClustering(8, eigen_solver=solver, max_iter=5, **SMALL).fit(rows)
    assert np.isfinite(model.embedding_).all()
    assert len(set(model.labels_)) <= 3
    assert (model.eigenvalues_ <= 2).all()


def perceptron(n_features, n_outputs):
    return nn.Sequential(nn.Linear(n_features, 64), nn.GELU(), nn.Linear(64, n_outputs))


def test_a_warm_start_continues_the_last_fit():
    model = SpectralNetEmbedding(4, max_iter=5, warm_start=True, **SMALL).fit(X)
    errors, losses = [subspace_error(model)], [model.loss_curve_]
    for _ in range(2):
        errors.append(subspace_error(model.fit(X)))
        losses.append(model.loss_curve_)
    assert errors[0] > errors[1] > errors[2]
    assert losses[1][0] < losses[0][0]
    cold = SpectralNetEmbedding(4, max_iter=5, **SMALL).fit(X)
    assert cold.loss_curve_ == losses[0]


@pytest.mark.parametrize("network", [None, perceptron])
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(X[:200], id="digits"),
        pytest.param(make_moons(200, noise=0.05, random_state=0)[0], id="moons"),
        pytest.param(
            make_blobs(300, n_features=20, centers=8, random_state=0)[0],
            id="blobs",
            marks=pytest.mark.filterwarnings("ignore:Graph is not fully connected"),
        ),
    ],
)
def test_repeated_short_fits_lose_nothing(rows, network):
    model = SpectralNetEmbedding(
        4, max_iter=10, warm_start=True, tol=0.0, network=network, random_state=0
    )
    starts, ends, norms = [], [], []
    for _ in range(5):
        curve = model.fit(rows).loss_curve_
        starts.append(curve[0])
        ends.append(curve[-1])
        *_, layer = (m for m in model.network_.modules() if isinstance(m, nn.Linear))
        norms.append(float(layer.weight.norm()))
    assert max(starts[1:]) < 1.1 * starts[0]
    assert max(ends[1:]) < 1.1 * ends[0]
    assert max(norms) < 3 * norms[0]


def test_a_warm_start_keeps_the_input_scaling_and_reads_new_rows():
    model = SpectralNetEmbedding(3, max_iter=5, warm_start=True, **SMALL).fit(X)
    center = model.network_.center.clone()
    model.fit(X[:200] + 1.0)
    assert torch.equal(model.network_.center, center)
    assert model.embedding_.shape == (200, 3)
    assert model.affinity_matrix_.shape == (200, 200)


@pytest.mark.parametrize("solver", [None, "stochastic"])
@pytest.mark.filterwarnings("ignore:The spectral loss fell")
def test_a_warm_start_may_ask_for_other_components(solver):
    model = SpectralNetEmbedding(2, eigen_solver=solver, max_iter=20, **SMALL).fit(X)
    before = model.network_.map.state_dict()
    model.set_params(n_components=4, warm_start=True, max_iter=1)
    model.set_params(learning_rate_init=1e-9).fit(X)
    after = model.network_.map.state_dict()
    assert torch.allclose(after["0.weight"], before["0.weight"])
    assert after["4.weight"].shape != before["4.weight"].shape


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({}, {"hidden_layer_sizes": (16, 8)}),
        ({}, {"hidden_layer_sizes": (16, 16, 16)}),
        ({}, {"network": normalizing}),
        ({"network": normalizing}, {"network": None}),
    ],
)
def test_a_warm_start_of_another_network_is_refused(first, then):
    parameters = {**SMALL, "max_iter": 2, "warm_start": True}
    model = SpectralNetEmbedding(3, **{**parameters, **first}).fit(X)
    model.set_params(**then)
    with pytest.raises(ValueError, match="warm_start=True trains the network"):
        model.fit(X)
    assert not hasattr(model, "network_")


def test_a_warm_start_of_other_features_is_refused():
    model = SpectralNetEmbedding(3, max_iter=2, warm_start=True, **SMALL).fit(X)
    with pytest.raises(ValueError, match="warm_start=True trains the network"):
        model.fit(X[:, :40])


def test_a_warm_start_of_a_user_s_network_goes_on():
    parameters = {"network": normalizing, "max_iter": 5, "warm_start": True}
    model = SpectralNetEmbedding(3, random_state=0, **parameters).fit(X)
    first = model.loss_curve_
    assert model.fit(X).loss_curve_[-1] < first[-1]


def test_a_warm_start_on_sparse_rows_keeps_the_centre_of_dense_ones():
    model = SpectralNetEmbedding(3, max_iter=5, warm_start=True, **SMALL).fit(X)
    center = model.network_.center.clone()
    model.fit(sparse.csr_matrix(X))
    assert center.any()
    assert (model.network_.center == center).all()
    assert np.isfinite(model.embedding_).all()


def with_frozen_backbone(n_features, n_outputs):
    layers = [torch.nn.Linear(n_features, 16), torch.nn.Linear(16, 16)]
    backbone = torch.nn.Sequential(*layers).requires_grad_(False)
    return torch.nn.Sequential(
        backbone, torch.nn.GELU(), torch.nn.Linear(16, n_outputs)
    )


@pytest.mark.parametrize("solver", [None, "stochastic"])
def test_a_frozen_part_of_a_network_is_left_alone(solver):
    options = {"network": with_frozen_backbone, "eigen_solver": solver}
    one, many = (
        SpectralNetEmbedding(2, max_iter=n, random_state=0, **options).fit(X)
        for n in (1, 3)
    )
    first, other = (dict(model.network_.named_parameters()) for model in (one, many))
    changed = {name for name in first if not torch.equal(first[name], other[name])}
    assert changed
    assert all(name.startswith("map.1.2.") for name in changed)


@pytest.mark.parametrize("solver", [None, "stochastic"])
def test_a_rate_that_is_too_large_is_named(solver):
    model = SpectralNetClustering(
        3, eigen_solver=solver, learning_rate_init=1e10, **SMALL
    )
    with pytest.raises(ValueError, match="lower learning_rate_init=1"):
        model.fit(X)
    assert not hasattr(model, "labels_")


def test_a_graph_without_edges_cannot_be_sampled():
    model = SpectralNetClustering(3, eigen_solver="stochastic", **SMALL)
    with (
        pytest.warns(UserWarning, match="not fully connected"),
        pytest.raises(ValueError, match="eigen_solver='stochastic' draws edges"),
    ):
        model.fit(X[:3], affinity_matrix=np.zeros((3, 3)))


@needs_gpu
@pytest.mark.parametrize("solver", [None, "stochastic"])
def test_a_gpu_finds_what_the_cpu_finds(solver):
    on_gpu, on_cpu = (
        SpectralNetEmbedding(4, eigen_solver=solver, device=device, random_state=0).fit(
            X
        )
        for device in ("cuda", "cpu")
    )
    assert subspace_distance(on_gpu.embedding_, on_cpu.embedding_) < 0.05
