"""The Nystrom extension against the eigenvectors that it extends."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics.pairwise import rbf_kernel

from sknet_spectral._graph.eigenvectors.extension import NystromExtension
from sknet_spectral._graph.eigenvectors.laplacian import Laplacian

X = np.random.default_rng(0).uniform(size=(60, 2))
X[:30, 0] += 1.5


def eigenpairs(kind, W, n_pairs=3):
    found = Laplacian(W, kind).eigenpairs(
        n_pairs, random_state=np.random.RandomState(0)
    )
    return NystromExtension(found[1], found[0], kind), found[1]


def affinities(rows=X, gamma=3.0):
    W = rbf_kernel(rows, gamma=gamma)
    np.fill_diagonal(W, 0)
    return W


@pytest.mark.parametrize("kind", ["normalized", "unnormalized"])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_the_training_rows_keep_their_values(kind, container):
    W = affinities()
    extension, Y = eigenpairs(kind, W)
    np.testing.assert_allclose(extension(container(W)), Y, atol=1e-8)


def test_nodes_of_low_degree_keep_their_values():
    # One row lies apart: its degree is less than an eigenvalue.
    rows = np.concatenate([X, [[0.0, 2.0]]])
    W = affinities(rows)
    extension, Y = eigenpairs("unnormalized", W)
    shrinkage = 1 - extension.eigenvalues / W.sum(axis=1, keepdims=True)
    assert shrinkage.min() < -1
    well_posed = np.abs(shrinkage) >= 0.05
    np.testing.assert_allclose(extension(W)[well_posed], Y[well_posed], atol=1e-8)


def test_a_new_node_by_hand():
    extension, Y = eigenpairs("normalized", affinities())
    w = np.zeros((1, 60))
    w[0, [3, 8]] = 1.0, 3.0
    expected = (Y[3] + 3 * Y[8]) / 4 / (1 - extension.eigenvalues)
    np.testing.assert_allclose(extension(w), [expected])


@pytest.mark.parametrize("kind", ["normalized", "unnormalized"])
def test_a_node_without_edges_is_zero(kind):
    extension, _ = eigenpairs(kind, affinities())
    assert not extension(np.zeros((2, 60))).any()


def test_components_that_cannot_be_extended_are_refused():
    extension, _ = eigenpairs("normalized", affinities(gamma=0.1), 4)
    match = r"Component 3 has eigenvalue 1\.\d+: above 0\.95 .* Lower n_components"
    with pytest.raises(ValueError, match=match):
        extension(affinities(gamma=0.1)[:2])
