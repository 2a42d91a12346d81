"""AutoencoderTransformer: codes from which rows can be rebuilt."""

from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.base import _fit_context

from .._engine.networks.network import new_map
from .._engine.objectives.reconstruction import code_epochs, fit_codes, rebuild
from .._rows.opening import validate_matrix, validate_rows
from .fitted_state import fitted_copy, forget
from .parameter_types import (
    Augmentation,
    Auto,
    LayerSizes,
    NetworkFunction,
    Path,
    Seed,
)
from .transformer import BaseTransformer


class AutoencoderTransformer(BaseTransformer):
    """Codes learned by a denoising autoencoder.

    During training, a share of the inputs of each row is dropped, and a network encodes
    the rest. A second network, its mirror image, rebuilds the whole row from the code.
    In a Pipeline before spectral clustering, the codes replace the features.

    Parameters
    ----------
    n_components : int, default=10
        Length of a code, at most the number of features.
    hidden_layer_sizes : int or sequence of int, default=(512, 512, 2048)
        Widths of the hidden layers of the encoder; the default is from the paper. The
        decoder has the same widths in reverse order.
    network : callable, default=None
        Importable function (n_features_in, n_outputs) that returns a torch.nn.Module.
        This module replaces the encoder; the decoder is still built from
        `hidden_layer_sizes`.
    dropout : float, default=0.2
        Share of the inputs that is dropped during training, in [0, 1).
    augment : callable, default=None
        Importable function (rows, generator) that returns changed copies of rows, such
        as `ImageShifts()` or `NoisyFeatures()`. Each step draws new copies and rebuilds
        the rows as they were. The function gets a tensor of rows in the units and the
        dtype of X, before they are standardised, and a torch.Generator, its only source
        of randomness. X must be dense.
    max_iter : int or "auto", default="auto"
        Maximum number of epochs. "auto" means 50 or, on small data, as many as give
        1,000 steps, up to 100.
    batch_size : int, default=256
        Number of rows in a training step.
    learning_rate_init : float, default=1e-3
        Maximum learning rate of Adam.
    tol : float, default=0.0
        Training stops when the mean squared error of an epoch, in units of the scaled
        inputs, falls below this value.
    random_state : int, RandomState instance or None, default=None
        The only source of randomness.
    checkpoint_dir : str or os.PathLike, default=None
        Folder in which to keep the progress of training. If a fit is killed, the same
        call with the same rows and parameters continues from there, and its result has
        the same bits. It requires an integer `random_state`.
    device : str, default="auto"
        Where to train the network: "auto", "cpu", "cuda", or a device such as "cuda:1".
    verbose : int or bool, default=False
        Whether to show a progress bar, and at the end the seconds of the fit, on
        stderr.

    Attributes
    ----------
    network_ : torch.nn.Module
        The encoder with its input scaling, in float64 on the CPU.
    decoder_ : torch.nn.Module
        The decoder, which maps codes to scaled rows.
    loss_curve_ : list of float
        Mean squared error of each epoch.
    n_iter_ : int
        Number of epochs.
    n_features_in_ : int
        Number of features of the training rows.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if X has names that are all strings.

    See Also
    --------
    SiameseTransformer : A space learned from neighbours.
    ImageShifts, NoisyFeatures : Ready values of `augment`.

    References
    ----------
    Shaham et al., "SpectralNet: Spectral Clustering using Deep Neural Networks",
    ICLR 2018, section 5.2.1. Vincent et al., "Extracting and composing robust
    features with denoising autoencoders", ICML 2008.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknet_spectral import AutoencoderTransformer
    >>> X, _ = load_digits(return_X_y=True)
    >>> codes = AutoencoderTransformer(
    ...     10, hidden_layer_sizes=64, max_iter=2, random_state=0
    ... ).fit(X)
    >>> codes.transform(X).shape
    (1797, 10)
    """

    def __init__(
        self,
        n_components: int = 10,
        *,
        hidden_layer_sizes: LayerSizes = (512, 512, 2048),
        network: NetworkFunction | None = None,
        dropout: float = 0.2,
        augment: Augmentation | None = None,
        max_iter: int | Auto = "auto",
        batch_size: int = 256,
        learning_rate_init: float = 1e-3,
        tol: float = 0.0,
        random_state: Seed = None,
        checkpoint_dir: Path | None = None,
        device: str = "auto",
        verbose: int | bool = False,
    ) -> None:
        self.n_components = n_components
        self.hidden_layer_sizes = hidden_layer_sizes
        self.network = network
        self.dropout = dropout
        self.augment = augment
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.tol = tol
        self.random_state = random_state
        self.checkpoint_dir = checkpoint_dir
        self.device = device
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn to encode rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows. For Dask input, all rows are gathered.
        y : None
            Ignored.

        Returns
        -------
        AutoencoderTransformer
            The fitted transformer.

        Raises
        ------
        ValueError
            If codes are longer than rows, or X contains values that are not
            finite; if `augment` returns rows of another shape or that are not finite,
            changes its rows in place, or draws from elsewhere than its generator.
        TypeError
            If `augment` returns no tensor or another dtype, or X is sparse and
            `augment` is given.
        """
        forget(self)
        X = self._validate(X)
        n_features = X.shape[1]
        if self.n_components > n_features:
            raise ValueError(
                f"n_components={self.n_components} must not exceed "
                f"n_features={n_features}: a code is no wider than its row."
            )
        run = self._begin(X)
        training = self._training_options()
        encoder = training.new_map(X, self.n_components, run.seeds.network)
        decoder = new_map(
            self.n_components,
            n_features,
            hidden_layer_sizes=training.layer_sizes(X.shape[0])[::-1],
            network=None,
            seed=run.seeds.decoder,
        )
        train = partial(
            fit_codes, X, encoder, decoder, dropout=self.dropout, augment=self.augment
        )
        n_epochs = code_epochs(X.shape[0], self.batch_size)
        return self._learn(X, "autoencoder", n_epochs, train, run, decoder_=decoder)

    def inverse_transform(self, X: ArrayLike) -> np.ndarray:
        """Rebuild rows from their codes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_components)
            Codes.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            The rebuilt rows, in the precision of the codes.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If the codes do not have `n_components` columns.
        """
        self = fitted_copy(self)
        Z = validate_matrix(X, "X")
        if Z.shape[1] != self._n_features_out:
            raise ValueError(
                f"X has {Z.shape[1]} columns, but codes have "
                f"n_components={self._n_features_out}."
            )
        return rebuild(self.network_, self.decoder_, Z).astype(Z.dtype, copy=False)

    def score(self, X: Any, y: Any = None) -> float:
        """Share of the variance of the rows that their codes keep (R^2).

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        y : None
            Ignored.

        Returns
        -------
        float
            One if the rows are rebuilt exactly, zero if each is rebuilt as their mean.
            Higher is better.
        """
        self = fitted_copy(self)
        X = validate_rows(self, X, reset=False)
        rows = X.toarray() if sparse.issparse(X) else X
        rebuilt = rebuild(self.network_, self.decoder_, self._row_map()(X))
        error = np.square(rows - rebuilt).sum()
        spread = np.square(rows - rows.mean(axis=0, dtype=np.float64)).sum()
        return float(1.0 - error / spread) if spread > 0 else float(error == 0)
