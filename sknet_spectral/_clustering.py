"""SpectralNetClustering: labels from the learned eigenspace."""

from numbers import Integral

import numpy as np
from sklearn.base import ClusterMixin, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted, validate_data

from ._assignment import fit_centers, nearest_center, unit_rows
from ._base import ROWS_DTYPE, BaseSpectralNet


class SpectralNetClustering(ClusterMixin, BaseSpectralNet):
    """Spectral clustering by a network that also labels new rows.

    A network learns the map of rows into the lowest eigenvectors of their
    neighbour graph's Laplacian. K-means on its outputs gives the clusters.

    Parameters
    ----------
    n_clusters : int, default=8
        Number of clusters.
    eigen_solver : {"arpack", "lobpcg", "amg", "stochastic"}, default=None
        How the eigenspace is found. None means "arpack". The first three compute
        the graph's eigenvectors and fit the network to them; "amg" needs pyamg.
        "stochastic" is the paper's training: the constrained spectral loss
        alone, from random weights.
    n_components : int, default=None
        Number of eigenvectors, the constant one counted; None means `n_clusters`.
    random_state : int, RandomState instance or None, default=None
        The only source of randomness.
    n_init : int, default=10
        Runs of k-means, of which the best is kept.
    gamma : float, default=None
        Coefficient of ``weights="heat"``; None means 1.0.
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
    labels_ : ndarray of shape (n_samples,)
        Cluster of each training row, int32, numbered from zero.
    cluster_centers_ : ndarray of shape (n_clusters, n_components)
        Centres in the embedding; rows of unit length for the normalised
        Laplacian.
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
    SpectralNetEmbedding : The embedding alone.
    sklearn.cluster.SpectralClustering : Exact, without `predict`.

    References
    ----------
    Shaham, Stanton, Li, Nadler, Basri, Kluger, "SpectralNet: Spectral Clustering
    using Deep Neural Networks", ICLR 2018, arXiv 1801.01587.

    Examples
    --------
    >>> from sklearn.datasets import make_moons
    >>> from sknet_spectral import SpectralNetClustering
    >>> X, y = make_moons(300, noise=0.05, random_state=0)
    >>> model = SpectralNetClustering(2, random_state=0).fit(X)
    >>> model.predict(X[:5]).shape
    (5,)
    """

    _parameter_constraints: dict = {
        **BaseSpectralNet._parameter_constraints,
        "n_clusters": [Interval(Integral, 1, None, closed="left")],
        "n_components": [Interval(Integral, 1, None, closed="left"), None],
        "n_init": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        n_clusters=8,
        *,
        eigen_solver=None,
        n_components=None,
        random_state=None,
        n_init=10,
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
        self.n_clusters = n_clusters
        self.eigen_solver = eigen_solver
        self.n_components = n_components
        self.random_state = random_state
        self.n_init = n_init
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
        """Learn the map and the clusters of rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training rows, at least two.
        y : None
            Ignored.

        Returns
        -------
        SpectralNetClustering
            The fitted estimator.

        Raises
        ------
        ValueError
            If X has fewer rows than `n_clusters` or `n_components`, or entries
            that are not finite.
        """
        X = self._validate_training_rows(X)
        n_components = self.n_components or self.n_clusters
        for name, value in [
            ("n_clusters", self.n_clusters),
            ("n_components", n_components),
        ]:
            if value > len(X):
                raise ValueError(f"{name}={value} must not exceed n_samples={len(X)}.")
        embedding = self._fit_map(
            X,
            n_components,
            most_components=min(self.n_clusters, n_components),
            constant_first=True,
        )
        points = self._points(embedding)
        self.cluster_centers_ = fit_centers(
            points,
            self.n_clusters,
            n_init=self.n_init,
            random_state=check_random_state(self.random_state),
        )
        self.labels_ = nearest_center(points, self.cluster_centers_)
        self.embedding_ = embedding.astype(X.dtype, copy=False)
        self._n_features_out = n_components
        return self

    def predict(self, X):
        """Label rows by the nearest centre, each row by itself.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        ndarray of shape (n_samples,)
            Their clusters, int32.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If X does not have the training rows' features.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=ROWS_DTYPE)
        return nearest_center(self._points(self._transform(X)), self.cluster_centers_)

    def _points(self, embedding):
        normalize = self.laplacian == "normalized" and embedding.shape[1] > 1
        return unit_rows(embedding) if normalize else np.asarray(embedding)

    def _default_gamma(self, n_features):
        return 1.0
