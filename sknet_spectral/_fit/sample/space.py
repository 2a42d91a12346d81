"""The space in which the graph is built: the rows' own, or one that is learned."""

from dataclasses import dataclass
from typing import Any

from sklearn.base import clone

from ..._engine.distributed import from_first_rank
from ..._graph.affinities.construction import GRAPH_AFFINITIES
from ..._rows.opening import validate_matrix
from ..._rows.rows import Matrix
from .sampling import Sample

# Affinities whose space this package learns.
LEARNED_AFFINITIES = "autoencoder", "siamese"


@dataclass(frozen=True)
class SpaceOptions:
    """How the space is learned.

    Attributes
    ----------
    transformer : transformer or None
        The transformer, not yet fitted. None means the rows' own space.
    paired_by : str or None
        The metric by which `transformer` pairs rows, if it is a Siamese network. It is
        then also told what is known about the rows.
    checkpoint_dir : str, os.PathLike or None
        Folder of checkpoints for a transformer that has none.
    """

    transformer: Any
    paired_by: str | None
    checkpoint_dir: Any


@dataclass(frozen=True)
class Space:
    """The space, and the rows in it.

    Attributes
    ----------
    Z : {ndarray, csr_matrix} of shape (n_samples, n_components)
        The rows.
    transformer : transformer or None
        The fitted transformer; None means the rows' own space.
    paired_by : str or None
        As in `SpaceOptions`.
    """

    Z: Matrix
    transformer: Any = None
    paired_by: str | None = None


def check_transformer(transformer: Any, affinity: Any) -> None:
    """Refuse a transformer if the affinity leaves it nothing to do.

    Parameters
    ----------
    transformer : transformer or None
        The parameter `affinity_transformer`.
    affinity : str or callable
        The parameter `affinity`.

    Raises
    ------
    ValueError
        If both learn a space, or the affinity takes graphs.
    """
    if transformer is None:
        return
    if affinity in LEARNED_AFFINITIES:
        raise ValueError(
            f"affinity={affinity!r} brings its own transformer, got "
            f"affinity_transformer={transformer!r} too: use "
            "affinity='nearest_neighbors' with it."
        )
    if affinity in GRAPH_AFFINITIES:
        raise ValueError(
            f"affinity_transformer maps features, but affinity={affinity!r} "
            "takes a graph as X."
        )


def learn_space(sample: Sample, options: SpaceOptions, seed: int) -> Space:
    """Fit a clone of the transformer, and map the rows to its space.

    Parameters
    ----------
    sample : Sample
        The rows.
    options : SpaceOptions
        How to learn the space.
    seed : int
        The first of the seeds that the transformer lacks.

    Returns
    -------
    Space
        The space with the rows in it.
    """
    transformer = clone(options.transformer)
    _set_unset(transformer, seed, options.checkpoint_dir)
    known = {} if options.paired_by is None else vars(sample.knowledge)
    transformer.fit(sample.rows, **known)
    # Another rank's transformer may not repeat itself.
    Z = from_first_rank(lambda: transform_to_space(transformer, sample.rows))
    return Space(Z, transformer, options.paired_by)


def transform_to_space(transformer: Any, X: Matrix) -> Matrix:
    """Map rows to a learned space.

    Parameters
    ----------
    transformer : transformer or None
        The fitted transformer; None means the rows' own space.
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The rows.

    Returns
    -------
    {ndarray, csr_matrix} of shape (n_samples, n_components)
        The rows in that space.

    Raises
    ------
    ValueError
        If the transformer returns a different number of rows, or values that are not
        finite.
    """
    if transformer is None:
        return X
    name = "affinity_transformer_.transform(X)"
    Z = validate_matrix(transformer.transform(X), name, accept_sparse="csr")
    if Z.shape[0] != X.shape[0]:
        raise ValueError(
            f"{name} must have a row for each of the {X.shape[0]} rows of X, got "
            f"{Z.shape[0]}."
        )
    return Z


def _set_unset(transformer: Any, seed: int, checkpoint_dir: Any) -> None:
    """Give a transformer, and transformers within it, missing seeds and folders."""
    for name, value in sorted(transformer.get_params().items()):
        parameter = name.rpartition("__")[2]
        if value is not None:
            continue
        if parameter == "random_state":
            transformer.set_params(**{name: seed})
            seed += 1  # or two networks side by side would be the same
        elif parameter == "checkpoint_dir":
            transformer.set_params(**{name: checkpoint_dir})
