"""Principal components in which neighbours are searched, against all columns."""

import numpy as np
import pytest
from sklearn import config_context

from sknet_spectral._graph.search import leading_components as module
from sknet_spectral._graph.search.leading_components import (
    MAX_FEATURES,
    leading_components,
)

N_NEIGHBORS = 10


def components_of(X):
    return leading_components(X, N_NEIGHBORS, np.random.RandomState(0))


def rows_near_a_plane(noise):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1500, 5)) @ rng.normal(size=(5, 200))
    return X + noise * rng.normal(size=X.shape)


def nearest(X, n_nearest):
    squares = np.square(X).sum(axis=1)
    distances = squares - 2 * X @ X.T + squares[:, None]
    np.fill_diagonal(distances, np.inf)
    return np.argsort(distances, axis=1)[:, :n_nearest]


@pytest.mark.parametrize("noise", [0.01, 2.0])
def test_the_candidates_hold_nearly_all_neighbours(noise):
    X = rows_near_a_plane(noise)
    Z, n_candidates = components_of(X)
    assert Z.shape == (1500, MAX_FEATURES)
    right, candidates = nearest(X, N_NEIGHBORS), nearest(Z, n_candidates)
    is_held = (right[:, :, None] == candidates[:, None]).any(axis=2)
    assert is_held.mean() > 0.98


def test_more_noise_takes_more_candidates():
    few, more = (components_of(rows_near_a_plane(n)).n_candidates for n in (0.01, 2.0))
    assert few <= N_NEIGHBORS + 1 < more


def test_the_sample_may_be_compared_in_blocks(monkeypatch):
    X = rows_near_a_plane(2.0)
    whole = components_of(X).n_candidates
    monkeypatch.setattr(module, "_BLOCK_ENTRIES", 10 * len(X))
    assert components_of(X).n_candidates == whole


def test_noise_has_no_leading_components():
    X = np.random.default_rng(0).normal(size=(1500, 400))
    assert components_of(X) is None


def test_components_are_the_same_whatever_scikit_learn_puts_out():
    X = rows_near_a_plane(0.1)
    with config_context(transform_output="pandas"):
        found = components_of(X)
    np.testing.assert_array_equal(found.Z, components_of(X).Z)
