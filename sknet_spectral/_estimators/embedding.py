"""SpectralNetEmbedding: the learned eigenspace as a transformer."""

from dataclasses import replace
from numbers import Real
from typing import Any, Self

from numpy.typing import ArrayLike
from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval

from .._fit.options import GraphOptions
from .._fit.sample.knowledge import Knowledge
from .._fit.sample.sampling import Sample, row_limit
from .._fit.spectral_map.components import EmbeddingComponents
from .network_estimator import in_precision
from .parameter_types import (
    AffinityName,
    Auto,
    EigenSolver,
    LaplacianName,
    LayerSizes,
    NetworkFunction,
    Path,
    Seed,
    Weights,
    WholeNumbers,
)
from .spectral import BaseSpectralNet


class SpectralNetEmbedding(BaseSpectralNet):
    """Laplacian eigenmaps with a network that also maps new rows.

    The constant eigenvector is left out, as in
    :class:`sklearn.manifold.SpectralEmbedding`.

    Parameters
    ----------
    n_components : int, default=2
        Number of eigenvectors, not counting the constant one.
    eigen_solver : {"arpack", "lobpcg", "amg", "stochastic"}, default=None
        How to find the eigenspace. None means "arpack". "arpack", "lobpcg" and "amg"
        compute the eigenvectors of the graph and fit the network to them; "amg" needs
        pyamg. "stochastic" is the training of the paper: it starts from random weights
        and uses the constrained spectral loss alone.
    random_state : int, RandomState instance or None, default=None
        The only source of randomness.
    gamma : float, default=None
        Coefficient of ``weights="heat"`` and of the kernels. None means 1 / n_features.
    affinity : str or callable, default="nearest_neighbors"
        How to build the graph. "nearest_neighbors" joins each row to its nearest
        neighbours. "siamese" does the same in a space learned by a
        `SiameseTransformer`, and "autoencoder" in the codes of two autoencoders.
        "parameter_free" chooses neighbours from the density around each row, for up to
        20,000 rows. "rbf" or another kernel of scikit-learn gives a dense matrix.
        "precomputed" means that X contains affinities; "precomputed_nearest_neighbors"
        means that X contains sparse distances to neighbours. A callable takes X and
        returns the affinity matrix.
    n_neighbors : int, default=None
        Number of neighbours of each row, not counting the row itself. None means 15,
        but at most half of the other rows on small data. If X stores sparse neighbours,
        None uses them all, and a stored diagonal entry counts.
    weights : {"local_scaling", "heat", "uniform", "fuzzy"}, \
            default="local_scaling"
        How distances become affinities. "local_scaling": exp(-d^2 / (s_i s_j)), where
        s_i is the distance from row i to its 7th neighbour. "heat": exp(-gamma d^2),
        with one scale for all rows. "uniform": 1. These three are halved if only one of
        the two rows counts the other as a neighbour. "fuzzy": the memberships of UMAP.
    metric : str, default="euclidean"
        Distance between rows: any pynndescent metric that needs no further argument.
        With an `affinity_transformer`, it is the metric of the transformed space.
        "siamese" uses it to find pairs; its graph is Euclidean.
    affinity_transformer : transformer, default=None
        Transformer that maps rows to the space in which the graph is built. A clone is
        fitted to the validated array; the network still reads the rows themselves.
        Seeds that the transformer lacks are drawn from `random_state`. A
        `SiameseTransformer` also receives the known labels and pairs.
    laplacian : {"normalized", "unnormalized"}, default="normalized"
        Which Laplacian of the graph to use. "unnormalized" tends to split off small
        groups.
    eigen_tol : float or "auto", default="auto"
        Residual at which the eigensolver stops, in units of the largest eigenvalue.
        "auto" means 1e-6, or less if the next eigenvalue is close. A
        `ConvergenceWarning` appears if the residual stays above this value.
    degree : float, default=3
        Degree of the polynomial kernel.
    coef0 : float, default=1
        Constant of the polynomial and sigmoid kernels.
    kernel_params : dict, default=None
        Further parameters of a kernel, or all parameters of a callable.
    hidden_layer_sizes : int, sequence of int or "auto", default="auto"
        Widths of the hidden layers of the network. "auto" means (256, 256),
        (192, 192) from 1,000 rows, or (512, 256) from 30,000 rows.
    network : callable, default=None
        Importable function (n_features_in, n_outputs) that returns a torch.nn.Module.
        This module replaces the dense network of `hidden_layer_sizes`; it may be a
        convolutional network that reshapes rows to images. It does not replace the
        network of a transformer that learns the space of the graph.
    max_iter : int or "auto", default="auto"
        Maximum number of epochs. "auto" means 4, 8 from 4,000 rows, or 10 from 30,000
        rows; fewer if they take about 2,000 steps, and more if they give fewer than 50
        steps, or 400 with a `network`. For "stochastic", "auto" means 30, or as many as
        give 600 steps.
    batch_size : int or "auto", default="auto"
        Number of rows in a training step. "auto" means 128, 256 from 4,000 rows, or
        1,024 from 30,000 rows. For "stochastic" it is the number of edges, and "auto"
        means the larger of 1,024 and 100 times the number of outputs.
    learning_rate_init : float, default=2e-3
        Maximum learning rate of Adam. Muon, which trains the inner layers, uses 20
        times this rate.
    tol : float, default=1e-3
        Training stops when the mean loss of an epoch falls below this value. It does
        not start if the initial loss is already below it.
    max_samples : int or float, default=None
        Maximum number of rows used to build the graph, or their share of all rows.
        Larger inputs are sampled at random; rows in `must_link` or `cannot_link` are
        always kept, and labelled rows fill up to half of the rest. The network maps the
        other rows too. None uses all rows.
    warm_start : bool, default=False
        Whether `fit` continues from the network of the last fit, with its input
        scaling, instead of from random weights. The graph and its eigenvectors are
        always computed from the new rows.
    checkpoint_dir : str or os.PathLike, default=None
        Folder in which to keep the eigenvectors and the progress of training. If a fit
        is killed, the same call with the same rows and parameters continues from there,
        and its result has the same bits. It requires an integer `random_state`.
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
    diffusion_time : float, default=None
        Time t of a diffusion map: each component is scaled by (1 - eigenvalue)^t, so
        that distances are diffusion distances (Coifman and Lafon, 2006). Negative
        values of 1 - eigenvalue are set to zero. None leaves all components at the same
        scale.

    Attributes
    ----------
    embedding_ : {ndarray, dask.array.Array} of shape (n_samples, n_components)
        Embedding of the training rows. For Dask input, it is lazy.
    affinity_matrix_ : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        Affinities of the training rows, as given or built. If `max_samples` left rows
        out, it holds the affinities of the sampled rows only.
    sample_indices_ : ndarray of shape (n_drawn,)
        Positions of the rows of the graph in ascending order, a row of weight 3 three
        times. Absent if each row was used once.
    affinity_transformer_ : transformer
        The fitted transformer that learned the space of the graph. Absent if there is
        none.
    eigenvalues_ : ndarray of shape (n_components,)
        Ritz values of the map: upper bounds on the eigenvalues of the Laplacian. If
        there is no network, they are the eigenvalues themselves.
    spectrum_ : ndarray of shape (n_eigenvalues,)
        All eigenvalues of the Laplacian that were computed, in ascending order. The
        first one belongs to the constant eigenvector. For "stochastic", they are the
        Ritz values of all outputs of the network.
    n_connected_components_ : int
        Number of connected components of the graph, before any were joined.
    n_neighbors_ : int or None
        Number of neighbours used. None if the graph is not a neighbour graph.
    gamma_ : float
        Coefficient used by "heat" and by the kernels.
    network_ : torch.nn.Module
        The fitted map, in float64 on the CPU. Absent if only a graph was given.
    loss_curve_ : list of float
        Mean loss of each epoch: the share of the variance of the eigenvectors that the
        map misses or, for "stochastic", the spectral loss. Without training, it has
        only the initial loss. It is empty if only a graph was given.
    n_iter_ : int
        Number of epochs, or 1 if nothing was trained.
    batch_size_ : int
        Largest number of rows or edges in a training step. Absent if only a graph was
        given.
    n_features_in_ : int
        Number of features of the training rows.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if X has names that are all strings.

    See Also
    --------
    SpectralNetClustering : The same map, with clusters.
    sklearn.manifold.SpectralEmbedding : Exact, without `transform`.

    References
    ----------
    Shaham, Stanton, Li, Nadler, Basri, Kluger, "SpectralNet: Spectral Clustering
    using Deep Neural Networks", ICLR 2018, arXiv 1801.01587.

    Examples
    --------
    >>> from sklearn.datasets import make_swiss_roll
    >>> from sknet_spectral import SpectralNetEmbedding
    >>> X, _ = make_swiss_roll(300, random_state=0)
    >>> SpectralNetEmbedding(2, random_state=0).fit_transform(X).shape
    (300, 2)
    """

    _parameter_constraints: dict = {
        **BaseSpectralNet._parameter_constraints,
        "n_components": [WholeNumbers(1)],
        "diffusion_time": [Interval(Real, 0, None, closed="left"), None],
    }

    def __init__(
        self,
        n_components: int = 2,
        *,
        eigen_solver: EigenSolver | None = None,
        random_state: Seed = None,
        gamma: float | None = None,
        affinity: AffinityName = "nearest_neighbors",
        n_neighbors: int | None = None,
        weights: Weights = "local_scaling",
        metric: str = "euclidean",
        affinity_transformer: Any = None,
        laplacian: LaplacianName = "normalized",
        eigen_tol: float | Auto = "auto",
        degree: float = 3,
        coef0: float = 1,
        kernel_params: dict[str, Any] | None = None,
        hidden_layer_sizes: LayerSizes | Auto = "auto",
        network: NetworkFunction | None = None,
        max_iter: int | Auto = "auto",
        batch_size: int | Auto = "auto",
        learning_rate_init: float = 2e-3,
        tol: float = 1e-3,
        max_samples: int | float | None = None,
        warm_start: bool = False,
        checkpoint_dir: Path | None = None,
        device: str = "auto",
        n_jobs: int | None = None,
        verbose: int | bool = False,
        diffusion_time: float | None = None,
    ) -> None:
        self.n_components = n_components
        self.eigen_solver = eigen_solver
        self.random_state = random_state
        self.gamma = gamma
        self.affinity = affinity
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.metric = metric
        self.affinity_transformer = affinity_transformer
        self.laplacian = laplacian
        self.eigen_tol = eigen_tol
        self.degree = degree
        self.coef0 = coef0
        self.kernel_params = kernel_params
        self.hidden_layer_sizes = hidden_layer_sizes
        self.network = network
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.tol = tol
        self.max_samples = max_samples
        self.warm_start = warm_start
        self.checkpoint_dir = checkpoint_dir
        self.device = device
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.diffusion_time = diffusion_time

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: ArrayLike | None = None,
        *,
        affinity_matrix: Any = None,
        partial_labels: ArrayLike | None = None,
        must_link: ArrayLike | None = None,
        cannot_link: ArrayLike | None = None,
    ) -> Self:
        """Learn to map rows into the eigenspace.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows, more than `n_components`, or a graph of shape
            (n_samples, n_samples) if `affinity` takes one. An array on disk, such as a
            `numpy.memmap` or a dataset of HDF5 or Zarr, is read in chunks of at most
            4,096 rows if `max_samples` is less than its number of rows. For Dask input,
            `max_samples` rows (all rows if None) are gathered in a single computation.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row counts, in whole numbers. A row of weight 3 is in the
            graph and in the training three times, as if X had three copies of it. A row
            of weight zero is in neither, but its result is computed too. Time and
            memory grow with the sum of the weights. Not for graphs or Dask input.
        affinity_matrix : {array-like, sparse matrix} of shape \
                (n_samples, n_samples), default=None
            A graph of the rows to use instead of the one that `affinity` describes.
        partial_labels : array-like of shape (n_samples,), default=None
            Known labels as numbers, -1 where unknown. Rows with equal labels are
            linked; rows with different labels are kept apart. Cross-validation slices
            and routes these labels correctly.
        must_link, cannot_link : array-like of shape (n_pairs, 2), default=None
            Pairs of rows that belong together, or apart, given by their positions in
            this X. Cross-validation cannot slice pairs: use `partial_labels` there.

        Returns
        -------
        SpectralNetEmbedding
            The fitted estimator.

        Raises
        ------
        ValueError
            If X has too few rows, or contains values that are not finite; if affinities
            are negative, or their matrix is not square; if a graph as X has no edges;
            if constraints contradict each other or refer to rows that do not exist.
        """
        knowledge = Knowledge(partial_labels, must_link, cannot_link)
        monitor = self._monitor()
        rows, fit = self._learn(X, affinity_matrix, knowledge, sample_weight, monitor)
        (embedding,) = fit.of_all_rows(rows, [in_precision(rows.dtype)])
        self._publish_fit(fit, embedding_=embedding)
        monitor.close(f"{self.n_components} components")
        return self

    def _check_parameters(self, sample: Sample) -> None:
        super()._check_parameters(sample)
        if self.n_components >= len(sample):
            raise ValueError(
                f"n_components={self.n_components} must be less than "
                f"{row_limit(self.max_samples, len(sample))}."
            )

    def _components(self) -> EmbeddingComponents:
        return EmbeddingComponents(self.n_components, self.diffusion_time)

    def _graph_options(self) -> GraphOptions:
        options = super()._graph_options()
        if not callable(self.affinity):
            return options
        # As in scikit-learn's embedding, a function takes all rows, not two.
        return replace(options, affinity_function=self.affinity)

    def _default_gamma(self, n_features: int) -> float:
        return 1.0 / n_features
