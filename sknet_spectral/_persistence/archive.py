"""A file of JSON and arrays: checksummed, versioned, replaced as a whole.

It begins with eight bytes that name the format, the SHA-256 digest of all that
follows, and the version of the format; the rest is a .npz file with the JSON in it.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

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
        Its name.
    manifest : dict
        What JSON can hold.
    arrays : list of ndarray
        Arrays of anything but objects.
    opened : {replacing, replacing_entry}, default=replacing
        Opens the file.
    """
    with opened(path) as file:
        file.write(_MAGIC + bytes(_DIGEST_SIZE))
        file.write(FORMAT_VERSION.to_bytes(_VERSION_SIZE, "little"))
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(zipfile.ZipInfo(_MANIFEST), json.dumps(manifest))
            for number, array in enumerate(arrays):
                name = zipfile.ZipInfo(f"{number}.npy")
                with archive.open(name, "w", force_zip64=True) as entry:
                    np.lib.format.write_array(entry, array, allow_pickle=False)
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
        Its name.
    opener : callable, default=None
        As for `open`.

    Returns
    -------
    manifest : dict
        What `write_archive` was given.
    arrays : list of ndarray
        The arrays.

    Raises
    ------
    ValueError
        If the file is damaged, not one of this format, or of a newer version; if its
        checksum is right, but not its contents.
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
            return _contents(file)
        except Exception as error:  # whatever the readers of zip, JSON and npy raise
            raise ValueError(
                f"{path} has a right checksum, but other contents than sknet-spectral "
                f"writes: {error}"
            ) from error


def _digest(file):
    """Digest of all that follows the place of the digest."""
    file.seek(len(_MAGIC) + _DIGEST_SIZE)
    return hashlib.file_digest(file, "sha256").digest()


def _contents(file):
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read(_MANIFEST))
        arrays = [
            _read_array(archive, f"{number}.npy")
            for number in range(len(archive.namelist()) - 1)
        ]
    return manifest, arrays


def _read_array(archive, name):
    with archive.open(name) as entry:
        return np.lib.format.read_array(entry, allow_pickle=False)
