"""One seed for each stage of a fit."""

from dataclasses import dataclass, fields

import numpy as np
from sklearn.utils import check_random_state


@dataclass(frozen=True)
class Seeds:
    """The seeds of the stages, so that none depends on what another has drawn.

    Attributes
    ----------
    sample, space, neighbors, eigenvectors, components : int
        Up to the eigenvectors.
    network, decoder, training, kept_rows : int
        The map of rows.
    labels, tree : int
        The clusters.
    copies : int
        The map of changed copies of rows.
    """

    sample: int
    space: int
    neighbors: int
    eigenvectors: int
    components: int
    network: int
    decoder: int
    training: int
    kept_rows: int
    labels: int
    tree: int
    copies: int


def draw_seeds(random_state: int | np.random.RandomState | None) -> Seeds:
    """Draw the seeds of all stages.

    Parameters
    ----------
    random_state : int, RandomState instance or None
        The source of randomness of the user.

    Returns
    -------
    Seeds
        The seeds. A number always gives the same ones.
    """
    generator = check_random_state(random_state)
    drawn = generator.randint(np.iinfo(np.int32).max, size=len(fields(Seeds)))
    return Seeds(*drawn.tolist())
