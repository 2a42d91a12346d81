"""Files of JSON and arrays: damage is found, and a name never holds half a file."""

import os
import pickle
import re

import numpy as np
import pytest
from numpy.lib import format as npy

from sknet_spectral import SpectralNetClustering
from sknet_spectral._persistence import archive
from tests.data import SMALL, some_digits

ARRAYS = [
    np.arange(6.0).reshape(2, 3),
    np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
    np.array(7),
    np.zeros((0, 3), dtype=np.int64),
    np.arange(12)[::-2],
]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Bytes of a small file, and a place for damaged copies of it."""
    X, _ = some_digits(40)
    path = tmp_path_factory.mktemp("saved") / "model"
    SpectralNetClustering(2, **{**SMALL, "hidden_layer_sizes": 4}).fit(X).save(path)
    return path.read_bytes(), path.with_name("damaged")


def damage(content, rng):
    """Cut a file short, lengthen it, or change one of its bytes."""
    position = int(rng.integers(len(content)))
    kind = rng.integers(10)
    if kind == 0:
        return content[:position]
    if kind == 1:
        return content + rng.bytes(position + 1)
    changed = bytearray(content)
    changed[position] ^= int(rng.integers(1, 256))
    return bytes(changed)


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.slow)])
def test_damage_is_found(saved, count):
    content, path = saved
    rng = np.random.default_rng(count)
    path.write_bytes(content)
    assert SpectralNetClustering.load(path).n_clusters == 2
    for _ in range(count):
        path.write_bytes(damage(content, rng))
        with pytest.raises(ValueError, match="is damaged, or not a file that sknet"):
            SpectralNetClustering.load(path)


def test_each_of_the_first_bytes_counts(saved):
    content, path = saved
    for position in range(64):
        for cut in (content[:position], content[position + 1 :]):
            path.write_bytes(cut)
            with pytest.raises(ValueError, match="is damaged"):
                archive.read_archive(path)


@pytest.mark.parametrize(
    "content", [b"", b"text", pickle.dumps(1), b"PK\x03\x04" + bytes(100)]
)
def test_other_files_are_refused(content, tmp_path):
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="other is damaged, or not a file that sknet"):
        archive.read_archive(path)
    with pytest.raises(FileNotFoundError):
        archive.read_archive(tmp_path / "absent")


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    folder = tmp_path / "nowhere"
    with pytest.raises(FileNotFoundError, match=f"no folder {re.escape(str(folder))}"):
        archive.write_archive(folder / "file", {}, [])


def test_what_is_written_is_read(tmp_path):
    manifest = {"text": "Grüße\ud800", "numbers": [1, 0.1, None, True, {"a": []}]}
    archive.write_archive(tmp_path / "file", manifest, ARRAYS)
    found, arrays = archive.read_archive(tmp_path / "file")
    assert found == manifest
    for array, expected in zip(arrays, ARRAYS, strict=True):
        assert array.dtype == expected.dtype
        np.testing.assert_array_equal(array, expected)
    assert arrays[1].strides == ARRAYS[1].strides


def test_equal_content_gives_equal_files(tmp_path):
    for name in ("first", "second"):
        archive.write_archive(tmp_path / name, {"a": 1}, ARRAYS)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_a_newer_format_is_refused(tmp_path, monkeypatch):
    with monkeypatch.context() as newer:
        newer.setattr(archive, "FORMAT_VERSION", 2)
        archive.write_archive(tmp_path / "file", {}, [])
    with pytest.raises(ValueError, match=r"version 2 .* newer one than 1: upgrade"):
        archive.read_archive(tmp_path / "file")


def test_objects_are_neither_written_nor_read(tmp_path, monkeypatch):
    path = tmp_path / "file"
    objects = [np.array([test_damage_is_found], dtype=object)]
    with pytest.raises(ValueError, match="allow_pickle=False"):
        archive.write_archive(path, {}, objects)
    write = npy.write_array
    monkeypatch.setattr(
        npy, "write_array", lambda file, array, allow_pickle: write(file, array)
    )
    archive.write_archive(path, {}, objects)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        archive.read_archive(path)


def full_disk(*arguments):
    raise OSError("No space left on device")


@pytest.mark.parametrize(
    "broken", [(npy, "write_array"), (os, "fsync"), (os, "replace")], ids=str
)
def test_a_failing_write_leaves_the_old_file(broken, tmp_path, monkeypatch):
    path = tmp_path / "file"
    archive.write_archive(path, {"old": True}, ARRAYS)
    monkeypatch.setattr(*broken, full_disk)
    with pytest.raises((OSError, TypeError)):
        archive.write_archive(path, {"old": False}, ARRAYS)
    assert os.listdir(tmp_path) == ["file"]
    assert archive.read_archive(path)[0] == {"old": True}


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    writing = archive.replacing(path)
    writing.__enter__().write(b"new")
    interrupt = KeyboardInterrupt()
    assert not writing.__exit__(KeyboardInterrupt, interrupt, None)
    assert os.listdir(tmp_path) == ["file"]
    assert path.read_bytes() == b"old"


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "folder").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "folder" / "file")
    with archive.replacing(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert (tmp_path / "folder" / "file").read_bytes() == b"new"
