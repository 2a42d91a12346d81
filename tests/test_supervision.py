"""Some labels: the graph and the learned space follow them."""

import numpy as np
import pytest

from sknet_spectral import SiameseTransformer, SpectralNetClustering
from sknet_spectral.metrics import clustering_accuracy
from tests.data import SMALL, far_blobs, lies_apart, nested_cs, some_digits


def noisy_cs(seed):
    """Nested C's that touch, and labels of 2 % of the rows, -1 elsewhere."""
    X, y = nested_cs(2000, noise=0.1, random_state=seed)
    known = np.random.default_rng(seed).choice(2000, 40, replace=False)
    labels = np.full(2000, -1)
    labels[known] = y[known]
    return X, y, labels


def as_pairs(labels):
    known = np.flatnonzero(labels >= 0)
    first, second = np.triu_indices(len(known), k=1)
    equal = labels[known[first]] == labels[known[second]]
    pairs = np.column_stack([known[first], known[second]])
    return {"must_link": pairs[equal], "cannot_link": pairs[~equal]}


def test_few_labels_tell_touching_shapes_apart():
    X, y, labels = noisy_cs(seed=2)
    rest = labels < 0
    model = SpectralNetClustering(2, random_state=0)
    alone = clustering_accuracy(y[rest], model.fit(X).labels_[rest])
    supervised = model.fit(X, **as_pairs(labels)).labels_[rest]
    assert alone < 0.9
    assert clustering_accuracy(y[rest], supervised) > 0.99
    by_labels = model.fit(X, partial_labels=labels).labels_[rest]
    assert clustering_accuracy(y[rest], by_labels) > 0.99


def test_supervision_changes_the_learned_space():
    X, y = some_digits(200)
    options = {"n_components": 2, "max_iter": 2, **SMALL}
    alone = SiameseTransformer(**options).fit_transform(X)
    labels = np.where(np.arange(200) < 50, y, -1)
    supervised = SiameseTransformer(**options).fit(X, partial_labels=labels)
    assert not np.array_equal(alone, supervised.transform(X))


@lies_apart
def test_linked_pieces_of_the_parameter_free_graph_count_as_one():
    X, y = far_blobs(3)
    first, second = (np.flatnonzero(y == k) for k in (0, 1))
    model = SpectralNetClustering("auto", affinity="parameter_free", **SMALL)
    assert model.fit(X).n_clusters_ == 3
    model.fit(X, must_link=np.column_stack([first, second]))
    assert model.n_clusters_ == 2


def test_contradictions_reach_the_user():
    X, _ = some_digits(50)
    with pytest.raises(ValueError, match="contradict"):
        SpectralNetClustering(2).fit(X, must_link=[[0, 1]], cannot_link=[[1, 0]])


def test_constraints_that_cut_the_graph_are_warned_of():
    X, y = some_digits(60)
    with pytest.warns(UserWarning, match="constraints cut the graph into"):
        SpectralNetClustering(2, **SMALL).fit(X, partial_labels=y)
