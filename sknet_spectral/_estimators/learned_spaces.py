"""The spaces that `affinity` can learn by name."""

from typing import Any

from sklearn.pipeline import make_union

from .autoencoder import AutoencoderTransformer
from .siamese import SiameseTransformer

_CODE_LENGTH = 10


def space_transformer(
    affinity: Any,
    n_features: int,
    *,
    metric: Any,
    device: str,
    n_jobs: Any,
    verbose: int,
) -> Any:
    """Make the transformer that learns the space of an affinity.

    Parameters
    ----------
    affinity : str or callable
        The affinity.
    n_features : int
        Number of features of the rows; codes are no longer.
    metric : str or callable
        By which the Siamese network pairs rows.
    device : str
        Where to train.
    n_jobs : int or None
        Number of threads of the search for pairs.
    verbose : int
        Whether to show progress.

    Returns
    -------
    transformer or None
        The transformer, not yet fitted and without a seed. "autoencoder" has two
        autoencoders side by side: they fail on different rows. None if the affinity
        learns no space.
    """
    if affinity == "siamese":
        return SiameseTransformer(
            metric=metric, device=device, n_jobs=n_jobs, verbose=verbose
        )
    if affinity == "autoencoder":
        options: dict[str, Any] = {"device": device, "verbose": verbose}
        length = min(_CODE_LENGTH, n_features)
        one, another = (AutoencoderTransformer(length, **options) for _ in range(2))
        return make_union(one, another)
    return None
