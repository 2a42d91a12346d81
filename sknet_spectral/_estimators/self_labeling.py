"""A value of `assign_labels`: labels that a network learns from changed copies."""

from numbers import Integral
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.utils import check_scalar
from sklearn.utils._param_validation import StrOptions

from .._persistence.saving import ESTIMATORS
from .parameter_types import (
    Augmentation,
    Auto,
    LabelRuleName,
    WholeNumbers,
    check_augment,
)

LABEL_RULES = {"auto", "kmeans", "modularity", "discretize", "cluster_qr"}


class SelfLabeling(BaseEstimator):
    """Labels that a network learns from changed copies of the rows.

    A value of `assign_labels` of :class:`SpectralNetClustering`. A rule finds clusters
    first. Then a new network learns to map changed copies of each row to the mean of
    the row's cluster in the embedding, and a row belongs to the nearest mean. Rows in
    the wrong cluster move to the cluster of similar rows, and new rows are mapped
    better.

    The new embedding separates the clusters, and shows little else: `relabel` can merge
    the clusters but not split them. `loss_curve_`, `n_iter_` and `eigenvalues_`
    describe the first network, in whose embedding the clusters were found. `score`
    measures the new map, which follows the graph less closely: compare fits with a
    scorer of labels.

    Parameters
    ----------
    augment : callable, default=None
        Importable function (rows, generator) that returns changed copies of rows that
        stay in their clusters, such as `ImageShifts()` or `NoisyFeatures()`. Its
        arguments are those of `augment` of :class:`AutoencoderTransformer`, and X must
        be dense. None means that the network learns from the rows as they are.
    assign_labels : {"auto", "kmeans", "modularity", "discretize", "cluster_qr"}, \
            default="auto"
        The rule that finds clusters first.
    max_iter : int or "auto", default="auto"
        Number of epochs of the new network. "auto" means 20 or, on small data, as many
        as give 1,000 steps, up to 100.

    See Also
    --------
    ImageShifts, NoisyFeatures : Ready values of `augment`.

    References
    ----------
    Van Gansbeke et al., "SCAN: Learning to classify images without labels", ECCV 2020,
    section 2.3. Lee, "Pseudo-label: The simple and efficient semi-supervised learning
    method for deep neural networks", ICML workshop 2013.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknet_spectral import ImageShifts, SelfLabeling, SpectralNetClustering
    >>> X, _ = load_digits(n_class=4, return_X_y=True)
    >>> labeling = SelfLabeling(ImageShifts((8, 8)), max_iter=5)
    >>> model = SpectralNetClustering(4, assign_labels=labeling, random_state=0).fit(X)
    >>> model.cluster_centers_.shape
    (4, 4)
    """

    _parameter_constraints: dict = {
        "augment": [callable, None],
        "assign_labels": [StrOptions(LABEL_RULES)],
        "max_iter": [
            WholeNumbers(1),
            StrOptions({"auto"}),
        ],
    }

    def __init__(
        self,
        augment: Augmentation | None = None,
        *,
        assign_labels: LabelRuleName = "auto",
        max_iter: int | Auto = "auto",
    ) -> None:
        self.augment = augment
        self.assign_labels = assign_labels
        self.max_iter = max_iter

    def check(self, X: Any) -> None:
        """Refuse wrong parameters, before anything takes long.

        Parameters
        ----------
        X : {ndarray, csr_matrix} of shape (n_rows, n_features)
            The rows.

        Raises
        ------
        ValueError
            If a parameter is wrong, or the augmentation returns wrong rows.
        TypeError
            If the augmentation returns no tensor or another dtype, or X is sparse and
            there is an augmentation.
        """
        self._validate_params()
        check_augment(self.augment, X)

    def check_merge(self, n_clusters: int, n_learned: int) -> None:
        """Refuse more clusters than were learned.

        Parameters
        ----------
        n_clusters : int
            Number of clusters that are wanted.
        n_learned : int
            Number of clusters that were learned.

        Raises
        ------
        TypeError
            If `n_clusters` is no integer.
        ValueError
            If `n_clusters` is less than one, or more than `n_learned`.
        """
        check_scalar(n_clusters, "n_clusters", Integral, min_val=1)
        if n_clusters > n_learned:
            raise ValueError(
                f"n_clusters={n_clusters} must not exceed {n_learned}: clusters that "
                "a SelfLabeling has learned can be merged, but not split. For more, "
                f"fit again with n_clusters={n_clusters}."
            )


ESTIMATORS[SelfLabeling.__name__] = SelfLabeling
