"""Graphs of a sample of the rows, and rows that stay on disk."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from sknet_spectral._fit.sample.drawing import draw_copies, draw_sample
from sknet_spectral._fit.sample.knowledge import Knowledge
from sknet_spectral._fit.sample.sampling import n_rows_to_draw
from sknet_spectral._rows.memory import MemoryRows
from sknet_spectral._rows.stored import is_stored
from tests.data import BRIEF, lies_apart

CENTERS = [[0, 0, 0], [6, 0, 0], [0, 6, 0]]
X, Y = make_blobs(600, centers=CENTERS, random_state=0)
pytestmark = lies_apart


class Slices:
    """Rows that can be sliced and nothing else, and that count what they gave."""

    def __init__(self, rows):
        self.rows, self.shape, self.largest = rows, rows.shape, 0

    def __getitem__(self, rows):
        assert isinstance(rows, slice)
        found = self.rows[rows]
        self.largest = max(self.largest, len(found))
        return found


def clusterer(**parameters):
    return SpectralNetClustering(3, **{**BRIEF, **parameters})


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_a_sample_s_graph_labels_all_rows(container):
    rows = container(X)
    model = clusterer(max_samples=200).fit(rows)
    assert model.affinity_matrix_.shape == (200, 200)
    assert len(model.sample_indices_) == 200
    assert model.labels_.shape == (600,)
    assert adjusted_rand_score(Y, model.labels_) == 1.0
    np.testing.assert_array_equal(model.labels_, model.predict(rows))
    np.testing.assert_array_equal(model.embedding_, model.transform(rows))
    assert adjusted_rand_score(Y, model.relabel(3)) == 1.0


def test_a_sample_may_be_a_share_of_the_rows():
    share, number = (clusterer(max_samples=n).fit(X) for n in (1 / 3, 200))
    np.testing.assert_array_equal(share.sample_indices_, number.sample_indices_)
    np.testing.assert_array_equal(share.embedding_, number.embedding_)
    assert share.max_samples == 1 / 3


@pytest.mark.parametrize(
    ("n_samples", "share", "n_drawn"),
    [(100, 0.29, 29), (1000, 1e-9, 2), (2, 0.1, None), (5, 0.99, None)],
)
def test_shares_are_rounded_and_draw_at_least_two_rows(n_samples, share, n_drawn):
    rows = MemoryRows(np.zeros((n_samples, 1)))
    assert n_rows_to_draw(rows, share) == n_drawn


def test_the_embedding_too_takes_a_sample():
    model = SpectralNetEmbedding(2, max_samples=200, **BRIEF).fit(X)
    assert model.embedding_.shape == (600, 2)
    np.testing.assert_array_equal(model.embedding_, model.transform(X))


@pytest.mark.parametrize("max_samples", [600, 10_000])
def test_as_many_samples_as_rows_change_nothing(max_samples):
    every, drawn = clusterer().fit(X), clusterer(max_samples=max_samples).fit(X)
    np.testing.assert_array_equal(every.embedding_, drawn.embedding_)
    assert not hasattr(drawn, "sample_indices_")


def test_a_fit_of_all_rows_forgets_the_sample_of_an_earlier_one():
    model = clusterer(max_samples=200).fit(X)
    assert not hasattr(model.set_params(max_samples=None).fit(X), "sample_indices_")


def test_clusters_cannot_outnumber_the_sample():
    with pytest.raises(ValueError, match="n_clusters=3 must not exceed max_samples=2"):
        clusterer(max_samples=2).fit(X)
    message = r"n_clusters=3 must not exceed the 2 rows of max_samples=0.004\."
    with pytest.raises(ValueError, match=message):
        clusterer(max_samples=0.004).fit(X)
    message = r"n_components=2 must be less than the 2 rows of max_samples=0.004\."
    with pytest.raises(ValueError, match=message):
        SpectralNetEmbedding(2, max_samples=0.004).fit(X)


@pytest.mark.parametrize(
    ("parameters", "options"),
    [({}, {"affinity_matrix": np.eye(600)}), ({"affinity": "precomputed"}, {})],
)
@pytest.mark.parametrize("max_samples", [200, 0.5])
def test_a_given_graph_has_no_sample(parameters, options, max_samples):
    rows = X if options else np.ones((600, 600))
    with pytest.raises(ValueError, match=f"max_samples={max_samples} draws rows"):
        clusterer(max_samples=max_samples, **parameters).fit(rows, **options)


def test_a_sample_is_sorted_without_repeats_and_depends_on_the_seed_alone():
    first, second, other = (
        draw_sample(1000, 100, Knowledge(), np.random.RandomState(seed))
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)
    assert (np.diff(first) > 0).all()
    assert first.min() >= 0
    assert first.max() < 1000


def test_rows_in_pairs_are_drawn_and_keep_their_pairs():
    pairs = Knowledge(must_link=[[5, 900]], cannot_link=[[77, 5]])
    sample = draw_sample(1000, 10, pairs, np.random.RandomState(0))
    assert len(sample) == 10
    drawn = pairs.restrict_to_sample(sample)
    np.testing.assert_array_equal(sample[drawn.must_link], [[5, 900]])
    np.testing.assert_array_equal(sample[drawn.cannot_link], [[77, 5]])
    with pytest.raises(ValueError, match="must_link and cannot_link name 3 rows"):
        draw_sample(1000, 2, pairs, np.random.RandomState(0))


@pytest.mark.parametrize(("n_labelled", "n_drawn"), [(30, 30), (500, 50)])
def test_rows_with_labels_are_drawn_up_to_half_of_the_sample(n_labelled, n_drawn):
    known = np.full(10_000, -1)
    known[-n_labelled:] = 0
    supervision = Knowledge(partial_labels=known)
    sample = draw_sample(10_000, 100, supervision, np.random.RandomState(0))
    assert len(np.unique(sample)) == 100
    # Of 500 in 10,000 the other half of the draw holds a few more.
    assert n_drawn <= (known[sample] == 0).sum() <= n_drawn + 10


def test_partial_labels_follow_their_rows():
    known = np.where(np.arange(600) % 10 == 0, Y, -1)
    model = clusterer(max_samples=200).fit(X, partial_labels=known)
    assert adjusted_rand_score(Y, model.labels_) == 1.0
    drawn = Knowledge(known).restrict_to_sample(np.array([0, 3, 590]))
    np.testing.assert_array_equal(drawn.partial_labels, [Y[0], -1, Y[590]])


@pytest.fixture(params=["float32", "float64", "int16"])
def memmap(request, tmp_path):
    rows = (100 * X).astype(request.param)
    stored = np.memmap(tmp_path / "rows", rows.dtype, "w+", shape=rows.shape)
    stored[:] = rows
    stored.flush()
    return np.memmap(tmp_path / "rows", rows.dtype, "r", shape=rows.shape)


@pytest.mark.parametrize("max_samples", [None, 200])
def test_a_memmap_gives_what_the_array_gives(memmap, max_samples):
    stored = clusterer(max_samples=max_samples).fit(memmap)
    held = clusterer(max_samples=max_samples).fit(np.array(memmap))
    assert stored.embedding_.dtype == held.embedding_.dtype
    np.testing.assert_array_equal(stored.embedding_, held.embedding_)
    np.testing.assert_array_equal(stored.predict(memmap), held.labels_)


def test_nan_on_disk_is_named(tmp_path):
    stored = np.memmap(tmp_path / "rows", float, "w+", shape=X.shape)
    stored[:] = X
    stored[3, 1] = np.nan
    with pytest.raises(ValueError, match="Input X contains NaN"):
        clusterer().fit(stored)


def test_rows_that_can_only_be_sliced_are_read_in_chunks(monkeypatch):
    monkeypatch.setattr("sknet_spectral._chunks._CHUNK_ROWS", 64)
    slices = Slices(X)
    model = clusterer(max_samples=200).fit(slices)
    expected = clusterer(max_samples=200).fit(X)
    np.testing.assert_array_equal(model.embedding_, expected.embedding_)
    np.testing.assert_array_equal(model.predict(slices), expected.labels_)
    np.testing.assert_array_equal(model.transform(slices), expected.embedding_)
    assert slices.largest == 64


def test_stored_rows_are_checked_as_they_are_read():
    broken = X.copy()
    broken[500, 1] = np.nan
    model = clusterer(max_samples=200).fit(Slices(X))
    with pytest.raises(ValueError, match="contains NaN"):
        model.predict(Slices(broken))
    with pytest.raises(ValueError, match="X has 2 features, but SpectralNet"):
        model.predict(Slices(X[:, :2]))
    with pytest.raises(ValueError, match="minimum of 2 is required"):
        clusterer(max_samples=200).fit(Slices(X[:1]))


@pytest.mark.parametrize(
    "rows", [X, X.tolist(), sparse.csr_matrix(X), sparse.eye(4), "text"]
)
def test_what_lies_in_memory_is_not_stored(rows):
    assert not is_stored(rows)


@pytest.mark.parametrize("seed", range(20))
def test_copies_are_drawn_as_from_a_list_of_them(seed):
    random = np.random.default_rng(seed)
    counts = random.integers(0, 5, 60)
    rows = np.repeat(np.arange(60), counts)
    pairs = random.choice(np.flatnonzero(counts), (3, 2), replace=False)
    known = Knowledge(np.where(np.arange(60) < 20, 1, -1), pairs, None)
    for knowledge in (Knowledge(), known):
        copies = knowledge.restrict_to_sample(rows)
        listed = draw_sample(len(rows), 30, copies, np.random.RandomState(seed))
        found = draw_copies(counts, 30, knowledge, np.random.RandomState(seed))
        np.testing.assert_array_equal(found, rows[listed])
