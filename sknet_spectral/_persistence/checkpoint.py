"""Checkpoints: files of what a fit has finished, which the same fit can read again."""

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from .._engine.distributed import from_first_rank, is_alike, is_first_rank, n_ranks
from .._fit.checkpoints import Checkpoint
from .._rows.rows import Matrix
from .._warnings import warn
from .archive import read_archive, write_archive
from .fingerprint import contents, fingerprint
from .replacing import open_regular, replacing_entry

Arrays = Sequence[np.ndarray]
Check = Callable[[list[np.ndarray]], None]
_SECONDS_BETWEEN = 10.0
# Parameters that do not affect the result, and parameters that may differ by rank.
_NEUTRAL = "checkpoint_dir", "n_jobs", "verbose"
_OF_EACH_RANK = *_NEUTRAL, "device"


class NullCheckpoint:
    """The checkpoint of a fit without `checkpoint_dir`: nothing is kept."""

    def read(self, stage: str, check: Check) -> None:
        """Return None."""

    def write(self, stage: str, arrays: Arrays) -> None:
        """Do nothing."""

    def is_due(self) -> bool:
        """Return False."""
        return False

    def of_space(self, Z: Matrix) -> Checkpoint:
        """Return itself."""
        return self


class FileCheckpoint:
    """The files of one fit, one for each stage. Each is replaced as a whole.

    A damaged or wrong file is ignored. If a file cannot be written, the fit goes on
    without it. Both cause a warning.

    Parameters
    ----------
    folder : str or os.PathLike
        The folder of the files.
    name : str
        Prefix of the file names. It differs between fits.
    """

    def __init__(self, folder: str | os.PathLike, name: str) -> None:
        self.folder, self.name = Path(folder), name
        self.written = time.monotonic()

    def read(self, stage: str, check: Check) -> list | None:
        """Return the arrays that the same fit wrote for a stage, or None."""
        path = self._path(stage)
        try:
            arrays = read_archive(path, open_regular)[1]
            _check_contents(path, arrays, check)
            return arrays
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            warn(
                f"A checkpoint is not used, and its stage is done again: {error}",
            )
            return None

    def write(self, stage: str, arrays: Arrays) -> None:
        """Write the arrays of a stage."""
        path = self._path(stage)
        try:
            write_archive(path, {}, arrays, replacing_entry)
        except (OSError, ValueError) as error:
            warn(
                f"The checkpoint {path} could not be written, and the fit goes on "
                f"without: {error}",
            )
        self.written = time.monotonic()

    def is_due(self) -> bool:
        """Tell whether ten seconds have passed since something was written."""
        return time.monotonic() - self.written >= _SECONDS_BETWEEN

    def of_space(self, Z: Matrix) -> Checkpoint:
        """Return a checkpoint whose file names also depend on the learned space."""
        space = joblib.hash(contents(Z), hash_name="sha1")
        return FileCheckpoint(self.folder, f"{self.name}-{space}")

    def _path(self, stage: str) -> Path:
        return self.folder / f"{self.name}.{stage}"


class FirstRankCheckpoint:
    """The checkpoint of a fit by several ranks. The first rank has the files.

    Parameters
    ----------
    kept : Checkpoint
        The checkpoint of the first rank. The other ranks have a null checkpoint.
    """

    def __init__(self, kept: Checkpoint) -> None:
        self.kept = kept

    def read(self, stage: str, check: Check) -> list | None:
        """Read the arrays of a stage on the first rank, and send them to all."""
        return from_first_rank(lambda: self.kept.read(stage, check))

    def write(self, stage: str, arrays: Arrays) -> None:
        """Write the arrays of a stage on the first rank."""
        self.kept.write(stage, arrays)

    def is_due(self) -> bool:
        """Tell whether the first rank should write again."""
        return self.kept.is_due()

    def of_space(self, Z: Matrix) -> Checkpoint:
        """Return a checkpoint whose file names also depend on the learned space."""
        return FirstRankCheckpoint(self.kept.of_space(Z))


def _check_contents(path: Path, arrays: list[np.ndarray], check: Check) -> None:
    try:
        check(arrays)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{path} holds what its stage cannot have left: {error}"
        ) from error


def open_checkpoint(estimator: Any, *data: Any) -> Checkpoint:
    """Open the checkpoint of a fit. All ranks of a process group must fit the same.

    Parameters
    ----------
    estimator : estimator
        The estimator. If its `checkpoint_dir` is None, nothing is kept.
    *data : object
        What it is fitted to. Sparse matrices are in CSR form.

    Returns
    -------
    Checkpoint
        The checkpoint.

    Raises
    ------
    ValueError
        If `random_state` is not an integer, or a parameter cannot be pickled; if
        `checkpoint_dir` is not a folder and cannot be created; if ranks differ in their
        data or parameters.
    """
    folder = estimator.checkpoint_dir
    if n_ranks() > 1:
        return _open_on_ranks(folder, estimator, data)
    if folder is None:
        return NullCheckpoint()
    name = fingerprint(estimator, data, _NEUTRAL, "checkpoint_dir")
    _make_folder(folder)
    return FileCheckpoint(folder, name)


def _open_on_ranks(folder: Any, estimator: Any, data: tuple) -> Checkpoint:
    """Check that all ranks fit the same, and open the checkpoint of the first."""
    name = fingerprint(estimator, data, _OF_EACH_RANK, "A process group")
    if not is_alike((name, folder is None)):
        raise ValueError(
            f"The {n_ranks()} ranks of the process group do not fit the same: every "
            "rank must call fit with equal rows, parameters and versions of packages."
        )
    if folder is None:
        return NullCheckpoint()
    from_first_rank(partial(_make_folder, folder))
    if not is_first_rank():
        return FirstRankCheckpoint(NullCheckpoint())
    return FirstRankCheckpoint(FileCheckpoint(folder, f"{name}-{n_ranks()}"))


def _make_folder(folder: str | os.PathLike) -> None:
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(
            f"checkpoint_dir={str(folder)!r} is not a folder, and cannot be created: "
            f"{error}. Choose another path, or remove what is there."
        ) from error
