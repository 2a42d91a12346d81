"""SpectralNetClustering: labels from the learned eigenspace."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClusterMixin, _fit_context
from sklearn.utils._param_validation import Interval, RealNotInt, StrOptions

from .._fit.labels.assignment import ROTATIONS, check_rule
from .._fit.labels.cluster_components import ClusterComponents
from .._fit.labels.clusters import find_clusters
from .._fit.labels.collapse_warning import warn_if_collapsed, warn_of_one
from .._fit.labels.copies import learn_from_copies
from .._fit.labels.label_choice import LabelOptions
from .._fit.labels.relabelling import (
    FittedClusters,
    cut_tree,
    label_training_rows,
    learn_again,
)
from .._fit.progress import describe_clusters
from .._fit.sample.knowledge import Knowledge
from .._fit.sample.sampling import Sample, row_limit
from .._fit.seeds import draw_seeds
from .._forked_process import prepare_forked_process
from .._rows.opening import open_rows
from .._rows.rows import Result
from .after_dense_fit import AfterDenseFit
from .fitted_state import check_in_file, fitted_copy
from .network_estimator import in_precision
from .parameter_types import (
    AffinityName,
    Auto,
    EigenSolver,
    LabelRuleName,
    LaplacianName,
    LayerSizes,
    NetworkFunction,
    Path,
    Seed,
    Weights,
    WholeNumbers,
)
from .self_labeling import LABEL_RULES, SelfLabeling
from .spectral import BaseSpectralNet


class SpectralNetClustering(ClusterMixin, BaseSpectralNet):
    """Spectral clustering with a network that also labels new rows.

    A network learns to map rows to the lowest eigenvectors of the Laplacian of their
    neighbour graph. Clusters are then found among its outputs.

    Parameters
    ----------
    n_clusters : int or "auto", default=8
        Number of clusters. "auto" merges small groups of rows until the borders between
        them cost less than cuts through them; the "parameter_free" graph has a rule of
        its own. The number is at most 20, and a warning appears if it is one.
    eigen_solver : {"arpack", "lobpcg", "amg", "stochastic"}, default=None
        How to find the eigenspace. None means "arpack". "arpack", "lobpcg" and "amg"
        compute the eigenvectors of the graph and fit the network to them; "amg" needs
        pyamg. "stochastic" is the training of the paper: it starts from random weights
        and uses the constrained spectral loss alone.
    n_components : int or "auto", default=None
        Number of eigenvectors, including the constant one. None means as many as
        clusters. "auto" tries every number from `n_clusters` to 1.4 times as many, and
        uses the one whose clusters have the largest `metrics.modularity`. If a Siamese
        network has learned the graph, modularity is measured on the graph of the
        original rows.
    random_state : int, RandomState instance or None, default=None
        The only source of randomness.
    n_init : int, default=10
        Number of runs of k-means. The run with the smallest inertia is kept. With
        ``n_components="auto"``, there are at least 40 runs. Of those whose inertia is
        within a tenth of the smallest, the run with the largest modularity is kept.
    min_cluster_size : int or float, default=None
        Smallest number of rows of a piece or group of the graph that is a cluster, or
        their share of the rows of the graph. A smaller piece of the graph is no
        cluster: each of its rows joins the cluster of the nearest row of a larger
        piece. A smaller group that is connected to others takes no component. k-means,
        "discretize" and "cluster_qr" can still cut a larger piece into smaller
        clusters. For pieces, None means 1/20 of the mean cluster size, or 1/5 if
        smaller pieces would take more than half of the clusters, but less if they hold
        more than a quarter of the rows. If there are as many pieces as clusters, each
        is a cluster. For groups, None means 1/30, or 1/6 if the eigenvalues have a
        larger gap after `n_clusters` without groups of this size, but "discretize" and
        "cluster_qr" use the lowest eigenvectors, whatever they are. One or two smaller
        pieces or groups, of 10 rows or more and 1/500 of the mean, are clusters all the
        same if `n_clusters` counts them: if the eigenvalues have a gap after so many,
        and none without these groups.
    gamma : float, default=None
        Coefficient of ``weights="heat"`` and of the kernels. None means 1.0.
    affinity : str or callable, default="nearest_neighbors"
        How to build the graph. "nearest_neighbors" joins each row to its nearest
        neighbours. "siamese" does the same in a space learned by a
        `SiameseTransformer`, and "autoencoder" in the codes of two autoencoders.
        "parameter_free" chooses neighbours from the density around each row, for up to
        20,000 rows. "rbf" or another kernel of scikit-learn gives a dense matrix.
        "precomputed" means that X contains affinities; "precomputed_nearest_neighbors"
        means that X contains sparse distances to neighbours. A callable takes two rows
        and returns their affinity.
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
    assign_labels : {"auto", "kmeans", "modularity", "discretize", "cluster_qr"} or \
            SelfLabeling, default="auto"
        How to turn the embedding into labels. "kmeans" clusters its rows, at unit
        length for the normalised Laplacian. "modularity" cuts the embedding into small
        parts, and merges them into clusters of large `metrics.modularity` on the graph;
        a row then belongs to the cluster of the nearest part. "auto" is "kmeans", or
        "modularity" if its clusters have a larger modularity and no larger
        `metrics.normalized_cut` (within 5 %), measured as for `n_components`. "auto" is
        a partition of the graph itself if that is better still and the small parts, as
        clusters of most of their rows, reproduce the labels of 96.5 % of the rows.
        "auto" is k-means on rows that keep their length if its cut is less than two
        fifths of the best so far, as for clusters of very unequal sizes. With fewer
        than 75 rows for each cluster, or for a mesh given as affinities, such as the
        pixels of an image, "auto" is "kmeans". "discretize" finds the nearest partition
        matrix, and "cluster_qr" uses column-pivoted QR; both need as many components as
        clusters. With a `SelfLabeling`, a network then learns the labels from changed
        copies of the rows.
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
        Whether to show a progress bar for each stage, and at the end the sizes of the
        clusters and the seconds of each stage, on stderr. As in scikit-learn, it also
        prints the steps of k-means.

    Attributes
    ----------
    labels_ : {ndarray, dask.array.Array} of shape (n_samples,)
        Cluster of each training row, int32, numbered from zero. For Dask input, it is
        lazy.
    n_clusters_ : int
        Number of clusters: the number requested, or the number found by "auto". It is
        smaller than requested if fewer rows are distinct, if `min_cluster_size` leaves
        fewer clusters, or if "discretize" or "cluster_qr" leaves one empty.
    cluster_centers_ : ndarray of shape (n_clusters, n_components)
        Centres found by k-means, `n_clusters_` of them, among the rows of the
        embedding, which have unit length for the normalised Laplacian. Absent if
        another rule made the labels.
    temperature_ : float
        Temperature of `predict_proba`: how much the logarithms of squared distances
        must differ to count.
    exemplars_ : list of ndarray of shape (at most 10,)
        For each cluster, positions of the training rows that stand for it, the most
        typical first. If `max_samples` left rows out, they are among those drawn.
    least_certain_ : ndarray of shape (at most 10,)
        Positions of the training rows that lie closest to the border between two
        clusters, the least certain first.
    children_ : ndarray of shape (n_leaves - 1, 2)
        Merges of the cluster tree, in the form of
        `sklearn.cluster.AgglomerativeClustering`. The leaves are small groups of rows
        within the clusters. Node i < `n_leaves_` is a leaf; merge i makes node
        `n_leaves_` + i. The first merges lead up to the clusters of `labels_`, the last
        ``n_clusters_ - 1`` join these. See `relabel`.
    distances_ : ndarray of shape (n_leaves - 1,)
        Height of each merge, in ascending order: Ward's distance between the two nodes,
        which is the square root of twice the increase of the sum of squares. It is
        measured in commute times on the graph. A merge within a cluster is never higher
        than the first one between clusters.
    n_leaves_ : int
        Number of leaves of the tree: about 100, or 10 times as many as clusters if that
        is more, but about a fifth of the rows of the graph at most. Each cluster has
        one leaf or more, and rows that are all alike make one.
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
        All eigenvalues of the Laplacian that were computed, in ascending order, without
        eigenvalues of groups too small for a cluster. For "stochastic", they are the
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
            WholeNumbers(1),
            StrOptions({"auto"}),
        ],
        "n_components": [
            WholeNumbers(1),
            StrOptions({"auto"}),
            None,
        ],
        "n_init": [WholeNumbers(1)],
        "min_cluster_size": [
            WholeNumbers(1),
            Interval(RealNotInt, 0, 1, closed="neither"),
            None,
        ],
        "assign_labels": [StrOptions(LABEL_RULES), SelfLabeling],
    }

    def __init__(
        self,
        n_clusters: int | Auto = 8,
        *,
        eigen_solver: EigenSolver | None = None,
        n_components: int | Auto | None = None,
        random_state: Seed = None,
        n_init: int = 10,
        min_cluster_size: int | float | None = None,
        gamma: float | None = None,
        affinity: AffinityName = "nearest_neighbors",
        n_neighbors: int | None = None,
        weights: Weights = "local_scaling",
        metric: str = "euclidean",
        affinity_transformer: Any = None,
        laplacian: LaplacianName = "normalized",
        eigen_tol: float | Auto = "auto",
        assign_labels: LabelRuleName | SelfLabeling = "auto",
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
    ) -> None:
        self.n_clusters = n_clusters
        self.eigen_solver = eigen_solver
        self.n_components = n_components
        self.random_state = random_state
        self.n_init = n_init
        self.min_cluster_size = min_cluster_size
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
        X: Any,
        y: Any = None,
        sample_weight: ArrayLike | None = None,
        *,
        affinity_matrix: Any = None,
        partial_labels: ArrayLike | None = None,
        must_link: ArrayLike | None = None,
        cannot_link: ArrayLike | None = None,
    ) -> Self:
        """Learn the map and the clusters of the training rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows, at least two, or a graph of shape (n_samples, n_samples) if
            `affinity` takes one. An array on disk, such as a `numpy.memmap` or a
            dataset of HDF5 or Zarr, is read in chunks of at most 4,096 rows if
            `max_samples` is less than its number of rows. For Dask input, `max_samples`
            rows (all rows if None) are gathered in a single computation.
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
        SpectralNetClustering
            The fitted estimator.

        Raises
        ------
        ValueError
            If X has fewer rows than `n_clusters` or `n_components`, or contains values
            that are not finite; if affinities are negative, or their matrix is not
            square; if a graph as X has no edges; if constraints contradict each other
            or refer to rows that do not exist; if a `SelfLabeling` is given and
            `affinity` takes graphs, or its `augment` returns rows of another shape or
            that are not finite, changes its rows in place, or draws from elsewhere than
            its generator.
        TypeError
            If `augment` of a `SelfLabeling` returns no tensor or another dtype, or is
            given although X is sparse.
        """
        knowledge = Knowledge(partial_labels, must_link, cannot_link)
        monitor = self._monitor()
        rows, fit = self._learn(X, affinity_matrix, knowledge, sample_weight, monitor)
        with monitor.stage("labels"):
            clusters = find_clusters(fit, self._label_options())
        if isinstance(self.assign_labels, SelfLabeling):
            fit, clusters = learn_from_copies(
                fit,
                clusters,
                self.assign_labels.augment,
                replace(self._training_options(), max_iter=self.assign_labels.max_iter),
                unit_length=self.laplacian == "normalized",
            )
        with monitor.stage("labels"):
            finish = [in_precision(rows.dtype), clusters.rule.labels]
            embedding, labels = fit.of_all_rows(rows, finish)
        self._publish_fit(
            fit,
            embedding_=embedding,
            labels_=labels,
            _label_seed=fit.run.seeds.labels,
            **clusters.attributes(),
        )
        if self.n_clusters == "auto" and clusters.n_clusters == 1:
            warn_of_one()
        monitor.close(describe_clusters(clusters.labels))
        warn_if_collapsed(
            fit.graph,
            clusters.labels,
            self._graph_options(),
            n_components=embedding.shape[1],
            metric=self.metric,
            min_cluster_size=self.min_cluster_size,
        )
        return self

    def predict(self, X: Any) -> Result:
        """Label each row by itself, using the rule that `fit` learned.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows, as for `transform`.

        Returns
        -------
        {ndarray, dask.array.Array} of shape (n_samples,)
            Cluster of each row, int32.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If X does not have the features of the training rows.
        """
        self = fitted_copy(self)
        return self._of_embedding(X, self._rule.labels)

    @AfterDenseFit
    def predict_proba(self, X: Any) -> Result:
        """Return how likely each row belongs to each cluster.

        The probabilities are in proportion to ``(s + d^2) ** (-1 / temperature_)``,
        which is Student's t kernel: d is the distance to a cluster in the embedding,
        for k-means to its centre, and s the mean squared distance of the training rows
        to their own clusters. The temperature is chosen so that the probabilities best
        predict to which clusters the edges of the graph lead. The probabilities say how
        clearly the graph separates the clusters, not whether a cluster is one class of
        your data. The method exists only after a fit on dense rows: otherwise
        scikit-learn would take the estimator for a classifier. Reduce sparse rows with
        `TruncatedSVD` first.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows, as for `transform`.

        Returns
        -------
        {ndarray, dask.array.Array} of shape (n_samples, n_clusters)
            Probabilities, float64, in `n_clusters_` columns. Each row sums to one, and
            its largest entry is that of the cluster that `predict` returns.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If X does not have the features of the training rows, or the estimator was
            loaded from a file of an earlier version.
        """
        self = fitted_copy(self)
        check_in_file(self, "_memberships", "predict_proba needs probabilities")
        return self._of_embedding(X, partial(self._memberships, self._rule))

    def relabel(
        self, n_clusters: int, X: Any = None, *, nested: bool = False
    ) -> Result:
        """Label rows with another number of clusters.

        The embedding is reused, and the estimator does not change. By default, the rule
        of `assign_labels` is learned again from the embedding of the training rows,
        with the seed of the fit: clusters have the same numbers in each call. With
        ``n_components="auto"``, the run of k-means is chosen by its modularity on
        `affinity_matrix_`.

        Parameters
        ----------
        n_clusters : int
            Number of clusters.
        X : {array-like, sparse matrix} of shape (n_samples, n_features), default=None
            The rows, as for `predict`. None means the training rows.
        nested : bool, default=False
            Whether to cut the cluster tree instead, which works for any rule of
            `assign_labels`. Partitions into different numbers of clusters then nest,
            and the partition into `n_clusters_` is `labels_`. Clusters are numbered in
            the order of their first leaves.

        Returns
        -------
        {ndarray, dask.array.Array} of shape (n_samples,)
            Cluster of each row, int32.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        TypeError
            If `n_clusters` is no integer.
        ValueError
            If `n_clusters` exceeds the number of training rows in the graph or, if
            nested, `n_leaves_`, or, with a `SelfLabeling`, `n_clusters_`; if
            `assign_labels` is "discretize" or "cluster_qr", nothing is nested and
            `n_clusters` differs from the number of components; if the tree is wanted,
            and the estimator was loaded from a file of an earlier version.

        Warns
        -----
        UserWarning
            If the embedding tells fewer clusters apart, as one of a single component
            does.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sknet_spectral import SpectralNetClustering
        >>> X, _ = load_iris(return_X_y=True)
        >>> model = SpectralNetClustering(3, n_neighbors=30, random_state=0).fit(X)
        >>> two = model.relabel(2, nested=True)
        >>> [len(set(two[model.labels_ == cluster])) for cluster in range(3)]
        [1, 1, 1]
        """
        self = fitted_copy(self)
        if isinstance(n_clusters, bool):
            raise TypeError(f"n_clusters must be an integer, got {n_clusters}.")
        prepare_forked_process()
        fitted = FittedClusters(
            self._rule,
            self.n_clusters_,
            self.n_clusters_ if self.n_clusters == "auto" else self.n_clusters,
            self.embedding_,
            getattr(self, "sample_indices_", None),
            self.affinity_matrix_,
        )
        if isinstance(self.assign_labels, SelfLabeling):
            self.assign_labels.check_merge(n_clusters, self.n_clusters_)
        if nested:
            check_in_file(self, "_tree", "nested=True cuts the cluster tree")
            rule = cut_tree(fitted, self._tree, n_clusters)
        else:
            rule = learn_again(
                fitted, n_clusters, self._label_options(), self._seed_of_labels()
            )
        if X is not None:
            return self._of_embedding(X, rule.labels)
        return label_training_rows(fitted, rule)

    def _seed_of_labels(self) -> int:
        """Return the seed of the fit, so that clusters keep their numbers."""
        if hasattr(self, "_label_seed"):
            return self._label_seed
        # The file is of an earlier version.
        return draw_seeds(self.random_state).labels

    def _of_embedding(
        self, X: Any, function: Callable[[np.ndarray], np.ndarray]
    ) -> Result:
        """Apply a function of the embedding to rows."""
        rows = open_rows(self, X, reset=False)
        (result,) = rows.map(self._row_map(), self._n_features_out, [function])
        return result

    def _components(self) -> ClusterComponents:
        min_group_size = self.min_cluster_size
        if min_group_size is None and self._rule_name in ROTATIONS:
            min_group_size = 1
        return ClusterComponents(
            n_clusters=None if self.n_clusters == "auto" else self.n_clusters,
            n_components=None if self.n_components == "auto" else self.n_components,
            compares_partitions=self.n_components == "auto",
            unit_length=self.laplacian == "normalized",
            min_cluster_size=self.min_cluster_size,
            min_group_size=min_group_size,
        )

    def _check_parameters(self, sample: Sample) -> None:
        super()._check_parameters(sample)
        n_samples = len(sample)
        for name in ("n_clusters", "n_components", "min_cluster_size"):
            value = getattr(self, name)
            if value not in ("auto", None) and value > n_samples:
                limit = row_limit(self.max_samples, n_samples)
                raise ValueError(f"{name}={value} must not exceed {limit}.")
        n_components = self.n_components
        if n_components == "auto" or (n_components and self.n_clusters != "auto"):
            check_rule(self._rule_name, n_components, self.n_clusters)
        if isinstance(self.assign_labels, SelfLabeling):
            self._check_features("assign_labels=SelfLabeling(...)", "name a rule")
            self.assign_labels.check(sample.rows)

    @property
    def _rule_name(self) -> str:
        """The rule that finds clusters in the embedding."""
        rule = self.assign_labels
        return rule.assign_labels if isinstance(rule, SelfLabeling) else rule

    def _label_options(self) -> LabelOptions:
        return LabelOptions(
            assign_labels=self._rule_name,
            compares_partitions=self.n_components == "auto",
            unit_length=self.laplacian == "normalized",
            n_init=self.n_init,
            min_cluster_size=self.min_cluster_size,
            of_given_graph=self.affinity == "precomputed",
            verbose=bool(self.verbose),
        )

    def _default_gamma(self, n_features: int) -> float:
        return 1.0
