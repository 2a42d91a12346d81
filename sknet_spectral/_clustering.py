"""SpectralNetClustering: labels from the learned eigenspace."""

from numbers import Integral

import numpy as np
from sklearn.base import ClusterMixin, _fit_context
from sklearn.utils import check_random_state, check_scalar
from sklearn.utils._param_validation import Interval, StrOptions

from ._assignment import assignment_rule, check_rule
from ._base import BaseSpectralNet
from ._engine.device import prepare_forked_process
from ._graph.laplacian import LEAST_SHARE, MOST_CLUSTERS
from ._modular_choice import (
    most_auto_components,
    most_modular_centers,
    most_modular_components,
)
from ._network_estimator import in_precision
from ._stored_rows import is_dask

_AUTO_EIGENVALUES = MOST_CLUSTERS + 2


class SpectralNetClustering(ClusterMixin, BaseSpectralNet):
    """Spectral clustering by a network that also labels new rows.

    A network learns the map of rows into the lowest eigenvectors of their
    neighbour graph's Laplacian. K-means on its outputs gives the clusters.

    Parameters
    ----------
    n_clusters : int or "auto", default=8
        Number of clusters; "auto" takes the largest gap among the first 21
        eigenvalues, or the rule of the "parameter_free" graph, at most 20.
    eigen_solver : {"arpack", "lobpcg", "amg", "stochastic"}, default=None
        How the eigenspace is found. None means "arpack". The first three compute
        the graph's eigenvectors and fit the network to them; "amg" needs pyamg.
        "stochastic" is the paper's training: the constrained spectral loss
        alone, from random weights.
    n_components : int or "auto", default=None
        Number of eigenvectors, the constant one counted; None means as many as
        clusters. "auto" takes one of `n_clusters` to 1.4 times as many: what makes
        clusters of the largest `metrics.modularity`, taken on the rows' own graph where
        a Siamese network has learned another. Where one of these is of fewer rows than
        a fiftieth of a mean cluster, it also tries to pass over eigenvectors that live
        on so few.
    random_state : int, RandomState instance or None, default=None
        The only source of randomness.
    n_init : int, default=10
        Runs of k-means, of which the one of the least inertia is kept; under
        ``n_components="auto"``, of those within a tenth of the least, the one of the
        largest modularity.
    gamma : float, default=None
        Coefficient of ``weights="heat"`` and of the kernels; None means 1.0.
    affinity : str or callable, default="nearest_neighbors"
        How the graph is made: "nearest_neighbors"; "siamese", the same in a space
        learned by `SiameseTransformer`; "parameter_free", neighbours chosen by the
        density around each row, up to 20,000 rows; "rbf" or another kernel of
        scikit-learn (a dense matrix); "precomputed", X is affinities;
        "precomputed_nearest_neighbors", X is sparse distances to neighbours; or a
        function of two rows.
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
    assign_labels : {"kmeans", "discretize", "cluster_qr"}, default="kmeans"
        How the embedding becomes labels: k-means of its rows (at unit length for the
        normalised Laplacian); the nearest partition matrix; column-pivoted QR. The
        last two need as many components as clusters.
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
        Whether to show a progress bar a stage, on stderr, and the steps of k-means.

    Attributes
    ----------
    labels_ : {ndarray, dask.array.Array} of shape (n_samples,)
        Cluster of each training row, int32, numbered from zero; of those of a Dask
        collection, lazy.
    n_clusters_ : int
        Number of clusters asked for, or found by "auto".
    cluster_centers_ : ndarray of shape (n_clusters, n_components)
        Centres of k-means in the embedding, its rows at unit length for the
        normalised Laplacian; absent for the other rules.
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
        "n_clusters": [
            Interval(Integral, 1, None, closed="left"),
            StrOptions({"auto"}),
        ],
        "n_components": [
            Interval(Integral, 1, None, closed="left"),
            StrOptions({"auto"}),
            None,
        ],
        "n_init": [Interval(Integral, 1, None, closed="left")],
        "assign_labels": [StrOptions({"kmeans", "discretize", "cluster_qr"})],
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
        affinity="nearest_neighbors",
        n_neighbors=None,
        weights="local_scaling",
        metric="euclidean",
        affinity_transformer=None,
        laplacian="normalized",
        eigen_tol="auto",
        assign_labels="kmeans",
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
    ):
        self.n_clusters = n_clusters
        self.eigen_solver = eigen_solver
        self.n_components = n_components
        self.random_state = random_state
        self.n_init = n_init
        self.gamma = gamma
        self.affinity = affinity
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.metric = metric
        self.affinity_transformer = affinity_transformer
        self.laplacian = laplacian
        self.eigen_tol = eigen_tol
        self.assign_labels = assign_labels
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
        """Learn the map and the clusters of rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows, at least two; or a graph of shape (n_samples, n_samples),
            where `affinity` says so. An array on disk, such as a `numpy.memmap` or a
            dataset of HDF5 or Zarr, is read in chunks of at most 4,096 rows, and
            never held whole where `max_samples` is less than its rows. Of a Dask
            array or data frame so many rows are gathered in one computation, or all.
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
        SpectralNetClustering
            The fitted estimator.

        Raises
        ------
        ValueError
            If X has fewer rows than `n_clusters` or `n_components`, or entries
            that are not finite; if affinities are negative, or their matrix is not
            square; if constraints contradict each other or name rows that are not
            there.
        """
        X, embedding, compared_on = self._fit(
            X,
            affinity_matrix,
            partial_labels=partial_labels,
            must_link=must_link,
            cannot_link=cannot_link,
        )
        if self.verbose:
            print(f"Computing label assignment using {self.assign_labels}")
        self._rule = self._assignment_rule(embedding, self.n_clusters_, compared_on)
        if self.assign_labels == "kmeans":
            self.cluster_centers_ = self._rule.centers
        self.embedding_, self.labels_ = self._of_all_rows(
            [in_precision(X.dtype), self._rule.labels], X, embedding
        )
        return self

    def predict(self, X):
        """Label rows by the rule that `fit` learned, each row by itself.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows, as for `transform`.

        Returns
        -------
        {ndarray, dask.array.Array} of shape (n_samples,)
            Their clusters, int32.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If X does not have the training rows' features.
        """
        self = self._fitted()
        X = self._open_rows(X, reset=False)
        (labels,) = self._map_rows([self._rule.labels], X, self._n_features_out)
        return labels

    def relabel(self, n_clusters):
        """Label the training rows for another number of clusters.

        One embedding serves many numbers; nothing of the estimator changes. Under
        ``n_components="auto"`` the fit's graph judges the runs of k-means.

        Parameters
        ----------
        n_clusters : int
            Number of clusters.

        Returns
        -------
        {ndarray, dask.array.Array} of shape (n_samples,)
            Clusters of the training rows, int32.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If there are fewer training rows than clusters, or `assign_labels` is not
            "kmeans" and `n_clusters` is not the number of components.
        """
        self = self._fitted()
        prepare_forked_process()
        n_drawn = self.affinity_matrix_.shape[0]
        check_scalar(n_clusters, "n_clusters", Integral, min_val=1, max_val=n_drawn)
        rule = self._rule
        if n_clusters != self.n_clusters_:
            drawn = self.embedding_[getattr(self, "sample_indices_", slice(None))]
            drawn = np.asarray(drawn, dtype=np.float64)
            rule = self._assignment_rule(drawn, n_clusters, self.affinity_matrix_)
        Y = self.embedding_[:].astype(np.float64)
        if is_dask(Y):
            from ._dask_blocks import map_embedding

            return map_embedding(rule.labels, Y)
        return rule.labels(Y)

    _constant_first = True

    def _check_parameters(self, n_samples):
        super()._check_parameters(n_samples)
        for name in ("n_clusters", "n_components"):
            value = getattr(self, name)
            if isinstance(value, Integral) and value > n_samples:
                raise ValueError(
                    f"{name}={value} must not exceed "
                    f"{self._rows_name(n_samples)}={n_samples}."
                )
        n_components = self.n_components
        if n_components == "auto" or (n_components and self.n_clusters != "auto"):
            check_rule(self.assign_labels, n_components, self.n_clusters)

    def _most_connected(self):
        n_clusters = MOST_CLUSTERS if self.n_clusters == "auto" else self.n_clusters
        if isinstance(self.n_components, Integral):
            return min(n_clusters, self.n_components)
        return n_clusters

    def _most_components(self, n_samples):
        most = _AUTO_EIGENVALUES if self.n_clusters == "auto" else self.n_clusters
        if self.n_components == "auto":
            most = most_auto_components(most)
        elif self.n_components is not None:
            most = self.n_components
        if self.n_clusters == "auto":
            most = max(most, _AUTO_EIGENVALUES)
        return min(most, n_samples)

    def _live_on_many(self, graph, Y):
        if self.n_components != "auto" or self.n_clusters == "auto":
            return super()._live_on_many(graph, Y)
        on_many = graph.participation(Y) >= LEAST_SHARE / self.n_clusters
        on_many[0] = True  # the constant one
        return on_many

    def _choose_components(self, choice, graph, eigenvalues, Y):
        self.n_clusters_ = self.n_clusters
        if self.n_clusters == "auto":
            self.n_clusters_ = min(choice.count_clusters(eigenvalues), MOST_CLUSTERS)
        if self.n_components == "auto":
            return most_modular_components(
                Y,
                choice.compared_on,
                self._live_on_many(graph, Y),
                self.n_clusters_,
                unit_length=self.laplacian == "normalized",
                random_state=choice.random_state,
            )
        return np.arange(self.n_components or self.n_clusters_)

    def _assignment_rule(self, embedding, n_clusters, compared_on):
        options = {
            "random_state": check_random_state(self.random_state),
            "unit_length": self.laplacian == "normalized",
            "n_init": self.n_init,
            "verbose": self.verbose,
        }
        if self.n_components == "auto":  # which k-means alone goes with
            return most_modular_centers(embedding, compared_on, n_clusters, **options)
        return assignment_rule(embedding, n_clusters, self.assign_labels, **options)

    def _default_gamma(self, n_features):
        return 1.0
