"""Chunks of rows."""

from sknet_spectral._chunks import chunks


def test_chunks_cover_the_rows_and_bound_the_entries():
    for shape in ((10_000, 3), (10_000, 2**20), (5, 2**30), (0, 3)):
        slices = chunks(shape)
        lengths = [len(range(*s.indices(shape[0]))) for s in slices]
        assert sum(lengths) == shape[0]
        assert all(1 <= n <= 4096 and n * shape[1] <= 2**30 for n in lengths)
    assert len(chunks((10_000, 2**20))) == 625
