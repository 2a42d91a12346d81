"""SpectralNetEmbedding: the learned eigenspace as a transformer."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval

from ._base import BaseSpectralNet
from ._graph_building import validated_affinity
from ._network_estimator import in_precision


class SpectralNetEmbedding(BaseSpectralNet):
    """Laplacian eigenmaps by a network that also maps new rows.

    The constant eigenvector is left out, as in
    :class:`sklearn.manifold.SpectralEmbedding`.

    Parameters
    ----------
    n_components : int, default=2
        Number of eigenvectors, the constant one not counted.
    eigen_solver : {"arpack", "lobpcg", "amg", "stochastic"}, default=None
        How the eigenspace is found. None means "arpack". The first three compute
        the graph's eigenvectors and fit the network to them; "amg" needs pyamg.
        "stochastic" is the paper's training: the constrained spectral loss
        alone, from random weights.
    random_state : int, RandomState instance or None, default=None
        The only source of randomness.
    gamma : float, default=None
        Coefficient of ``weights="heat"`` and of the kernels; None means 1 / n_features.
    affinity : str or callable, default="nearest_neighbors"
        How the graph is made: "nearest_neighbors"; "siamese", the same in a space
        learned by `SiameseTransformer`; "parameter_free", neighbours chosen by the
        density around each row, up to 20,000 rows; "rbf" or another kernel of
        scikit-learn (a dense matrix); "precomputed", X is affinities;
        "precomputed_nearest_neighbors", X is sparse distances to neighbours; or a
        function of X that
        returns the affinity matrix.
    n_neighbors : int, default=None
        Neighbours of each row, the row itself not counted. None means 15, and on
        small data at most half of the other rows; stored sparse neighbours are then all
        used.
    weights : {"local_scaling", "heat", "uniform", "fuzzy"}, \
            default="local_scaling"
        How distances become affinities. "local_scaling": exp(-d^2 / (s_i s_j)), s_i
        the distance of row i to its 7th neighbour. "heat": exp(-gamma d^2), one scale
        for all rows. "uniform": 1, or 1/2 where only one of two rows counts the other.
        "fuzzy": UMAP's memberships.
    metric : str, default="euclidean"
        Any metric of pynndescent that needs no further argument; that of the space
        of an `affinity_transformer`, where there is one. "siamese" finds its pairs by
        it, and its graph is Euclidean.
    affinity_transformer : transformer, default=None
        Maps rows into the space in which the graph is built, fitted as a clone to the
        validated array; the network still reads the rows themselves. Seeds that it
        lacks are drawn from `random_state`. A `SiameseTransformer` is given what is
        known of the rows, too.
    laplacian : {"normalized", "unnormalized"}, default="normalized"
        Which graph Laplacian; "unnormalized" tends to split off small groups.
    eigen_tol : float or "auto", default="auto"
        Residual at which the eigensolver stops, in units of the largest eigenvalue.
        "auto" means 1e-6, and less if the next eigenvalue is close. A
        `ConvergenceWarning` says if the residual stays above it.
    degree : float, default=3
        Degree of the polynomial kernel.
    coef0 : float, default=1
        Constant of the polynomial and sigmoid kernels.
    kernel_params : dict, default=None
        Further parameters of a kernel, or all those of a callable.
    hidden_layer_sizes : int, sequence of int or "auto", default="auto"
        Widths of the network's hidden layers. "auto" means (256, 256), and (512, 256)
        from 30,000 rows on.
    network : callable, default=None
        An importable function (n_features_in, n_outputs) that returns a
        torch.nn.Module, instead of the dense one of `hidden_layer_sizes`; such as a
        convolutional network that reshapes rows to images. A transformer that learns
        the graph's space has its own.
    max_iter : int or "auto", default="auto"
        Maximum number of epochs. "auto" means 4, 8 from 4,000 rows on, and 10 from
        30,000 rows on; less where 3,000 steps are reached, and more where these are
        less than 50 steps. For "stochastic" it means 30, or as many as give 600 steps.
    batch_size : int or "auto", default="auto"
        Rows of a step. "auto" means 128, 256 from 4,000 rows on, and 1,024 from
        30,000 rows on. For "stochastic" it counts edges, and "auto" means 1,024 or
        100 times the number of outputs, whichever is more.
    learning_rate_init : float, default=2e-3
        Largest learning rate of Adam; Muon's, for inner layers, is 20 times it.
    tol : float, default=1e-3
        Training ends when the mean loss of an epoch falls below it, and does not begin
        where the network's start reaches it.
    max_samples : int, default=None
        Rows of which the graph is built, drawn at random, where there are more; first
        come those in pairs, then up to half from those with known labels. The network
        maps the others too. None takes all.
    warm_start : bool, default=False
        Whether `fit` goes on from the network of the last fit, with its input
        scaling, instead of from random weights. The graph and its eigenvectors are
        those of the new rows.
    checkpoint_dir : str or os.PathLike, default=None
        A folder where the eigenvectors, and training as it goes, are kept. A fit
        that was killed goes on from there if it is called again with the same rows
        and parameters, and ends with the same bits. It needs an integer
        `random_state`.
    device : str, default="auto"
        Where the network trains: "auto", "cpu", "cuda" or one such as "cuda:1". A GPU
        finds Euclidean neighbours, too, by comparing all rows.
    n_jobs : int, default=None
        Threads of a neighbour search that compares rows one by one, or in a tree. One
        by matrix products takes as many as ``OMP_NUM_THREADS`` allows, pynndescent has
        one.
    verbose : int or bool, default=False
        Whether to show a progress bar a stage, on stderr.
    diffusion_time : float, default=None
        Scale each component by (1 - eigenvalue)^diffusion_time, negative values
        taken as zero, so that distances are diffusion distances (Coifman and Lafon,
        2006). None leaves all components at one scale.

    Attributes
    ----------
    embedding_ : {ndarray, dask.array.Array} of shape (n_samples, n_components)
        Embedding of the training rows; of those of a Dask collection, lazy.
    affinity_matrix_ : {ndarray, csr_matrix} of shape (n_samples, n_samples)
        Affinities of the training rows, as given or built; of those that were drawn,
        where `max_samples` left some out.
    sample_indices_ : ndarray of shape (max_samples,)
        Positions of the rows that were drawn; absent where all were used.
    affinity_transformer_ : transformer
        The fitted transformer; absent where there is none.
    eigenvalues_ : ndarray of shape (n_components,)
        Ritz values of the map: upper bounds of the Laplacian's eigenvalues, or
        those themselves where there is no network.
    n_connected_components_ : int
        Components of the neighbour graph, before any were joined.
    n_neighbors_ : int or None
        Neighbours used; None where the graph is not one of neighbours.
    gamma_ : float
        Coefficient used by "heat" and the kernels.
    network_ : torch.nn.Module
        The fitted map, in float64 on the CPU; absent where only a graph was given.
    loss_curve_ : list of float
        Mean loss of each epoch: the share of the eigenvectors' variance that the map
        misses, or the spectral loss of "stochastic".
    n_iter_ : int
        Number of epochs.
    n_features_in_ : int
        Number of features of the training rows.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where X had names that are all strings.

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
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "diffusion_time": [Interval(Real, 0, None, closed="left"), None],
    }

    def __init__(
        self,
        n_components=2,
        *,
        eigen_solver=None,
        random_state=None,
        gamma=None,
        affinity="nearest_neighbors",
        n_neighbors=None,
        weights="local_scaling",
        metric="euclidean",
        affinity_transformer=None,
        laplacian="normalized",
        eigen_tol="auto",
        degree=3,
        coef0=1,
        kernel_params=None,
        hidden_layer_sizes="auto",
        network=None,
        max_iter="auto",
        batch_size="auto",
        learning_rate_init=2e-3,
        tol=1e-3,
        max_samples=None,
        warm_start=False,
        checkpoint_dir=None,
        device="auto",
        n_jobs=None,
        verbose=False,
        diffusion_time=None,
    ):
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
        X,
        y=None,
        *,
        affinity_matrix=None,
        partial_labels=None,
        must_link=None,
        cannot_link=None,
    ):
        """Learn the map of rows into the eigenspace.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows, more than `n_components`; or a graph of shape
            (n_samples, n_samples), where `affinity` says so. An array on disk, such
            as a `numpy.memmap` or a dataset of HDF5 or Zarr, is read in chunks of at
            most 4,096 rows, and never held whole where `max_samples` is less than
            its rows. Of a Dask array or data frame so many rows are gathered in one
            computation, or all.
        y : None
            Ignored.
        affinity_matrix : {array-like, sparse matrix} of shape \
                (n_samples, n_samples), default=None
            A graph of the rows, instead of the one that `affinity` describes.
        partial_labels : array-like of shape (n_samples,), default=None
            Known labels, numbers, -1 where unknown: rows of equal labels are linked,
            rows of different ones are not. Slices and routes correctly in
            cross-validation.
        must_link, cannot_link : array-like of shape (n_pairs, 2), default=None
            Pairs of rows of this call, by position, that belong together, or apart.
            Cross-validation cannot slice them: use `partial_labels` there.

        Returns
        -------
        SpectralNetEmbedding
            The fitted estimator.

        Raises
        ------
        ValueError
            If X has too few rows, or entries that are not finite; if affinities are
            negative, or their matrix is not square; if constraints contradict each
            other or name rows that are not there.
        """
        X, embedding, _ = self._fit(
            X,
            affinity_matrix,
            partial_labels=partial_labels,
            must_link=must_link,
            cannot_link=cannot_link,
        )
        (self.embedding_,) = self._of_all_rows([in_precision(X.dtype)], X, embedding)
        return self

    _constant_first = False

    def _check_parameters(self, n_samples):
        super()._check_parameters(n_samples)
        if self.n_components >= n_samples:
            raise ValueError(
                f"n_components={self.n_components} must be less than "
                f"{self._rows_name(n_samples)}={n_samples}."
            )

    def _affinity(self, X, random_state):
        if callable(self.affinity):
            W = self.affinity(X, **(self.kernel_params or {}))
            return validated_affinity(W, X.shape[0], f"affinity={self.affinity!r}")
        return super()._affinity(X, random_state)

    def _most_connected(self):
        return self.n_components + 1

    def _most_components(self, n_samples):
        return self.n_components

    def _choose_components(self, choice, graph, eigenvalues, Y):
        return np.arange(self.n_components)

    def _component_scale(self, eigenvalues):
        if self.diffusion_time is None:
            return super()._component_scale(eigenvalues)
        return np.clip(1.0 - eigenvalues, 0.0, None) ** self.diffusion_time

    def _default_gamma(self, n_features):
        return 1.0 / n_features
