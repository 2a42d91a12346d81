"""The files of an estimator: `save`, `load` and `export_onnx`."""

from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike
from sklearn.base import BaseEstimator

from .._persistence.onnx import export_onnx
from .._persistence.saving import ESTIMATORS, load_estimator, save_estimator
from .fitted_state import fitted_copy
from .parameter_types import NetworkFunction, Path

_PACKAGE = __name__.partition(".")[0]


class SavableEstimator(BaseEstimator):
    """An estimator with a network that files can hold."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.__module__.partition(".")[0] == _PACKAGE:  # not a user's subclass
            ESTIMATORS[cls.__name__] = cls

    def save(self, path: Path) -> None:
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
        save_estimator(fitted_copy(self), path)

    @classmethod
    def load(cls, path: Path, *, network: NetworkFunction | None = None) -> Self:
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
        return load_estimator(cls, path, network)

    def export_onnx(self, path: Path, *, dtype: DTypeLike = np.float32) -> None:
        """Write the fitted map to a file for an ONNX runtime.

        The model has an input "X" of dense rows and an output "embedding", the result
        of `transform`. For a clusterer it also has the outputs "labels" and
        "probabilities", the results of `predict` and `predict_proba`. The network is
        computed in float32, because runtimes have no float64 GELU, and all else in
        float64.

        Parameters
        ----------
        path : str or os.PathLike
            Name of the file. An existing file is replaced as a whole.
        dtype : {numpy.float32, numpy.float64}, default=numpy.float32
            Precision of "X", "embedding" and "probabilities".

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If there is no network because only a graph was given; if `dtype` is neither
            float32 nor float64.
        ImportError
            If onnx or onnxscript is not installed.

        Examples
        --------
        >>> import os
        >>> import tempfile
        >>> from sklearn.datasets import load_iris
        >>> from sknet_spectral import SpectralNetClustering
        >>> X, _ = load_iris(return_X_y=True)
        >>> model = SpectralNetClustering(2, affinity="rbf", max_iter=5).fit(X)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "iris.onnx")
        ...     model.export_onnx(path)
        ...     os.listdir(folder)
        ['iris.onnx']
        """
        self = fitted_copy(self)
        learned = ("network_", "_rule", "_memberships")
        network, rule, memberships = (getattr(self, name, None) for name in learned)
        export_onnx(network, rule, memberships, self.n_features_in_, path, dtype)
