"""SpectralNetEmbedding: the learned eigenspace as a transformer."""

from numbers import Integral

from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval

from ._base import BaseSpectralNet


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
        Coefficient of ``weights="heat"``; None means 1 / n_features.
    n_neighbors : int, default=None
        Neighbours of each row, the row itself not counted; None means 15, and
        never more than there are other rows.
    weights : {"local_scaling", "heat", "uniform", "fuzzy"}, \
            default="local_scaling"
        How distances become affinities: exp(-d^2 / (s_i s_j)) with s_i the
        distance to the 7th neighbour; exp(-gamma d^2); one; UMAP's memberships.
    metric : str, default="euclidean"
        Any metric of pynndescent that needs no further argument.
    laplacian : {"normalized", "unnormalized"}, default="normalized"
        Which graph Laplacian.
    eigen_tol : float or "auto", default="auto"
        Residual at which the eigensolver stops; "auto" means 1e-6.
    hidden_layer_sizes : int or sequence of int, default=(512, 512)
        Widths of the network's hidden layers.
    max_iter : int or "auto", default="auto"
        Epochs at the most; "auto" means 10 (20 for "stochastic"), or as many as
        give 300 steps.
    batch_size : int or "auto", default="auto"
        Rows of a step (edges for "stochastic"); "auto" means 1,024, and at least
        200 times the outputs for "stochastic".
    learning_rate_init : float, default=2e-3
        Largest learning rate of Adam; Muon's, for inner layers, is 20 times it.
    tol : float, default=1e-3
        Training ends when the mean loss of an epoch falls below it.
    device : str, default="auto"
        Where the network trains: "auto", "cpu", "cuda" or what else torch knows.
    n_jobs : int, default=None
        Threads of the neighbour search.
    verbose : int or bool, default=False
        Whether to show a progress bar a stage, on stderr.

    Attributes
    ----------
    embedding_ : ndarray of shape (n_samples, n_components)
        Embedding of the training rows.
    affinity_matrix_ : csr_matrix of shape (n_samples, n_samples)
        Affinities of the training rows.
    eigenvalues_ : ndarray of shape (n_components,)
        Ritz values of the map: upper bounds of the Laplacian's eigenvalues.
    n_connected_components_ : int
        Components of the neighbour graph, before any were joined.
    n_neighbors_ : int
        Neighbours used.
    gamma_ : float
        Coefficient used by "heat".
    network_ : torch.nn.Module
        The fitted map, in float64 on the CPU.
    loss_curve_ : list of float
        Mean loss of each epoch.
    n_iter_ : int
        Number of epochs.
    n_features_in_ : int
        Number of features of the training rows.
    feature_names_in_ : ndarray of shape (n_features_in_,)
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
    }

    def __init__(
        self,
        n_components=2,
        *,
        eigen_solver=None,
        random_state=None,
        gamma=None,
        n_neighbors=None,
        weights="local_scaling",
        metric="euclidean",
        laplacian="normalized",
        eigen_tol="auto",
        hidden_layer_sizes=(512, 512),
        max_iter="auto",
        batch_size="auto",
        learning_rate_init=2e-3,
        tol=1e-3,
        device="auto",
        n_jobs=None,
        verbose=False,
    ):
        self.n_components = n_components
        self.eigen_solver = eigen_solver
        self.random_state = random_state
        self.gamma = gamma
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.metric = metric
        self.laplacian = laplacian
        self.eigen_tol = eigen_tol
        self.hidden_layer_sizes = hidden_layer_sizes
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.tol = tol
        self.device = device
        self.n_jobs = n_jobs
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Learn the map of rows into the eigenspace.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training rows, more than `n_components`.
        y : None
            Ignored.

        Returns
        -------
        SpectralNetEmbedding
            The fitted estimator.

        Raises
        ------
        ValueError
            If X has too few rows, or entries that are not finite.
        """
        X = self._validate_training_rows(X)
        if self.n_components >= len(X):
            raise ValueError(
                f"n_components={self.n_components} must be less than "
                f"n_samples={len(X)}."
            )
        embedding = self._fit_map(
            X,
            self.n_components,
            most_components=self.n_components + 1,
            constant_first=False,
        )
        self.embedding_ = embedding.astype(X.dtype, copy=False)
        self._n_features_out = self.n_components
        return self

    def fit_transform(self, X, y=None):
        """Learn the map and return the embedding of the training rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training rows.
        y : None
            Ignored.

        Returns
        -------
        ndarray of shape (n_samples, n_components)
            The same as ``fit(X).transform(X)``.
        """
        return self.fit(X, y).embedding_

    def _default_gamma(self, n_features):
        return 1.0 / n_features
