"""The whole spectrum of a fit: what was computed, not just what became components."""

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from sklearn.datasets import make_blobs
from sklearn.feature_extraction.image import img_to_graph

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from sknet_spectral._graph.clusters.eigengap import eigengap
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral.inspection import EigenvalueDisplay
from tests.data import BRIEF, SMALL, some_digits

matplotlib.use("Agg")
CENTERS = [[0, 0], [4, 0], [2, 3.5], [6, 3.5]]
X, _ = make_blobs(400, centers=CENTERS, cluster_std=0.8, random_state=0)
# Two full groups of four rows, weakly joined.
GROUPS = np.kron(np.eye(2), np.ones((4, 4))) + 0.1


def exact(model):
    matrix = model.affinity_matrix_
    W = np.asarray(matrix.todense()) if hasattr(matrix, "todense") else matrix.copy()
    np.fill_diagonal(W, 0.0)
    root = np.sqrt(W.sum(axis=1))
    return np.linalg.eigvalsh(np.eye(len(W)) - W / root[:, None] / root)


@pytest.fixture(scope="module")
def counted():
    return SpectralNetClustering("auto", n_neighbors=30, **BRIEF).fit(X)


def test_the_chosen_number_stands_in_the_gap(counted):
    assert counted.n_clusters_ == 4
    assert counted.eigenvalues_.shape == (4,)
    assert counted.spectrum_.shape == (22,)
    assert eigengap(counted.spectrum_) == 4
    display = EigenvalueDisplay.from_estimator(counted)
    np.testing.assert_array_equal(display.line_.get_ydata(), counted.spectrum_)
    assert display.gap_.get_x() == 4
    pyplot.close("all")


@pytest.mark.parametrize("parameters", [{}, {"n_components": 6}])
def test_it_is_the_graph_s_own(parameters):
    rows, _ = some_digits()
    model = SpectralNetClustering(4, **BRIEF, **parameters).fit(rows)
    n_computed = len(model.eigenvalues_)
    values = exact(model)[:n_computed]
    np.testing.assert_allclose(model.spectrum_, values, atol=1e-6)
    # The Ritz values of the network lie above.
    assert (model.eigenvalues_ > model.spectrum_ - 1e-9).all()


def test_an_embedding_also_has_the_eigenvalue_of_the_constant():
    rows, _ = some_digits()
    model = SpectralNetEmbedding(3, **BRIEF).fit(rows)
    np.testing.assert_allclose(model.spectrum_, exact(model)[:4], atol=1e-6)
    assert model.eigenvalues_.shape == (3,)


@pytest.mark.parametrize("estimator", [SpectralNetClustering, SpectralNetEmbedding])
def test_a_given_graph_has_one(estimator):
    model = estimator(2, affinity="precomputed", random_state=0).fit(GROUPS)
    n_computed = 2 if estimator is SpectralNetClustering else 3
    # Each row has three edges of 1.1 inside its half and one of 0.4 to the other.
    expected = [0, 0.8 / 3.7, 4.8 / 3.7][:n_computed]
    np.testing.assert_allclose(model.spectrum_, expected, atol=1e-9)


def test_stochastic_training_has_the_ritz_values_of_all_outputs():
    rows, _ = some_digits()
    parameters = {"eigen_solver": "stochastic", "max_iter": 10, **SMALL}
    with pytest.warns(UserWarning, match="The spectral loss fell"):
        model = SpectralNetEmbedding(2, **parameters).fit(rows)
    assert model.spectrum_[0] == 0
    assert len(model.spectrum_) >= 3
    np.testing.assert_array_equal(model.spectrum_[1:3], model.eigenvalues_)
    assert (np.diff(model.spectrum_) >= 0).all()


def test_it_is_saved(counted, tmp_path):
    counted.save(tmp_path / "model")
    loaded = SpectralNetClustering.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.spectrum_, counted.spectrum_)


def test_what_an_earlier_version_saved_draws_the_eigenvalues_of_its_components(counted):
    model = SpectralNetClustering()
    model.__dict__ = {k: v for k, v in vars(counted).items() if k != "spectrum_"}
    display = EigenvalueDisplay.from_estimator(model)
    np.testing.assert_array_equal(display.line_.get_ydata(), counted.eigenvalues_)
    pyplot.close("all")


def test_a_mesh_is_solved_once_for_twice_as_many_pairs(monkeypatch):
    asked = []

    def recorded(self, n_pairs, **options):
        asked.append(n_pairs)
        return eigenpairs(self, n_pairs, **options)

    eigenpairs = Laplacian.eigenpairs
    monkeypatch.setattr(Laplacian, "eigenpairs", recorded)
    image = np.zeros((40, 40))
    image[5, 5:7] = image[20, 20:22] = 4.0  # pairs of pixels that hang on weakly
    W = img_to_graph(image)
    W.data = np.exp(-3.0 * W.data) + 1e-6
    model = SpectralNetClustering(3, affinity="precomputed", random_state=0).fit(W)
    assert asked == [6]
    assert np.bincount(model.labels_).min() > 100
    # An embedding takes the eigenvectors of all groups, and the constant one beside.
    SpectralNetEmbedding(3, affinity="precomputed", random_state=0).fit(W)
    assert asked == [6, 4]
