"""A file of JSON and arrays: checksummed, versioned, replaced as a whole.

It begins with eight bytes that name the format, the SHA-256 digest of all that
follows, and the version of the format; the rest is a .npz file with the JSON in it.
"""

import hashlib
import json
import os
import secrets
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ._version import __version__

FORMAT_VERSION = 1
_MAGIC = b"\x8bsknet\r\n"
_DIGEST_SIZE, _VERSION_SIZE = 32, 4
_MANIFEST = "manifest.json"


@contextmanager
def replacing(path):
    """Open a new file that takes its name when it is complete, and not before.

    Parameters
    ----------
    path : str or os.PathLike
        Its name; a file that has it is kept until then.

    Yields
    ------
    file object
        The new file, binary, to write and to read.
    """
    path = Path(path).resolve()
    temporary = path.with_name(f".{secrets.token_hex(16)}.tmp")
    try:
        with open(temporary, "x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_archive(path, manifest, arrays):
    """Write a file.

    Parameters
    ----------
    path : str or os.PathLike
        Its name.
    manifest : dict
        What JSON can hold.
    arrays : list of ndarray
        Arrays of anything but objects.
    """
    with replacing(path) as file:
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


def read_archive(path):
    """Read a file.

    Parameters
    ----------
    path : str or os.PathLike
        Its name.

    Returns
    -------
    manifest : dict
        What `write_archive` was given.
    arrays : list of ndarray
        The arrays.

    Raises
    ------
    ValueError
        If the file is damaged, not one of this format, or of a newer version.
    """
    with open(path, "rb") as file:
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
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(_MANIFEST))
            arrays = [
                _read_array(archive, f"{number}.npy")
                for number in range(len(archive.namelist()) - 1)
            ]
    return manifest, arrays


def _digest(file):
    """Digest of all that follows the place of the digest."""
    file.seek(len(_MAGIC) + _DIGEST_SIZE)
    return hashlib.file_digest(file, "sha256").digest()


def _read_array(archive, name):
    with archive.open(name) as entry:
        return np.lib.format.read_array(entry, allow_pickle=False)
