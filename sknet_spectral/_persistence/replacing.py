"""Files that get their names only when they are complete."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

# Linux needs this folder to give a name to a file that has none.
_OPEN_FILES = "/proc/self/fd"


def replacing(path: str | os.PathLike) -> AbstractContextManager[BinaryIO]:
    """Open a new file under a name that the user gave. Links are followed.

    Parameters
    ----------
    path : str or os.PathLike
        The name. An existing file is kept until the new one is complete. If the name is
        a symbolic link, its target is replaced.

    Returns
    -------
    context manager
        As for `replacing_entry`.
    """
    return replacing_entry(Path(path).resolve())


@contextmanager
def replacing_entry(path: str | os.PathLike) -> Iterator[BinaryIO]:
    """Open a new file for an entry of a folder. Links are not followed.

    Parameters
    ----------
    path : str or os.PathLike
        The name. An existing file is kept until the new one is complete. The new file
        then gets its permissions.

    Yields
    ------
    file object
        The new file, in binary mode, to write and to read.

    Raises
    ------
    ValueError
        If the entry exists and is not a regular file.
    FileNotFoundError
        If there is no such folder.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"{path} cannot be written: there is no folder {path.parent}. Create it."
        )
    permissions = _permissions(path)
    temporary = path.with_name(f".{secrets.token_hex(16)}.tmp")
    try:
        with _new_file(temporary) as file:
            if permissions is not None and hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), permissions)
            yield file
            file.flush()
            os.fsync(file.fileno())
            _give_name(file.fileno(), temporary)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def open_regular(path: str | os.PathLike, flags: int) -> int:
    """Open a regular file, for the parameter `opener` of `open`.

    Links, pipes and devices are refused.

    Parameters
    ----------
    path : str or os.PathLike
        Its name.
    flags : int
        As for `os.open`.

    Returns
    -------
    int
        The descriptor.

    Raises
    ------
    ValueError
        If it is not a regular file.
    """
    # `open` would wait for a pipe. A link may have appeared since the check.
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    _permissions(path)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _irregular(path)
    return descriptor


def _permissions(path: str | os.PathLike) -> int | None:
    """Return the permissions of a regular file, or None if there is no file."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise _irregular(path)
    return stat.S_IMODE(mode) & 0o777


def _irregular(path: str | os.PathLike) -> ValueError:
    return ValueError(
        f"{path} is no regular file, but a folder, a link, a pipe or a device: remove "
        "it, or choose another name."
    )


def _new_file(temporary: Path) -> BinaryIO:
    """Open a file without a name, which disappears if the process is killed.

    If the system does not support such files, the file has the temporary name.
    """
    if hasattr(os, "O_TMPFILE") and os.path.isdir(_OPEN_FILES):
        try:
            flags = os.O_TMPFILE | os.O_RDWR
            return os.fdopen(os.open(temporary.parent, flags, 0o666), "w+b")
        except OSError:  # not supported by the file system, or no such folder
            pass
    return open(temporary, "x+b")


def _give_name(descriptor: int, temporary: Path) -> None:
    if os.fstat(descriptor).st_nlink == 0:
        # os.link follows the link that stands for the file only if a folder is given.
        os.link(
            f"{_OPEN_FILES}/{descriptor}",
            temporary,
            src_dir_fd=descriptor,
            follow_symlinks=True,
        )
