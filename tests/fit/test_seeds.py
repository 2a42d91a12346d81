"""Each stage of a fit has a seed of its own."""

from dataclasses import astuple

import numpy as np
import pytest

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from sknet_spectral._fit.seeds import draw_seeds
from sknet_spectral._fit.spectral_map import graph
from sknet_spectral._graph.affinities.construction import build_affinity


def test_a_number_always_gives_the_same_seeds_and_all_differ():
    seeds = astuple(draw_seeds(3))
    assert seeds == astuple(draw_seeds(3))
    assert len(set(seeds)) == len(seeds)
    assert not set(seeds) & set(astuple(draw_seeds(4)))


def test_a_generator_moves_on_and_numpy_s_global_one_stays_where_it_is():
    generator, state = np.random.RandomState(3), np.random.get_state()[1].copy()
    first, second = draw_seeds(generator), draw_seeds(generator)
    assert first == draw_seeds(3)
    assert not set(astuple(first)) & set(astuple(second))
    assert np.array_equal(np.random.get_state()[1], state)


@pytest.mark.parametrize("estimator", [SpectralNetClustering, SpectralNetEmbedding])
def test_what_the_graph_draws_does_not_change_the_network(estimator, monkeypatch):
    X = np.random.RandomState(0).normal(size=(120, 3))
    model = estimator(3, n_neighbors=10, max_iter=2, random_state=0)
    expected = model.fit(X).embedding_

    def drawing_more(X, affinity, *, neighbor_options, **options):
        neighbor_options.random_state.normal(size=1000)
        return build_affinity(X, affinity, neighbor_options=neighbor_options, **options)

    monkeypatch.setattr(graph, "build_affinity", drawing_more)
    assert np.array_equal(model.fit(X).embedding_, expected)
