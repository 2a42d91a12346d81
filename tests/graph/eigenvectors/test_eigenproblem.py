"""The operators whose largest eigenvalues are the lowest of the problem."""

import numpy as np
import pytest
from numpy.polynomial import Chebyshev

from sknet_spectral._graph.eigenvectors.eigenproblem import Eigenproblem, chebyshev
from sknet_spectral._graph.eigenvectors.symmetric_form import SymmetricForm

from .graphs_of_all_kinds import grid, moons, path, planted_partition, ring


def problem_of(W):
    degrees = np.asarray(W.sum(axis=1)).ravel()
    null = np.full((len(degrees), 1), len(degrees) ** -0.5)
    S = SymmetricForm(W, degrees, np.ones(len(degrees)), 2 * degrees.max())
    return Eigenproblem(S, null)


@pytest.mark.parametrize("kind", [path, ring, grid])
def test_narrow_graphs_are_factored(kind):
    problem = problem_of(kind(900, np.random.default_rng(0)))
    x = np.random.default_rng(0).normal(size=problem.S.shape[0])
    x -= x.mean()
    np.testing.assert_allclose(problem.S @ problem.inverse(x), x, atol=1e-6)
    product, scale = problem.amplify(np.ones(1), 1)
    np.testing.assert_array_equal(product(x), problem.inverse(x))
    assert scale == 1.0


@pytest.mark.parametrize("kind", [moons, planted_partition])
def test_graphs_of_large_factors_are_filtered(kind):
    problem = problem_of(kind(900, np.random.default_rng(0)))
    assert problem.inverse is None
    assert problem.amplify(np.zeros(2), 1)[1] >= 1


def test_the_last_wanted_eigenvalue_is_not_a_ripple_of_the_filter():
    spectrum = np.linspace(0, 2, 201)
    S = SymmetricForm(np.zeros((201, 201)), spectrum, np.ones(201), 2.0)
    problem = Eigenproblem(S, np.zeros((201, 0)))
    for last in (0, 20, 150):
        values = np.full(3, spectrum[last])
        amplified = problem.amplify(values, 3)[0](np.ones(201))
        assert amplified[last] > 1.1 * np.abs(amplified[last + 3 :]).max()


@pytest.mark.parametrize("lowest", [0.0, 0.01, 0.099, 0.1])
def test_the_filter_is_a_chebyshev_polynomial(lowest):
    spectrum = np.linspace(0, 2, 50)
    degree, filtered = chebyshev(np.diag(spectrum), lowest, 0.1, 2.0)
    expected = Chebyshev.basis(degree, domain=[2.0, 0.1])(spectrum)
    np.testing.assert_allclose(filtered(np.ones(50)), expected, atol=1e-12)


def test_the_degree_falls_with_the_distance_of_the_lowest_eigenvalue():
    degrees = [chebyshev(np.eye(2), 0.0, cut, 2.0)[0] for cut in (0.0, 0.05, 0.2, 2.0)]
    assert degrees == [10, 8, 4, 1]
