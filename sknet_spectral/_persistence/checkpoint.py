"""What a fit has finished, in files that the same fit reads again."""

import inspect
import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from numbers import Integral
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from scipy import sparse
from sklearn.base import clone

from .._engine.distributed import from_first_rank, is_alike, is_first_rank, n_ranks
from .._fit.checkpoints import Checkpoint
from .._rows.rows import Matrix
from .._version import __version__
from .._warnings import warn
from .archive import read_archive, write_archive
from .replacing import open_regular, replacing_entry

Arrays = Sequence[np.ndarray]
Check = Callable[[list[np.ndarray]], None]
_SECONDS_BETWEEN = 10.0
_PACKAGES = "torch", "numpy", "scipy", "scikit-learn", "pynndescent"
# Parameters that change no bit of the result; and those in which ranks may differ.
_NEUTRAL = "checkpoint_dir", "n_jobs", "verbose"
_OF_EACH_RANK = *_NEUTRAL, "device"


class NullCheckpoint:
    """The checkpoint of a fit that keeps nothing."""

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
    """The files of one fit: a name for each stage, replaced as a whole.

    A file that is damaged or wrong is not used, and one that cannot be written is
    done without, with a warning.

    Parameters
    ----------
    folder : str or os.PathLike
        Where they lie.
    name : str
        What the names of the files begin with, another for every other fit.
    """

    def __init__(self, folder: str | os.PathLike, name: str) -> None:
        self.folder, self.name = Path(folder), name
        self.written = time.monotonic()

    def read(self, stage: str, check: Check) -> list | None:
        """Return what the same fit has left of a stage, or None."""
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
        """Keep what a stage has found."""
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
        """Give the files a name that depends on the learned space, too."""
        space = joblib.hash(_contents(Z), hash_name="sha1")
        return FileCheckpoint(self.folder, f"{self.name}-{space}")

    def _path(self, stage):
        return self.folder / f"{self.name}.{stage}"


class FirstRankCheckpoint:
    """The files of a fit by several ranks: the first has them, and reads for all.

    Parameters
    ----------
    kept : Checkpoint
        Its checkpoint; on the other ranks one that keeps nothing.
    """

    def __init__(self, kept: Checkpoint) -> None:
        self.kept = kept

    def read(self, stage: str, check: Check) -> list | None:
        """Return what the same fit has left of a stage on the first rank, or None."""
        return from_first_rank(lambda: self.kept.read(stage, check))

    def write(self, stage: str, arrays: Arrays) -> None:
        """Keep what a stage has found, on the first rank."""
        self.kept.write(stage, arrays)

    def is_due(self) -> bool:
        """Tell whether the first rank should write again."""
        return self.kept.is_due()

    def of_space(self, Z: Matrix) -> Checkpoint:
        """Give the first rank's files a name that depends on the space, too."""
        return FirstRankCheckpoint(self.kept.of_space(Z))


def _check_contents(path, arrays, check):
    try:
        check(arrays)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{path} holds what its stage cannot have left: {error}"
        ) from error


def open_checkpoint(estimator: Any, *data: Any) -> Checkpoint:
    """Open the checkpoint of a fit, if all ranks of a process group fit the same.

    Parameters
    ----------
    estimator : estimator
        What is fitted; its `checkpoint_dir` says where, and None that nothing is kept.
    *data : object
        What it is fitted to; sparse matrices in CSR form.

    Returns
    -------
    Checkpoint
        The checkpoint.

    Raises
    ------
    ValueError
        If `random_state` is no integer, or a parameter has no name to be known by; if
        there can be no folder `checkpoint_dir`; if ranks differ in their data or
        parameters.
    """
    folder = estimator.checkpoint_dir
    if n_ranks() > 1:
        return _open_on_ranks(folder, estimator, data)
    if folder is None:
        return NullCheckpoint()
    name = _fingerprint(estimator, data, _NEUTRAL, "checkpoint_dir")
    _make_folder(folder)
    return FileCheckpoint(folder, name)


def _open_on_ranks(folder: Any, estimator: Any, data: tuple) -> Checkpoint:
    """Open the checkpoint of the first rank, once all fit the same."""
    name = _fingerprint(estimator, data, _OF_EACH_RANK, "A process group")
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
            f"checkpoint_dir={str(folder)!r} is no folder, and cannot become one: "
            f"{error}. Name another, or remove what has the name."
        ) from error


def _fingerprint(
    estimator: Any, data: tuple, neutral: Sequence[str], needed_by: str
) -> str:
    """Hash all that the result of a fit depends on, but for neutral parameters."""
    if not isinstance(estimator.random_state, Integral):
        raise ValueError(
            f"{needed_by} needs random_state to be an integer, so that the same can be "
            f"drawn again; got random_state={estimator.random_state!r}."
        )
    parameters = estimator.get_params(deep=False)
    for name in neutral:
        parameters.pop(name, None)
    hashes = {
        name: _hash_of_parameter(name, value, needed_by)
        for name, value in parameters.items()
    }
    identity = {
        "class": type(estimator).__name__,
        "parameters": hashes,
        "sources": {name: _source(value) for name, value in parameters.items()},
        "versions": [__version__, *map(version, _PACKAGES)],
        "data": [_contents(part) for part in data],
    }
    return joblib.hash(identity, hash_name="sha1")


def _contents(data):
    """Take from a matrix what it stores: the rest says how it was used before."""
    if sparse.issparse(data):
        return data.shape, data.data, data.indices, data.indptr
    return data


def _hash_of_parameter(name, value, needed_by):
    """Hash a parameter, unfitted where it is an estimator."""
    try:
        return joblib.hash(clone(value, safe=False), hash_name="sha1")
    except Exception as error:  # whatever the pickling of a user's object raises
        raise ValueError(
            f"{needed_by} needs parameters that can be pickled, but {name} is "
            f"{value!r}: {error}. Give, say, a function of a module, not a lambda."
        ) from error


def _source(value):
    """The source of a function, so that another of its name is another parameter."""
    try:
        return inspect.getsource(value)
    except (OSError, TypeError):  # no function, or typed at a prompt
        return None
