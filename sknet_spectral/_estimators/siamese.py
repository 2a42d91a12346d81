"""SiameseTransformer: distances learned from neighbours."""

from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context
from sklearn.utils._param_validation import StrOptions

from .._engine.gpu_search import search_on_gpu
from .._engine.objectives.pair_loss import PAIR_LOSSES, fit_pairs, pair_epochs
from .._fit.progress import Run
from .._fit.sample.knowledge import Knowledge
from .._graph.affinities.constraints import Constraints, constrain_pairs
from .._graph.affinities.pairs import PAIRS
from .._graph.metrics.distances import METRICS, check_metric
from .._graph.search.neighbors import NeighborOptions
from .._rows.rows import Matrix
from .fitted_state import forget
from .parameter_types import (
    NUMBERS_OF_JOBS,
    Augmentation,
    Auto,
    LayerSizes,
    NetworkFunction,
    PairLoss,
    PairRule,
    Path,
    Seed,
    WholeNumbers,
)
from .transformer import BaseTransformer


class SiameseTransformer(BaseTransformer):
    """A learned space whose distances separate neighbours from other rows.

    Two copies of one network are trained on pairs of rows. Neighbours move close
    together, and other rows move apart. No labels are needed.

    Parameters
    ----------
    n_components : int, default=10
        Dimension of the learned space.
    hidden_layer_sizes : int or sequence of int, default=(512, 512)
        Widths of the hidden layers of the network.
    network : callable, default=None
        Importable function (n_features_in, n_outputs) that returns a torch.nn.Module.
        This module replaces the dense network of `hidden_layer_sizes`.
    loss : {"cross_entropy", "contrastive"}, default="cross_entropy"
        "cross_entropy" is the cross-entropy of finding the partner of a row among the
        partners in the batch, with the logits -log(1 + d^2). "contrastive" is the loss
        of the paper, with the margins 0.05 for positive and 1 for negative pairs.
    pairs : {"nearest_neighbors", "mutual_neighbors", "parameter_free"}, \
            default="nearest_neighbors"
        Which rows belong together. "nearest_neighbors" pairs each row with its
        neighbours. "mutual_neighbors" pairs only rows that are neighbours of each
        other. "parameter_free" pairs rows within reach of each other in the
        parameter-free graph, for up to 20,000 rows.
    n_neighbors : int, default=5
        Number of neighbours of each row, not counting the row itself. "parameter_free"
        does not use it.
    metric : str, default="euclidean"
        Distance used to find neighbours: any pynndescent metric that needs no further
        argument.
    dropout : float, default=0.3
        Share of the inputs that is dropped during training, in [0, 1).
    augment : callable, default=None
        Importable function (rows, generator) that returns changed copies of rows, such
        as `ImageShifts()` or `NoisyFeatures()`. Each step draws new copies. The partner
        of a row is then a copy of one of its neighbours or of the row itself. The
        function gets a tensor of rows in the units and the dtype of X, before they are
        standardised, and a torch.Generator, its only source of randomness. X must be
        dense.
    max_iter : int or "auto", default="auto"
        Maximum number of epochs. "auto" means 15 or, on small data, as many as give 300
        steps, up to 100.
    batch_size : int, default=256
        Number of pairs in a training step. Each pair is compared with all others in the
        step, so larger batches push nearby rows further apart. If there are fewer rows
        than this, rows are drawn repeatedly.
    learning_rate_init : float, default=1e-3
        Maximum learning rate of Adam. Muon, which trains the inner layers, uses 20
        times this rate.
    tol : float, default=0.0
        Training stops when the mean loss of an epoch falls below this value.
    random_state : int, RandomState instance or None, default=None
        The only source of randomness.
    checkpoint_dir : str or os.PathLike, default=None
        Folder in which to keep the progress of training. If a fit is killed, the same
        call with the same rows and parameters continues from there, and its result has
        the same bits. It requires an integer `random_state`.
    device : str, default="auto"
        Where to train the network: "auto", "cpu", "cuda", or a device such as "cuda:1".
        A GPU also finds Euclidean neighbours, by comparing all rows.
    n_jobs : int, default=None
        Number of threads for a neighbour search that compares rows one by one or uses a
        tree. A search by matrix products uses as many threads as ``OMP_NUM_THREADS``
        allows. pynndescent always uses one.
    verbose : int or bool, default=False
        Whether to show a progress bar for each stage, and at the end the seconds of
        each, on stderr.

    Attributes
    ----------
    network_ : torch.nn.Module
        The map with its input scaling, in float64 on the CPU.
    loss_curve_ : list of float
        Mean loss of each epoch.
    n_iter_ : int
        Number of epochs.
    n_features_in_ : int
        Number of features of the training rows.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if X has names that are all strings.

    See Also
    --------
    AutoencoderTransformer : Codes from which rows can be rebuilt.
    ImageShifts, NoisyFeatures : Ready values of `augment`.

    References
    ----------
    Shaham et al., "SpectralNet: Spectral Clustering using Deep Neural Networks",
    ICLR 2018, section 3.3. Hadsell, Chopra, LeCun, "Dimensionality reduction by
    learning an invariant mapping", CVPR 2006.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknet_spectral import SiameseTransformer
    >>> X, _ = load_digits(return_X_y=True)
    >>> space = SiameseTransformer(
    ...     4, hidden_layer_sizes=64, max_iter=2, random_state=0
    ... ).fit(X)
    >>> space.transform(X).shape
    (1797, 4)

    Digits that are moved a little are the same digits:

    >>> from sknet_spectral import ImageShifts
    >>> space = SiameseTransformer(
    ...     4, hidden_layer_sizes=64, max_iter=2, augment=ImageShifts((8, 8))
    ... ).fit(X)
    """

    _parameter_constraints: dict = {
        **BaseTransformer._parameter_constraints,
        "loss": [StrOptions(set(PAIR_LOSSES))],
        "pairs": [StrOptions(set(PAIRS))],
        "n_neighbors": [WholeNumbers(1)],
        "metric": [StrOptions(set(METRICS)), callable],
        "n_jobs": [*NUMBERS_OF_JOBS, None],
    }

    def __init__(
        self,
        n_components: int = 10,
        *,
        hidden_layer_sizes: LayerSizes = (512, 512),
        network: NetworkFunction | None = None,
        loss: PairLoss = "cross_entropy",
        pairs: PairRule = "nearest_neighbors",
        n_neighbors: int = 5,
        metric: str = "euclidean",
        dropout: float = 0.3,
        augment: Augmentation | None = None,
        max_iter: int | Auto = "auto",
        batch_size: int = 256,
        learning_rate_init: float = 1e-3,
        tol: float = 0.0,
        random_state: Seed = None,
        checkpoint_dir: Path | None = None,
        device: str = "auto",
        n_jobs: int | None = None,
        verbose: int | bool = False,
    ) -> None:
        self.n_components = n_components
        self.hidden_layer_sizes = hidden_layer_sizes
        self.network = network
        self.loss = loss
        self.pairs = pairs
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.dropout = dropout
        self.augment = augment
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.tol = tol
        self.random_state = random_state
        self.checkpoint_dir = checkpoint_dir
        self.device = device
        self.n_jobs = n_jobs
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        partial_labels: ArrayLike | None = None,
        must_link: ArrayLike | None = None,
        cannot_link: ArrayLike | None = None,
    ) -> Self:
        """Learn the space from rows and their neighbours.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows, at least two. For Dask input, all rows are gathered.
        y : None
            Ignored.
        partial_labels : array-like of shape (n_samples,), default=None
            Known labels as numbers, -1 where unknown. Rows with equal labels are
            linked; rows with different labels are kept apart. Cross-validation slices
            and routes these labels correctly.
        must_link, cannot_link : array-like of shape (n_pairs, 2), default=None
            Pairs of rows that belong together, or apart, given by their positions in
            this X. Cross-validation cannot slice pairs: use `partial_labels` there.

        Returns
        -------
        SiameseTransformer
            The fitted transformer.

        Raises
        ------
        ValueError
            If X contains values that are not finite; if constraints contradict each
            other or refer to rows that do not exist; if `augment` returns rows of
            another shape or that are not finite, changes its rows in place, or draws
            from elsewhere than its generator.
        TypeError
            If `augment` returns no tensor or another dtype, or X is sparse and
            `augment` is given.
        """
        forget(self)
        check_metric(self.metric)
        X = self._validate(X, ensure_min_samples=2)
        knowledge = Knowledge(partial_labels, must_link, cannot_link)
        constraints = knowledge.constraints(X.shape[0])
        run = self._begin(X, constraints)
        pairs = self._find_pairs(X, constraints, run)
        train = partial(
            fit_pairs,
            X,
            self._training_options().new_map(X, self.n_components, run.seeds.network),
            pairs,
            loss=self.loss,
            dropout=self.dropout,
            augment=self.augment,
        )
        n_epochs = pair_epochs(X.shape[0], self.batch_size)
        return self._learn(X, "siamese", n_epochs, train, run)

    def _find_pairs(
        self, X: Matrix, constraints: Constraints | None, run: Run
    ) -> np.ndarray:
        with run.monitor.bar("neighbors", X.shape[0], unit=" rows") as bar:
            search = NeighborOptions(
                n_neighbors=self.n_neighbors,
                metric=self.metric,
                random_state=np.random.RandomState(run.seeds.neighbors),
                n_jobs=self.n_jobs,
                search_on_gpu=search_on_gpu(self.device),
                report=bar.update,
            )
            pairs = PAIRS[self.pairs](X, search)
            bar.update(X.shape[0] - bar.n)
        if constraints is not None:
            pairs = constrain_pairs(pairs, constraints)
        if not len(pairs):
            raise ValueError(
                f"No two rows of X are neighbours under metric={self.metric!r}: they "
                "have nothing in common. Use another metric, or columns that rows "
                "share."
            )
        return pairs
