"""What every estimator with a network shares: training parameters and transform."""

from numbers import Integral, Real
from operator import methodcaller
from os import PathLike

import numpy as np
from scipy import sparse
from sklearn import config_context
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import check_is_fitted, validate_data

from ._callbacks import EpochCallbacks
from ._containers import explain, readable
from ._engine.automatic import automatic_sizes
from ._engine.device import prepare_forked_process, resolve_device
from ._engine.inference import embed
from ._engine.network import new_map
from ._onnx import OnnxExport
from ._progress import progress_bar
from ._saving import Saving
from ._stored_rows import ROWS_DTYPE, StoredRows, is_dask, is_stored, map_chunks

# Fitted, but not for the user.
_PRIVATE_STATE = {"_extension", "_n_features_out", "_rule", "_training_distance"}
# What it takes to map rows.
_MAP_STATE = {"_extension", "feature_names_in_", "n_features_in_", "network_"}


class NetworkEstimator(
    Saving,
    OnnxExport,
    EpochCallbacks,
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
        "max_iter": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "batch_size": [Interval(Integral, 2, None, closed="left")],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "checkpoint_dir": [str, PathLike, None],
        "device": [str],
        "verbose": ["verbose"],
    }

    def transform(self, X):
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
        self = self._fitted()
        self._check_container(X)
        X = self._open_rows(X, reset=False)
        (Y,) = self._map_rows([in_precision(X.dtype)], X, self._n_features_out)
        return Y

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def __sklearn_is_fitted__(self):
        # It is what a fit sets last.
        return hasattr(self, "_n_features_out")

    def _fitted(self):
        """Return a shallow copy: a fit in another thread changes this estimator."""
        fitted = type(self).__new__(type(self))
        vars(fitted).update(vars(self))
        check_is_fitted(fitted)
        return fitted

    def _forget(self):
        """Drop what an earlier fit has left: one that fails leaves nothing behind."""
        kept = {
            name: value
            for name, value in vars(self).items()
            if not (name.endswith("_") or name in _PRIVATE_STATE)
        }
        # At once: what another thread copies meanwhile is fitted, or it is not.
        self.__dict__ = kept

    def _transform(self, X):
        return embed(self.network_, X)

    def _map_rows(self, functions, X, n_components):
        """Apply functions of the embedding to rows, chunk by chunk or in blocks."""
        # Only Dask's rows have blocks.
        if hasattr(X, "map_blocks"):
            return X.map_blocks(functions, self._row_map(), n_components)

        def results(rows):
            Y = self._transform(rows)
            return [function(Y) for function in functions]

        return map_chunks(results, X)

    def _row_map(self):
        """Copy what maps rows, and leave what `fit` says of its own rows."""
        row_map = type(self)(**self.get_params(deep=False))
        for name in _MAP_STATE & vars(self).keys():
            setattr(row_map, name, getattr(self, name))
        return row_map

    def _check_container(self, X):
        container = _get_output_config("transform", self)["dense"]
        if is_dask(X) and container != "default":
            raise ValueError(
                f"set_output(transform={container!r}) would put the image of a whole "
                "Dask collection into memory: leave it at 'default', and convert "
                "what you compute."
            )

    def _validate_rows(self, X, **options):
        # Validation already runs scikit-learn's parallel code.
        prepare_forked_process()
        if is_dask(X):
            return self._open_rows(X, **options).read()
        X = readable(X)
        try:
            # A NaN ends anywhere later, and the look costs little beside the network.
            with config_context(assume_finite=False):
                X = validate_data(
                    self, X, accept_sparse="csr", dtype=ROWS_DTYPE, **options
                )
        except (TypeError, ValueError) as error:
            explain(X, error)
        return _own_rows(X) if sparse.issparse(X) else X

    def _open_rows(self, X, **options):
        """Validate rows; leave them where they are if that is on disk, or Dask's."""
        n_least = options.get("ensure_min_samples", 1)
        if is_dask(X):
            # Imported here, since only those who use Dask have it.
            from ._dask import DaskRows
            from ._dask_blocks import header

            options["ensure_min_samples"] = 0
            dtype = self._validate_rows(header(X), **options).dtype
            return DaskRows(X, dtype, n_least)
        if not is_stored(X):
            return self._validate_rows(X, **options)
        rows = StoredRows(X)
        self._validate_rows(rows[:n_least], **options)
        return rows

    def _check_training(self):
        resolve_device(self.device)
        sizes = self._hidden_sizes(n_samples=2)
        if not all(isinstance(size, int) and size >= 1 for size in sizes):
            raise ValueError(
                "hidden_layer_sizes must hold positive integers, got "
                f"{self.hidden_layer_sizes!r}."
            )

    def _hidden_sizes(self, n_samples):
        sizes = unless_auto(
            self.hidden_layer_sizes, automatic_sizes(n_samples).hidden_layer_sizes
        )
        return np.atleast_1d(sizes).tolist()

    def _new_map(self, X, n_outputs, random_state):
        n_samples, n_features = X.shape
        return new_map(
            n_features,
            n_outputs,
            hidden_layer_sizes=self._hidden_sizes(n_samples),
            network=self.network,
            seed=draw_seed(random_state),
        )

    def _training_options(self, n_epochs, bar, random_state, checkpoint):
        def progress(loss_curve):
            bar.set_postfix(loss=f"{loss_curve[-1]:.3g}")
            bar.update(len(loss_curve) - bar.n)
            return self._epoch_task()

        return {
            "tol": self.tol,
            "seed": draw_seed(random_state),
            "device": self.device,
            "n_epochs": n_epochs,
            "learning_rate": self.learning_rate_init,
            "progress": progress,
            "checkpoint": checkpoint,
        }

    def _progress(self, stage, total):
        return progress_bar(stage, total, self.verbose)


def _own_rows(X):
    """Copy sparse rows that scipy would make canonical in place, the caller's own.

    The order of a row's entries is kept where none is double: among distances it says
    which of equal ones is nearer.
    """
    if X.has_canonical_format:
        return X
    summed = X.copy()
    summed.sum_duplicates()
    return summed if summed.nnz < X.nnz else X.copy()


def unless_auto(value, automatic):
    """Return a parameter's value, or the automatic one where it is "auto".

    Parameters
    ----------
    value : object
        What the user has set.
    automatic : object
        What "auto" stands for.

    Returns
    -------
    object
        One of the two.
    """
    return automatic if isinstance(value, str) and value == "auto" else value


def in_precision(dtype):
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


def draw_seed(random_state):
    """Draw the seed of a generator of torch's.

    Parameters
    ----------
    random_state : numpy.random.RandomState
        What it is drawn from.

    Returns
    -------
    int
        The seed.
    """
    return random_state.randint(np.iinfo(np.int32).max)
