"""What every estimator with a network shares: parameters, transform, files."""

from collections.abc import Callable
from functools import partial
from numbers import Integral, Real
from operator import methodcaller
from os import PathLike
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils._param_validation import Interval, StrOptions
from torch import nn

from .._engine.device import resolve_device
from .._engine.networks.network import StandardizedNetwork
from .._engine.training.training_config import TrainingConfig
from .._fit.options import TrainingOptions, unless_auto
from .._fit.progress import Monitor, Run
from .._fit.spectral_map.row_maps import ExtensionMap, NetworkMap
from .._persistence.onnx import export_onnx
from .._persistence.saving import ESTIMATORS, load_estimator, save_estimator
from .._rows.opening import check_output_container, open_rows
from .._rows.rows import Result
from .callbacks import CallbackSupportMixin, end_epoch, fit_task
from .fitted_state import fitted_copy, publish
from .parameter_types import NetworkFunction, Path, WholeNumbers

_PACKAGE = __name__.partition(".")[0]


class NetworkEstimator(
    CallbackSupportMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    BaseEstimator,
):
    """A transformer whose map of rows is a trained network, `network_`."""

    _parameter_constraints: dict = {
        "random_state": ["random_state"],
        "hidden_layer_sizes": [
            "array-like",
            Interval(Integral, 1, None, closed="left"),
        ],
        "network": [callable, None],
        "max_iter": [WholeNumbers(1), StrOptions({"auto"})],
        "batch_size": [WholeNumbers(2)],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "checkpoint_dir": [str, PathLike, None],
        "device": [str],
        "verbose": ["verbose"],
    }

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.__module__.partition(".")[0] == _PACKAGE:  # not a user's subclass
            ESTIMATORS[cls.__name__] = cls

    def transform(self, X: Any) -> Result:
        """Map rows with the fitted network.

        The map is fixed by `fit`, so the result for a row does not depend on the other
        rows in the call.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows. An array on disk, such as a `numpy.memmap` or a dataset of HDF5 or
            Zarr, is read at most 4,096 rows at a time. A Dask array or data frame is
            mapped block by block when the result is computed. If `affinity` takes a
            graph, X contains the affinities or distances of the rows to the training
            rows.

        Returns
        -------
        {ndarray, dask.array.Array} of shape (n_samples, n_components)
            The embedding, in the precision of X (float64 or float32).

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If X has a different number of features than the training rows, or contains
            values that are not finite.
        """
        self = fitted_copy(self)
        check_output_container(self, X)
        rows = open_rows(self, X, reset=False)
        (Y,) = rows.map(
            self._row_map(), self._n_features_out, [in_precision(rows.dtype)]
        )
        return Y

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

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        # It is what a fit sets last.
        return hasattr(self, "_n_features_out")

    def _publish_network(
        self, network: StandardizedNetwork, loss_curve: list[float], **attributes: Any
    ) -> None:
        """Set the fitted attributes of an estimator whose outputs are components."""
        found = {
            "network_": network,
            "loss_curve_": loss_curve,
            "n_iter_": len(loss_curve),
            "_n_features_out": self.n_components,
        }
        publish(self, found | attributes)

    def _row_map(self) -> NetworkMap | ExtensionMap:
        """Return the map of rows, without the rest of the estimator."""
        return NetworkMap(self.network_)

    def _training_options(self) -> TrainingOptions:
        return TrainingOptions(
            hidden_layer_sizes=self.hidden_layer_sizes,
            network=self.network,
            max_iter=self.max_iter,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate_init,
            tol=self.tol,
            device=self.device,
        )

    def _train(
        self,
        X: Any,
        stage: str,
        automatic_epochs: int,
        fit: Callable[[TrainingConfig], tuple[StandardizedNetwork, list[float]]],
        run: Run,
    ) -> tuple[StandardizedNetwork, list[float]]:
        """Train a network, and report each epoch; return it with its losses."""
        monitor, options = run.monitor, self._training_options()
        n_epochs = unless_auto(self.max_iter, automatic_epochs)
        with monitor.fit_task(X), monitor.bar(stage, n_epochs) as bar:
            progress, seed = monitor.of_epochs(bar), run.seeds.training
            config = options.config(
                n_epochs, self.batch_size, progress, seed, run.checkpoint
            )
            return fit(config)

    def _monitor(self) -> Monitor:
        return Monitor(self.verbose, lambda: end_epoch(self), partial(fit_task, self))

    def _check_training(self) -> None:
        resolve_device(self.device)
        sizes = self._training_options().layer_sizes(n_samples=2)
        if not all(type(size) is int and size >= 1 for size in sizes):
            raise ValueError(
                "hidden_layer_sizes must hold positive integers, got "
                f"{self.hidden_layer_sizes!r}."
            )
        if isinstance(self.network, nn.Module):
            raise TypeError(
                "network must be a function (n_features_in, n_outputs) that builds a "
                f"torch.nn.Module, got a {type(self.network).__name__}: each fit "
                "trains a new one."
            )


def in_precision(dtype: np.dtype) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that rounds an embedding to a precision.

    Parameters
    ----------
    dtype : numpy.dtype
        The precision.

    Returns
    -------
    callable
        The function, which can be pickled.
    """
    return methodcaller("astype", dtype)
