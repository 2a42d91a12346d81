"""The scores against values worked out by hand."""

import numpy as np
import pytest
from scipy import sparse

from sknet_spectral.metrics import (
    clustering_accuracy,
    min_network_weights,
    modularity,
    normalized_cut,
    subspace_distance,
)

# 0 - 1 - 2 - 3 with a weak middle edge; its cut is 0.5 / 2.5 on each side.
PATH = np.diag([1, 0.5, 1], 1) + np.diag([1, 0.5, 1], -1)


def test_clustering_accuracy_matches_labels_one_to_one():
    assert clustering_accuracy([0, 0, 1, 1, 2], [5, 5, 3, 5, 4]) == 0.8
    assert clustering_accuracy([0, 0, 0, 0], [0, 1, 2, 3]) == 0.25


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        ([0.0, np.nan], "labels_pred contains NaN"),
        ([], "0 sample"),
        (["a", None], "labels_pred must be all numbers or all strings, without gaps"),
    ],
)
def test_clustering_accuracy_refuses_missing_labels(labels, match):
    with pytest.raises(ValueError, match=match):
        clustering_accuracy([0, 1][: len(labels)], labels)


def test_clustering_accuracy_takes_any_labels():
    assert clustering_accuracy(["a", "a", "b"], ["x", "x", "y"]) == 1.0


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_normalized_cut_of_a_path(container):
    W = container(PATH + 9 * np.eye(4))
    assert normalized_cut(W, [0, 0, 1, 1]) == pytest.approx(0.4)


def test_normalized_cut_takes_integers_and_isolated_nodes():
    W = np.zeros((3, 3), dtype=int)
    W[0, 1] = W[1, 0] = 1
    assert normalized_cut(W, [0, 0, 1]) == 0
    assert normalized_cut(W, [0, 1, 1]) == 2


@pytest.mark.parametrize("score", [modularity, normalized_cut])
@pytest.mark.parametrize(
    ("labels", "match"),
    [
        ([0.0, 0.0, np.nan, 1.0], "labels contains NaN"),
        (["a", "a", None, "b"], "labels must be .* without gaps, got NoneType, str"),
        (np.eye(4)[:, :2], "1d array"),
    ],
)
def test_scores_of_a_partition_refuse_missing_labels(score, labels, match):
    with pytest.raises(ValueError, match=match):
        score(PATH, labels)


@pytest.mark.parametrize("score", [modularity, normalized_cut])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_scores_of_a_partition_refuse_negative_affinities(score, container):
    with pytest.raises(ValueError, match="affinity_matrix has negative entries"):
        score(container(-PATH), [0, 0, 1, 1])
    rounded = PATH - 1e-17 * (PATH == 0)
    found = score(container(rounded), [0, 0, 1, 1])
    assert found == pytest.approx(score(PATH, [0, 0, 1, 1]))


@pytest.mark.parametrize("score", [modularity, normalized_cut])
def test_scores_of_a_partition_compute_lazy_labels(score):
    labels = pytest.importorskip("dask.array").from_array([0, 0, 1, 1])
    assert score(PATH, labels) == score(PATH, [0, 0, 1, 1])


@pytest.mark.parametrize("score", [modularity, normalized_cut])
def test_a_matrix_that_is_not_square_is_named(score):
    with pytest.raises(ValueError, match=r"square, got shape \(4, 3\)"):
        score(PATH[:, :3], [0, 0, 1, 1])


@pytest.mark.parametrize("score", [modularity, normalized_cut])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_a_graph_with_directions_is_averaged_with_its_transpose(score, container):
    # The path from node 0 to node 3, and a chord back that the labels cut.
    W = np.triu(PATH)
    W[3, 1] = 2.0
    with pytest.warns(UserWarning, match="affinity_matrix is not symmetric: averaged"):
        found = score(container(W), [0, 0, 1, 1])
    assert found == score(0.5 * (W + W.T), [0, 0, 1, 1])


@pytest.mark.parametrize("score", [modularity, normalized_cut])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("unit", [2.0**1020, 2.0**-1060])
def test_only_ratios_of_affinities_are_scored(score, container, unit):
    labels = [0, 0, 1, 1]
    found = score(container(unit * PATH), labels)
    assert found == pytest.approx(score(PATH, labels), rel=1e-12)


def test_modularity_of_a_path():
    assert modularity(PATH, [0, 0, 0, 0]) == pytest.approx(0)
    assert modularity(PATH, [0, 1, 2, 3]) < 0
    two = modularity(PATH, [0, 0, 1, 1])
    # 4 / 5 of the weight is inside clusters, and by chance it would be two quarters.
    assert two == pytest.approx(0.3)
    assert modularity(sparse.csr_matrix(PATH), ["b", "b", "a", "a"]) == two
    assert modularity(PATH + 7 * np.eye(4), [0, 0, 1, 1]) == two


def test_modularity_agrees_with_its_definition():
    rng = np.random.default_rng(0)
    W = rng.random((30, 30))
    W += W.T
    np.fill_diagonal(W, 0)
    labels = rng.integers(4, size=30)
    degrees = W.sum(axis=0)
    chance = np.outer(degrees, degrees) / W.sum()
    expected = ((W - chance) * (labels[:, None] == labels)).sum() / W.sum()
    assert modularity(W, labels) == pytest.approx(expected)


def test_modularity_of_rows_without_edges_is_zero():
    assert modularity(np.zeros((3, 3)), [0, 1, 1]) == 0


def test_subspace_distance_of_planes():
    A = np.eye(3)[:, :2]
    assert subspace_distance(A, A @ [[1, 2], [3, 4]]) == 0
    assert subspace_distance(A, np.eye(3)[:, 1:]) == pytest.approx(0.5)
    assert subspace_distance([[1], [0]], [[1], [1]], [3, 1]) == pytest.approx(0.25)


@pytest.mark.parametrize(
    "score", [clustering_accuracy, modularity, normalized_cut, subspace_distance]
)
def test_lengths_must_agree(score):
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        score(np.eye(3), np.ones((2, 1)) if score is subspace_distance else [0, 1])


def test_least_network_weights_by_hand():
    # 2 weights in 3 layers reach 6, and 3 reach 14.3: ten needs three.
    assert min_network_weights(100) == 3
    assert min_network_weights(60) == 2
    sizes = [min_network_weights(n) for n in (1, 10, 1000, 10**5, 10**9)]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize(
    "arguments", [{"n_samples": 0}, {"n_samples": 9, "n_layers": 0}]
)
def test_least_network_weights_names_what_is_too_small(arguments):
    with pytest.raises(ValueError, match=list(arguments)[-1]):
        min_network_weights(**arguments)


def test_spans_must_have_one_dimension():
    with pytest.raises(ValueError, match=r"same number of columns, got 2 and 1"):
        subspace_distance(np.eye(3)[:, :2], np.eye(3)[:, :1])


@pytest.mark.parametrize(
    ("weight", "match"), [(-1.0, "[Nn]egative"), (np.nan, "NaN"), (np.inf, "infinity")]
)
def test_a_weight_that_has_no_root_is_refused(weight, match):
    with pytest.raises(ValueError, match=match):
        subspace_distance(np.eye(4)[:, :2], np.eye(4)[:, 1:3], [1.0, 1.0, 1.0, weight])


def test_a_basis_that_is_not_finite_is_named():
    with pytest.raises(ValueError, match="Input B contains NaN"):
        subspace_distance(np.eye(3), np.full((3, 3), np.nan))
