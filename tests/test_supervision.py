"""Some labels: the graph and the learned space follow them."""

import numpy as np
import pytest
from scipy import sparse
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import rbf_kernel

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


def accuracy_of_the_rest(seed, **supervision):
    X, y, labels = noisy_cs(seed)
    rest = labels < 0
    model = SpectralNetClustering(2, random_state=0).fit(X, **supervision)
    return clustering_accuracy(y[rest], model.labels_[rest])


def test_few_labels_tell_touching_shapes_apart():
    labels = noisy_cs(seed=2)[2]
    assert accuracy_of_the_rest(2) < 0.9
    assert accuracy_of_the_rest(2, **as_pairs(labels)) > 0.99
    assert accuracy_of_the_rest(2, partial_labels=labels) > 0.99


# Unlabelled, the accuracies are 0.90, 0.91, 1.00, 0.99 and 0.97: where noise happens to
# join the shapes, and how much, depends on the draw.
@pytest.mark.parametrize("seed", [0, 1, 3, 4, 5])
def test_few_labels_suffice_however_the_noise_falls(seed):
    labels = noisy_cs(seed)[2]
    supervised = accuracy_of_the_rest(seed, **as_pairs(labels))
    assert supervised > max(0.99, accuracy_of_the_rest(seed) - 0.001)


def test_labels_draw_rows_together_in_the_learned_space():
    X, y = some_digits(300)
    y, rest = y % 5, np.arange(300) >= 100
    siamese = SiameseTransformer(3, max_iter=40, batch_size=100, **SMALL)
    is_same = y[~rest][:, None] == y[~rest]

    def spread(Z):
        """Mean distance of rows with one label, beside that of rows with two."""
        distances = cdist(Z[~rest], Z[~rest])
        return distances[is_same].mean() / distances[~is_same].mean()

    alone = spread(siamese.fit_transform(X))
    Z = siamese.fit(X, partial_labels=np.where(rest, -1, y)).transform(X)
    assert spread(Z) < 0.8 * alone


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


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"max_samples": 40},
        {"affinity_transformer": PCA(2)},
        {"affinity": "rbf", "gamma": 1e-3},
    ],
    ids=["all rows", "a sample", "a learned space", "a kernel"],
)
def test_equal_rows_cannot_be_kept_apart(options, container):
    X, _ = some_digits(50)
    X = container(np.concatenate([X, X[7:8]]))
    model = SpectralNetClustering(2, **options, **SMALL)
    with pytest.raises(ValueError, match=r"the pair \(7, 50\), .* rows of X are equal"):
        model.fit(X, cannot_link=[[0, 1], [7, 50], [2, 3]])


def test_equal_rows_of_a_graph_can_be_kept_apart():
    X, _ = some_digits(50)
    W = rbf_kernel(np.concatenate([X, X[7:8]]), gamma=1e-3)
    model = SpectralNetClustering(2, affinity="precomputed", **SMALL)
    model.fit(W, cannot_link=[[7, 50]])
    assert model.affinity_matrix_[7, 50] == 0


def test_constraints_that_cut_the_graph_are_warned_of():
    X, y = some_digits(60)
    with pytest.warns(UserWarning, match="constraints cut the graph into"):
        SpectralNetClustering(2, **SMALL).fit(X, partial_labels=y)
