"""The matrix of the eigenproblem, against its entries."""

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from sknet_spectral._graph.eigenvectors.symmetric_form import SymmetricForm


def test_the_symmetric_form_is_multiplied_as_its_matrix():
    W = np.array([[0.0, 4.0, 0.0], [4.0, 0.0, 9.0], [0.0, 9.0, 0.0]])
    S = [[1.0, -2.0, 0.0], [-2.0, 13.0, 0.0], [0.0, 0.0, 3.0]]
    for graph in (W, sparse.csr_matrix(W)):
        form = SymmetricForm(graph, W.sum(axis=1), np.array([0.5, 1.0, 0.0]), bound=2.0)
        np.testing.assert_array_equal(form @ np.eye(3), S)
        matrix = form.matrix()
        entries = matrix.toarray() if sparse.issparse(matrix) else matrix
        np.testing.assert_array_equal(entries, S)


def test_blocks_of_rows_change_no_bit():
    rng = np.random.default_rng(0)
    directed = sparse.random(500, 500, 0.05, format="csr", random_state=rng)
    W = sparse.csr_matrix(directed + directed.T)
    arguments = W, np.asarray(W.sum(axis=1)).ravel(), rng.random(500), 2.0
    x = rng.normal(size=500)
    whole = SymmetricForm(*arguments) @ x
    # More blocks than rows: some are empty.
    for n_entries in (1000, 10):
        for n_threads in (1, 2, 4):
            with threadpool_limits(n_threads):
                form = SymmetricForm(*arguments, block_entries=n_entries)
                np.testing.assert_array_equal(form @ x, whole)
                several = form @ np.column_stack([x, -x])
                np.testing.assert_array_equal(several, np.column_stack([whole, -whole]))


def test_blocks_of_rows_copy_no_entries():
    W = sparse.random(100, 100, 0.1, format="csr", random_state=0)
    with threadpool_limits(2):
        form = SymmetricForm(W, np.ones(100), np.ones(100), 2.0, block_entries=100)
    assert len(form._blocks) > 5
    for _, block in form._blocks:
        assert np.shares_memory(block.data, W.data)
        assert np.shares_memory(block.indices, W.indices)
