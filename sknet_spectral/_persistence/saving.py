"""Saving estimators to files and loading them, without pickle."""

import os
import platform
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sklearn
import torch

from .._engine.networks.custom_network import is_custom
from .._rows.opening import is_lazy
from .._version import __version__
from .._warnings import warn
from .archive import read_archive, write_archive
from .records import Reader, Writer
from .saved_by_name import LeftOut, qualified_name

# The classes whose instances a file can contain, by name.
ESTIMATORS: dict[str, type] = {}
_MANIFEST = {"class", "network", "attributes"}
_SPACE = "affinity_transformer_"


def save_estimator(estimator: Any, path: str | os.PathLike) -> None:
    """Write a fitted estimator to a file.

    Parameters
    ----------
    estimator : estimator
        An instance of one of `ESTIMATORS`.
    path : str or os.PathLike
        Name of the file.
    """
    writer = Writer(ESTIMATORS)
    attributes = dict(vars(estimator))
    network, fitted = estimator.network, attributes.get("network_")
    if network is None and fitted is not None and is_custom(fitted.map):
        network = fitted.map
    if network is not None:
        del attributes["network"]
    lazy = [name for name, value in attributes.items() if is_lazy(value)]
    attributes.update((name, LeftOut(name, attributes[name].shape)) for name in lazy)
    manifest = {
        "class": type(estimator).__name__,
        "versions": {
            "sknet-spectral": __version__,
            "python": platform.python_version(),
            "torch": str(torch.__version__),
            "scikit-learn": sklearn.__version__,
            "numpy": np.__version__,
        },
        "network": None if network is None else qualified_name(network),
        "attributes": writer.attributes(attributes),
    }
    write_archive(path, manifest, writer.arrays)
    _warn_of_missing(path, writer.named, lazy)


def _warn_of_missing(
    path: str | os.PathLike, named: Sequence[str], lazy: Sequence[str]
) -> None:
    if named:
        has_space = not any(name.startswith(_SPACE) for name in named)
        when = "" if has_space else " It scores only after that fit."
        warn(
            f"{path} keeps by name only: {', '.join(named)}. The loaded "
            "estimator maps and labels rows as this one does; to fit it again, or "
            f"to score, pass it these with set_params or set_callbacks.{when}",
        )
    if lazy:
        warn(
            f"{path} leaves out what is lazy: {', '.join(lazy)}. The loaded "
            "estimator maps and labels rows as this one does; store these with "
            "Dask, as labels_.to_zarr does, or map the collection again.",
        )


def load_estimator(cls: type, path: str | os.PathLike, network: Callable | None) -> Any:
    """Read an estimator from a file.

    Parameters
    ----------
    cls : type
        Its class.
    path : str or os.PathLike
        Name of the file.
    network : callable or None
        The function that was the parameter `network` of the saved estimator.

    Returns
    -------
    estimator
        The fitted estimator.
    """
    manifest, arrays = read_archive(path)
    if not (isinstance(manifest, dict) and manifest.keys() >= _MANIFEST):
        raise ValueError(f"{path} holds no estimator that `save` wrote.")
    if manifest["class"] != cls.__name__:
        raise ValueError(
            f"{path} holds a {manifest['class']}, not a {cls.__name__}: use "
            f"{manifest['class']}.load."
        )
    if manifest["network"] is not None and network is None:
        raise ValueError(
            f"{path} holds an estimator with network={manifest['network']}. "
            "Loading imports nothing: pass that function, as load(path, "
            "network=...)."
        )
    if manifest["network"] is None and network is not None:
        raise ValueError(
            f"network={network!r} has no use: the estimator in {path} has none."
        )
    reader = Reader(ESTIMATORS, arrays, network)
    try:
        estimator = reader.estimator(cls, manifest["attributes"])
    except ValueError:
        raise
    except Exception as error:  # anything that an invalid record can raise
        raise ValueError(
            f"{path} has a right checksum, but holds no estimator that `save` "
            f"wrote: {error!r}"
        ) from error
    if network is not None:
        estimator.network = network
    return estimator
