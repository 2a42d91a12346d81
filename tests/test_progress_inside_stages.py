"""Bars that move while neighbours and eigenvectors are found, and silence."""

import re

import numpy as np
import pytest
from scipy import sparse

from sknet_spectral import SiameseTransformer, SpectralNetEmbedding
from sknet_spectral._fit import progress
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral._graph.metrics import pairwise_measures
from sknet_spectral._graph.search import search_costs
from sknet_spectral._graph.search.neighbors import nearest_neighbors
from tests.data import SMALL

X = np.random.default_rng(0).normal(size=(1500, 8))
FEW = {**SMALL, "max_iter": 1}


@pytest.fixture
def positions(monkeypatch):
    """Steps that each bar has shown, by the name of its stage."""
    shown = {}

    class Recorded(progress._Bar):
        def update(self, n=1):
            super().update(n)
            shown.setdefault(self.desc, []).append(self.n)

    monkeypatch.setattr(progress, "_Bar", Recorded)
    return shown


@pytest.fixture
def searched_in_a_partition(monkeypatch):
    monkeypatch.setattr(search_costs, "_EXACTNESS_SECONDS", 0.0)


def assert_rises_to(steps, last, min_steps):
    assert len(set(steps)) >= min_steps
    assert steps == sorted(steps)
    assert steps[-1] == last


def test_the_bar_moves_while_a_partition_is_searched(
    positions, searched_in_a_partition
):
    SpectralNetEmbedding(2, verbose=1, **FEW).fit(X)
    assert_rises_to(positions["neighbors"], len(X), min_steps=5)


@pytest.mark.parametrize("affinity", ["nearest_neighbors", "parameter_free"])
def test_the_bar_moves_while_all_rows_are_compared(affinity, positions):
    wide = np.random.default_rng(0).normal(size=(1500, 30))
    SpectralNetEmbedding(2, affinity=affinity, verbose=1, **FEW).fit(wide)
    assert_rises_to(positions["neighbors"], len(wide), min_steps=5)


def test_the_bar_moves_while_rows_are_measured_block_by_block(positions, monkeypatch):
    monkeypatch.setattr(pairwise_measures, "_BLOCK_ENTRIES", 200 * 300)
    some = np.abs(X[:300])
    model = SpectralNetEmbedding(2, metric="jensen_shannon", verbose=1, **FEW)
    model.fit(some)
    assert_rises_to(positions["neighbors"], 300, min_steps=2)


def test_the_bar_of_pairs_moves_too(positions, searched_in_a_partition):
    SiameseTransformer(2, verbose=1, **FEW).fit(X)
    assert_rises_to(positions["neighbors"], len(X), min_steps=5)


@pytest.mark.parametrize("solver", ["arpack", "lobpcg", "amg"])
def test_the_bar_moves_while_eigenvectors_are_found(solver, positions):
    if solver == "amg":
        pytest.importorskip("pyamg")
    model = SpectralNetEmbedding(2, eigen_solver=solver, verbose=1, **FEW).fit(X)
    steps = positions["eigenvectors"]
    assert_rises_to(steps, steps[-1], min_steps=10)
    silent = SpectralNetEmbedding(2, eigen_solver=solver, **FEW).fit(X)
    np.testing.assert_array_equal(silent.embedding_, model.embedding_)


def test_a_dense_solution_is_one_step(positions):
    SpectralNetEmbedding(2, verbose=1, **FEW).fit(X[:200])
    assert positions["eigenvectors"] == [1]


def test_a_kernel_fills_the_bar_at_once(positions, capsys):
    SpectralNetEmbedding(2, affinity="rbf", verbose=1, **FEW).fit(X[:200])
    assert positions["neighbors"] == [200]
    assert re.search(r"neighbors: 100%.* 200/200 ", capsys.readouterr().err)


def test_bars_say_what_their_steps_are(capsys):
    SpectralNetEmbedding(2, verbose=1, **FEW).fit(X)
    shown = capsys.readouterr().err
    for stage, unit in (
        ("neighbors", "rows"),
        ("eigenvectors", "steps"),
        ("training", "epochs"),
    ):
        assert re.search(rf"{stage}: 100%.* [\d.]+ {unit}/s", shown), stage


def test_a_silent_fit_makes_no_bar(monkeypatch, searched_in_a_partition):
    monkeypatch.setattr(progress, "_Bar", None)
    SpectralNetEmbedding(2, verbose=0, **FEW).fit(X)


def test_a_search_reports_each_row_once(searched_in_a_partition):
    reported = []
    options = {"metric": "euclidean", "random_state": np.random.RandomState(0)}
    nearest_neighbors(X, 10, report=reported.append, **options)
    assert sum(reported) == len(X)


@pytest.mark.parametrize("is_grid", [False, True])
def test_an_eigensolver_reports_products_with_sparse_factors_too(is_grid):
    reported = []
    n_nodes = 1200
    W = np.zeros((n_nodes, n_nodes))
    nodes = np.arange(n_nodes)
    for step in (1, 2) if is_grid else (1, 7, 40, 211, 503, 590):
        W[nodes, (nodes + step) % n_nodes] = 1.0
    graph = Laplacian(sparse.csr_matrix(np.maximum(W, W.T)))
    graph.eigenpairs(4, report=reported.append)
    assert len(reported) > 10
    assert set(reported) == {1}
