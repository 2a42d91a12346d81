"""What every estimator with a network shares: parameters and `transform`."""

from collections.abc import Callable
from functools import partial
from numbers import Integral, Real
from operator import methodcaller
from os import PathLike
from typing import Any

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils._param_validation import Interval, StrOptions
from torch import nn

from .._engine.device import resolve_device
from .._fit.options import TrainingOptions
from .._fit.progress import Monitor
from .._fit.spectral_map.row_maps import ExtensionMap, NetworkMap
from .._rows.opening import check_output_container, open_rows
from .._rows.rows import Result
from .callbacks import CallbackSupportMixin, end_epoch, fit_task
from .fitted_state import fitted_copy
from .parameter_types import WholeNumbers
from .savable_estimator import SavableEstimator


class NetworkEstimator(
    CallbackSupportMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    SavableEstimator,
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

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        # It is what a fit sets last.
        return hasattr(self, "_n_features_out")

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
