"""What a fit has finished, in files that the same fit reads again."""

import inspect
import time
import warnings
from importlib.metadata import version
from numbers import Integral
from pathlib import Path

import joblib
from sklearn.base import clone

from ._archive import read_archive, write_archive
from ._version import __version__

_SECONDS_BETWEEN = 10.0
_PACKAGES = "torch", "numpy", "scipy", "scikit-learn", "pynndescent"
# Parameters that change no bit of the result.
_NEUTRAL = "checkpoint_dir", "n_jobs", "verbose"


class NotKept:
    """The checkpoint of a fit that keeps none."""

    def read(self, stage):
        """Return the arrays of a stage, or None."""

    def write(self, stage, arrays):
        """Keep the arrays of a stage."""

    def is_due(self):
        """Whether enough time has passed to write again."""
        return False


class Checkpoint(NotKept):
    """The files of one fit: a name for each stage, replaced as a whole.

    Parameters
    ----------
    folder : str or os.PathLike
        Where they lie; made if it is not there.
    identity : object
        All that the result depends on. Fits that differ in it have other files.
    """

    def __init__(self, folder, identity):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.name = joblib.hash(identity, hash_name="sha1")
        self.written = time.monotonic()

    def read(self, stage):
        """Return the arrays of a stage, or None.

        Warns
        -----
        UserWarning
            If the file is damaged; it is not used then.
        """
        path = self._path(stage)
        if not path.exists():
            return None
        try:
            return read_archive(path)[1]
        except ValueError as error:
            warnings.warn(
                f"A checkpoint is not used, and its stage is done again: {error}",
                UserWarning,
                stacklevel=2,
            )
            return None

    def write(self, stage, arrays):
        """Keep the arrays of a stage."""
        write_archive(self._path(stage), {}, arrays)
        self.written = time.monotonic()

    def is_due(self):
        """Whether enough time has passed to write again."""
        return time.monotonic() - self.written >= _SECONDS_BETWEEN

    def _path(self, stage):
        return self.folder / f"{self.name}.{stage}"


def open_checkpoint(estimator, *data):
    """Open the checkpoint of a fit.

    Parameters
    ----------
    estimator : estimator
        What is fitted; its `checkpoint_dir` says where, and None that nothing is kept.
    *data : object
        What it is fitted to.

    Returns
    -------
    NotKept
        The checkpoint.

    Raises
    ------
    ValueError
        If `random_state` is no integer, or a parameter has no name to be known by.
    """
    folder = estimator.checkpoint_dir
    if folder is None:
        return NotKept()
    if not isinstance(estimator.random_state, Integral):
        raise ValueError(
            "checkpoint_dir needs random_state to be an integer, which a fit that goes "
            f"on draws from again; got random_state={estimator.random_state!r}."
        )
    parameters = estimator.get_params(deep=False)
    for name in _NEUTRAL:
        parameters.pop(name, None)
    identity = {
        "class": type(estimator).__name__,
        "parameters": {name: _identity(name, v) for name, v in parameters.items()},
        "sources": {name: _source(value) for name, value in parameters.items()},
        "versions": [__version__, *map(version, _PACKAGES)],
        "data": data,
    }
    return Checkpoint(folder, identity)


def _identity(name, value):
    """The hash of a parameter, unfitted where it is an estimator."""
    try:
        return joblib.hash(clone(value, safe=False), hash_name="sha1")
    except Exception as error:  # whatever the pickling of a user's object raises
        raise ValueError(
            f"checkpoint_dir needs parameters that can be pickled, but {name} is "
            f"{value!r}: {error}. Give, say, a function of a module, not a lambda."
        ) from error


def _source(value):
    """The source of a function, so that another of its name is another parameter."""
    try:
        return inspect.getsource(value)
    except (OSError, TypeError):  # no function, or typed at a prompt
        return None
