"""Supervision: pairs of labels, contradictions, and what they do to a graph."""

import numpy as np
import pytest
from scipy import sparse

from sknet_spectral._graph.affinities.constraints import (
    build_constraints,
    constrain_affinity,
    constrain_pairs,
)


def path(n_nodes):
    return sparse.csr_matrix(
        np.diag([0.5] * (n_nodes - 1), 1) * 1.0
    ) + sparse.csr_matrix(np.diag([0.5] * (n_nodes - 1), -1))


def test_no_constraints_are_made_from_nothing():
    assert build_constraints(5, None, None, None) is None


def test_linked_rows_get_the_strongest_affinity_and_separated_rows_none():
    constraints = build_constraints(4, None, [[0, 3]], [[2, 1]])
    W = constrain_affinity(path(4), constraints).toarray()
    expected = np.zeros((4, 4))
    expected[0, 1] = expected[2, 3] = expected[0, 3] = 0.5
    np.testing.assert_array_equal(W, expected + expected.T)


def test_labels_link_their_rows_and_separate_others():
    constraints = build_constraints(6, [7, -1, 7, 3, -1, 3], None, None)
    W = constrain_affinity(path(6), constraints).toarray()
    assert W[0, 2] == W[3, 5] == 0.5
    assert W[2, 3] == 0
    assert W[0, 1] == W[1, 2] == W[3, 4] == 0.5


def test_zero_is_a_label_like_others():
    constraints = build_constraints(3, [0, 1, -1], None, None)
    forbidden = constraints.forbids(np.array([0, 1, 0, 2]), np.array([1, 0, 2, 1]))
    np.testing.assert_array_equal(forbidden, [True, True, False, False])


def test_a_dense_affinity_may_be_constrained():
    constraints = build_constraints(3, None, None, [[0, 1]])
    W = constrain_affinity(np.ones((3, 3)), constraints).toarray()
    assert W[0, 1] == W[1, 0] == 0
    assert W[0, 2] == 1


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_linked_rows_take_no_affinity_from_the_diagonal(container):
    W = path(4).toarray() + 100 * np.eye(4)
    constraints = build_constraints(4, None, [[0, 3]], None)
    assert constrain_affinity(container(W), constraints)[0, 3] == 0.5


@pytest.mark.parametrize("pairs", [[], np.empty((0, 2)), None])
def test_no_pairs_constrain_nothing(pairs):
    constraints = build_constraints(4, [0, -1, -1, 1], pairs, pairs)
    assert len(constraints.must) == len(constraints.cannot) == 0


def test_pairs_that_only_separate_add_none():
    constraints = build_constraints(4, None, None, [[0, 1]])
    pairs = constrain_pairs(np.array([[0, 1], [1, 2], [3, 0]]), constraints)
    np.testing.assert_array_equal(pairs, [[1, 2], [3, 0]])


def test_many_rows_of_one_label_are_joined_by_few_links():
    constraints = build_constraints(1000, np.zeros(1000, dtype=int), None, None)
    assert len(constraints.must) == 10 * 1000


def test_pairs_lose_what_cannot_be_and_gain_what_must():
    constraints = build_constraints(6, None, [[0, 5]], [[1, 2]])
    pairs = np.array([[0, 1], [1, 2], [2, 1], [3, 4], [4, 3]])
    constrained = constrain_pairs(pairs, constraints).tolist()
    assert constrained == [[0, 1], [3, 4], [4, 3], [0, 5]]


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ((None, [[0, 1], [1, 2]], [[2, 0]]), r"cannot_link has the pair \(2, 0\)"),
        (([0, -1, 1], [[0, 1], [1, 2]], None), r"rows \(0, 2\) have different"),
        (([0, 0, 1], None, [[0, 1]]), r"cannot_link has the pair \(0, 1\)"),
        ((None, [[0, 3]], None), r"must_link has the pair \(0, 3\)"),
        ((None, None, [[-1, 0]]), r"cannot_link has the pair \(-1, 0\)"),
        ((None, [0, 1], None), "must_link must be integers of shape"),
        ((None, [[0.5, 1.0]], None), "must_link must be integers"),
        ((None, [[0, 1], [2]], None), "must_link must .* pairs that differ in length"),
        (([0, 1], None, None), r"partial_labels must have shape \(3,\)"),
    ],
)
def test_contradictions_and_bad_pairs_are_named(given, match):
    with pytest.raises(ValueError, match=match):
        build_constraints(3, *given)


def test_constraints_that_leave_no_pair_are_named():
    constraints = build_constraints(3, [0, 1, 2], None, None)
    with pytest.raises(
        ValueError, match="partial_labels and cannot_link leave no pair"
    ):
        constrain_pairs(np.array([[0, 1], [1, 2]]), constraints)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (["cat", "-1", "dog"], "dtype <U3"),
        (["1", "-1", "0"], "dtype <U2"),
        (np.array(["1", "-1", "0"], dtype=object), "dtype <U2"),
        ([0.0, np.nan, 1.0], "NaN"),
        (np.array([0, None, 1], dtype=object), "dtype object"),
        (np.array(["cat", -1, None], dtype=object), "dtype object"),
    ],
)
def test_labels_that_are_not_numbers_are_named(labels, found):
    with pytest.raises(ValueError, match=rf"must be numbers, .* got {found}\. pandas"):
        build_constraints(3, labels, None, None)


@pytest.mark.parametrize("labels", [[0, -1, -2], [0.0, -1.0, -0.5], [0, -99, -2]])
def test_minus_one_alone_marks_unknown_labels(labels):
    row = 1 if labels[1] == -99 else 2
    match = rf"or -1 if a label is unknown, got {labels[row]} for row {row}\."
    with pytest.raises(ValueError, match=match):
        build_constraints(3, labels, None, None)


def test_a_column_of_integers_and_objects_are_labels():
    labels = np.array([4, -1, 2], dtype=object)
    np.testing.assert_array_equal(
        build_constraints(3, labels, None, None).groups, [1, -1, 0]
    )
