"""Files of JSON and arrays, with a checksum and a version.

A file begins with eight bytes that identify the format. The SHA-256 digest of the rest
and the version of the format follow. The rest is a .npz file that also has the JSON.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, BinaryIO

import numpy as np

from .._version import __version__
from .replacing import replacing

FORMAT_VERSION = 1
_MAGIC = b"\x8bsknet\r\n"
_DIGEST_SIZE, _VERSION_SIZE = 32, 4
_MANIFEST = "manifest.json"


def write_archive(
    path: str | os.PathLike,
    manifest: dict[str, Any],
    arrays: Sequence[np.ndarray],
    opened: Callable[..., AbstractContextManager] = replacing,
) -> None:
    """Write a file.

    Parameters
    ----------
    path : str or os.PathLike
        Name of the file.
    manifest : dict
        Values that JSON supports.
    arrays : list of ndarray
        Arrays of any dtype but object.
    opened : {replacing, replacing_entry}, default=replacing
        Opens the file.
    """
    with opened(path) as file:
        file.write(_MAGIC + bytes(_DIGEST_SIZE))
        file.write(FORMAT_VERSION.to_bytes(_VERSION_SIZE, "little"))
        _write_contents(file, manifest, arrays)
        digest = _digest(file)
        file.seek(len(_MAGIC))
        file.write(digest)


def read_archive(
    path: str | os.PathLike, opener: Callable[[str, int], int] | None = None
) -> tuple[Any, list[np.ndarray]]:
    """Read a file.

    Parameters
    ----------
    path : str or os.PathLike
        Name of the file.
    opener : callable, default=None
        As for `open`.

    Returns
    -------
    manifest : dict
        The manifest that `write_archive` was given.
    arrays : list of ndarray
        The arrays.

    Raises
    ------
    ValueError
        If the file is damaged, has another format, or a newer version of it; if its
        checksum is right but its contents are not.
    """
    with open(path, "rb", opener=opener) as file:
        magic, digest = file.read(len(_MAGIC)), file.read(_DIGEST_SIZE)
        if magic != _MAGIC or digest != _digest(file):
            raise ValueError(
                f"{path} is damaged, or not a file that sknet-spectral saved."
            )
        file.seek(len(_MAGIC) + _DIGEST_SIZE)
        version = int.from_bytes(file.read(_VERSION_SIZE), "little")
        if version > FORMAT_VERSION:
            raise ValueError(
                f"{path} has version {version} of the format, but sknet-spectral "
                f"{__version__} reads no newer one than {FORMAT_VERSION}: upgrade "
                "sknet-spectral."
            )
        try:
            return _read_contents(file)
        except Exception as error:  # anything that the zip, JSON and npy readers raise
            raise ValueError(
                f"{path} has a right checksum, but other contents than sknet-spectral "
                f"writes: {error}"
            ) from error


def _digest(file: Any) -> bytes:
    """Return the digest of everything behind the digest's own place."""
    file.seek(len(_MAGIC) + _DIGEST_SIZE)
    return hashlib.file_digest(file, "sha256").digest()


def _write_contents(
    file: BinaryIO, manifest: dict[str, Any], arrays: Sequence[np.ndarray]
) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(_MANIFEST), json.dumps(manifest))
        for number, array in enumerate(arrays):
            name = zipfile.ZipInfo(f"{number}.npy")
            with archive.open(name, "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)


def _read_contents(file: BinaryIO) -> tuple[Any, list[np.ndarray]]:
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read(_MANIFEST))
        arrays = [
            _read_array(archive, f"{number}.npy")
            for number in range(len(archive.namelist()) - 1)
        ]
    return manifest, arrays


def _read_array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    with archive.open(name) as entry:
        return np.lib.format.read_array(entry, allow_pickle=False)
