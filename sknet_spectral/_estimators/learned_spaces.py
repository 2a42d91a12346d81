"""The spaces that `affinity` can learn by name."""

from typing import Any

from sklearn.pipeline import make_union

from .autoencoder import AutoencoderTransformer
from .siamese import SiameseTransformer

_CODE_LENGTH = 10


def space_transformer(
    affinity: str,
    n_features: int,
    *,
    metric: str,
    device: str,
    n_jobs: int | None,
    verbose: int | bool,
) -> Any:
    """Make the transformer that learns the space of an affinity.

    Parameters
    ----------
    affinity : {"siamese", "autoencoder"}
        The affinity.
    n_features : int
        Number of features of the rows. Codes are no longer than rows.
    metric : str
        The metric by which the Siamese network pairs rows.
    device : str
        Where to train.
    n_jobs : int or None
        Number of threads of the search for pairs.
    verbose : int or bool
        Whether to show progress.

    Returns
    -------
    transformer
        The transformer, not yet fitted and without a seed. "autoencoder" has two
        autoencoders side by side, since they fail on different rows.
    """
    if affinity == "siamese":
        return SiameseTransformer(
            metric=metric, device=device, n_jobs=n_jobs, verbose=verbose
        )
    length = min(_CODE_LENGTH, n_features)
    one, another = (
        AutoencoderTransformer(length, device=device, verbose=verbose) for _ in range(2)
    )
    return make_union(one, another)
