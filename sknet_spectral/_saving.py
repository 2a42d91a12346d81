"""Estimators in files, without pickle."""

import platform
import warnings

import numpy as np
import sklearn
import torch

from ._archive import read_archive, write_archive
from ._engine.network import is_custom
from ._records import Reader, Writer
from ._saved_by_name import LeftOut, qualified_name
from ._stored_rows import is_dask
from ._version import __version__

# By name, the classes whose instances a file can hold.
_ESTIMATORS: dict[str, type] = {}
_MANIFEST = {"class", "network", "attributes"}


class Saving:
    """An estimator that can be saved to a file."""

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        if cls.__module__.partition(".")[0] == __package__:  # not a user's subclass
            _ESTIMATORS[cls.__name__] = cls

    def save(self, path):
        """Write the fitted estimator to a file.

        The file contains arrays and JSON, not pickle, and their checksum. Writing is
        atomic: an existing file with this name is replaced only when the new one is
        complete.

        Parameters
        ----------
        path : str or os.PathLike
            Name of the file.

        Raises
        ------
        NotFittedError
            If `fit` was not called.

        Warns
        -----
        UserWarning
            If something can be saved only by its name, such as an `affinity` that is a
            function. The loaded estimator maps and labels rows as this one does, but
            needs the missing object before it can be fitted again.
            If attributes are lazy, as after a fit on a Dask collection. They are left
            out: store them with Dask, or map the collection again.

        Examples
        --------
        >>> import os
        >>> import tempfile
        >>> from sklearn.datasets import load_iris
        >>> from sknet_spectral import SpectralNetEmbedding
        >>> X, _ = load_iris(return_X_y=True)
        >>> model = SpectralNetEmbedding(1, affinity="rbf", max_iter=5).fit(X)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "iris.model")
        ...     model.save(path)
        ...     loaded = SpectralNetEmbedding.load(path)
        >>> bool((loaded.transform(X) == model.transform(X)).all())
        True
        """
        self = self._fitted()
        writer = Writer(_ESTIMATORS)
        attributes = dict(vars(self))
        network, fitted = self.network, attributes.get("network_")
        if network is None and fitted is not None and is_custom(fitted.map):
            network = fitted.map
        if network is not None:
            del attributes["network"]
        lazy = [name for name, value in attributes.items() if is_dask(value)]
        attributes.update(
            (name, LeftOut(name, attributes[name].shape)) for name in lazy
        )
        manifest = {
            "class": type(self).__name__,
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
        if writer.named:
            warnings.warn(
                f"{path} keeps by name only: {', '.join(writer.named)}. The loaded "
                "estimator maps and labels rows as this one does; to fit it again, or "
                "to score, give it these by set_params.",
                UserWarning,
                stacklevel=2,
            )
        if lazy:
            warnings.warn(
                f"{path} leaves out what is lazy: {', '.join(lazy)}. The loaded "
                "estimator maps and labels rows as this one does; store these by "
                "Dask, as labels_.to_zarr does, or map the collection again.",
                UserWarning,
                stacklevel=2,
            )

    @classmethod
    def load(cls, path, *, network=None):
        """Read an estimator from a file that `save` wrote.

        Loading never runs code chosen by the file. The checksum detects corruption, not
        tampering.

        Parameters
        ----------
        path : str or os.PathLike
            Name of the file.
        network : callable, default=None
            The function that was the `network` of the saved estimator. The file
            contains only its name.

        Returns
        -------
        estimator
            The fitted estimator.

        Raises
        ------
        ValueError
            If the file is corrupt, was not written by `save`, holds an estimator of
            another class, or was written by a newer version of the package; if
            `network` is missing, is not needed, or builds a different network.
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
        reader = Reader(_ESTIMATORS, arrays, network)
        try:
            estimator = reader.estimator(cls, manifest["attributes"])
        except ValueError:
            raise
        except Exception as error:  # whatever a record that `save` never wrote raises
            raise ValueError(
                f"{path} has a right checksum, but holds no estimator that `save` "
                f"wrote: {error!r}"
            ) from error
        if network is not None:
            estimator.network = network
        return estimator
