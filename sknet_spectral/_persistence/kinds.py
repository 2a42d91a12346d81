"""The kinds of values in a file: how each is taken apart and put together again."""

from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.pipeline import FeatureUnion
from torch import nn

from .._engine.networks.network import StandardizedNetwork
from .._engine.networks.network_state import (
    map_state,
    network_state,
    restore_map,
    restore_network,
)
from .._fit.labels.assignment import Discretization, NearestCenter, PivotedRotation
from .._fit.labels.cluster_tree import ClusterTree
from .._fit.labels.membership import Memberships
from .._fit.labels.merged_centers import MergedCenters
from .._fit.spectral_map.training_distance import TrainingDistance
from .._graph.affinities.new_rows import GivenAffinities, StoredDistances
from .._graph.arrays import Neighbors
from .._graph.eigenvectors.extension import NystromExtension
from .saved_by_name import LeftOut

_MATRICES = sparse.csr_matrix, sparse.csr_array
_OBJECTS = (
    ClusterTree,
    Discretization,
    GivenAffinities,
    LeftOut,
    Memberships,
    MergedCenters,
    NearestCenter,
    NystromExtension,
    PivotedRotation,
    StoredDistances,
)


class Kind(NamedTuple):
    """How values of a class are taken apart and put together again.

    Attributes
    ----------
    cls : type
        The class.
    take_apart : callable
        Takes a value, returns its parts. None means that it cannot be recorded.
    put_together : callable
        Takes the parts, returns the value.
    """

    cls: type
    take_apart: Callable[[Any], Any]
    put_together: Callable[[Any], Any]


def _decoder_state(decoder: nn.Sequential) -> dict[str, Any]:
    first: Any = decoder[0]
    return map_state(decoder, first.in_features)


def _strings(value: np.ndarray) -> list[str] | None:
    if value.ndim != 1 or any(type(item) is not str for item in value):
        return None
    return list(value)


def _csr_parts(value: Any) -> list[Any]:
    return [value.data, value.indices, value.indptr, list(value.shape)]


def _csr(cls: type, parts: list[Any]) -> Any:
    *arrays, shape = parts
    try:
        matrix = cls(tuple(arrays), shape=tuple(shape))
        # Native code multiplies by the matrix without checking its indices.
        matrix.check_format(full_check=True)
    except ValueError as error:
        raise ValueError(
            f"The file has a sparse matrix that is none: {error}"
        ) from error
    return matrix


def _union_parts(union: FeatureUnion) -> list[Any] | None:
    if type(union) is not FeatureUnion:
        return None
    return [union.transformer_list, union.transformer_weights, union.n_jobs]


def _union(parts: list[Any]) -> FeatureUnion:
    transformers, weights, n_jobs = parts
    return FeatureUnion(transformers, transformer_weights=weights, n_jobs=n_jobs)


def _state(value: Any) -> dict[str, Any]:
    # None if there are no attributes. What an object caches is no part of it.
    return value.__getstate__() or {}


def _instance(cls: type, attributes: dict[str, Any]) -> Any:
    value: Any = object.__new__(cls)
    vars(value).update(attributes)
    return value


def _generator_state(random_state: np.random.RandomState) -> dict[str, Any] | None:
    state = random_state.get_state(legacy=False)
    return state if state["bit_generator"] == "MT19937" else None


def _generator(state: dict[str, Any]) -> np.random.RandomState:
    # numpy reads the key at this position without checking its length.
    if not 0 <= state["state"]["pos"] <= len(state["state"]["key"]):
        raise ValueError("The file has a generator whose state points outside its key.")
    random_state = np.random.RandomState(0)
    random_state.set_state(state)
    return random_state


KINDS = {
    "path": Kind(PurePath, str, Path),
    "scalar": Kind(np.generic, np.asarray, lambda array: array[()]),
    "strings": Kind(np.ndarray, _strings, partial(np.array, dtype=object)),
    "Neighbors": Kind(Neighbors, list, lambda parts: Neighbors(*parts)),
    "tuple": Kind(tuple, list, tuple),
    "dict": Kind(dict, lambda value: [list(item) for item in value.items()], dict),
    **{cls.__name__: Kind(cls, _csr_parts, partial(_csr, cls)) for cls in _MATRICES},
    **{cls.__name__: Kind(cls, _state, partial(_instance, cls)) for cls in _OBJECTS},
    "FeatureUnion": Kind(FeatureUnion, _union_parts, _union),
    "RandomState": Kind(np.random.RandomState, _generator_state, _generator),
    "TrainingDistance": Kind(
        TrainingDistance,
        lambda distance: [distance.training_rows],
        lambda parts: TrainingDistance(*parts),
    ),
    "network": Kind(
        StandardizedNetwork, network_state, partial(restore_network, build=None)
    ),
    "decoder": Kind(nn.Sequential, _decoder_state, partial(restore_map, build=None)),
}
