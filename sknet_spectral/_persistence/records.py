"""Converts the values of an estimator to JSON and arrays, and back.

A plain value is its own record. Any other value becomes a dict with the name of its
kind, and a table of kinds says how to restore it. Nothing is imported, and a record
cannot choose what code is run.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.pipeline import FeatureUnion
from torch import nn

from .._engine.networks.custom_network import is_custom
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
from .._graph.affinities.construction import GivenAffinities, StoredDistances
from .._graph.arrays import Neighbors
from .._graph.eigenvectors.extension import NystromExtension
from .saved_by_name import LeftOut, SavedByName, qualified_name

_PLAIN = bool, int, float, str, type(None)
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


class _Kind(NamedTuple):
    """How values of a class are taken apart and put together again.

    If the parts are None, the value cannot be recorded.
    """

    cls: type
    take_apart: Callable[[Any], Any]
    put_together: Callable[[Any], Any]


class Writer:
    """Turns values into records.

    Parameters
    ----------
    estimators : dict of str to type
        The classes of estimators that an estimator can contain.

    Attributes
    ----------
    arrays : list of ndarray
        The arrays. Records refer to them by number.
    named : list of str
        The values that are recorded by name only.
    """

    def __init__(self, estimators: Mapping[str, type]) -> None:
        self.estimators = estimators
        self.arrays: list[np.ndarray] = []
        self.named: list[str] = []

    def attributes(
        self, attributes: Mapping[str, Any], prefix: str = ""
    ) -> dict[str, Any]:
        """Record the attributes of an estimator.

        Parameters
        ----------
        attributes : dict
            The attributes by name.
        prefix : str, default=""
            Prefix of the names, for an estimator within the estimator.

        Returns
        -------
        dict
            The records by name. Private attributes with values that could only be
            recorded by name, such as scikit-learn's metadata requests and callbacks,
            are left out.
        """
        records = {}
        for name, value in attributes.items():
            n_named = len(self.named)
            record = self.record(value, prefix + name)
            has_names = len(self.named) > n_named
            if not (has_names and name.startswith("_")):
                records[name] = record
        return records

    def record(self, value: Any, place: str) -> Any:
        """Record a value.

        Parameters
        ----------
        value : object
            The value.
        place : str
            The attribute that has the value.

        Returns
        -------
        object
            A value that JSON supports.
        """
        if type(value) in _PLAIN:
            return value
        if type(value) is list:
            return [self.record(item, place) for item in value]
        if isinstance(value, np.ndarray) and not value.dtype.hasobject:
            self.arrays.append(value)
            return {"kind": "array", "parts": len(self.arrays) - 1}
        if self._is_own_estimator(value):
            parts = self.attributes(vars(value), f"{place}.")
            return {"kind": "estimator", "class": type(value).__name__, "parts": parts}
        for name, kind in _KINDS.items():
            if isinstance(value, kind.cls):
                parts = kind.take_apart(value)
                if parts is not None:
                    return {"kind": name, "parts": self.record(parts, place)}
        name = qualified_name(value)
        self.named.append(f"{place} ({name})")
        return {"kind": "name", "parts": name}

    def _is_own_estimator(self, value: Any) -> bool:
        """Tell whether a value is one of our estimators, without a custom network."""
        if type(value) is not self.estimators.get(type(value).__name__):
            return False
        fitted = vars(value).get("network_")
        return fitted is None or not is_custom(fitted.map)


class Reader:
    """Turns records into values.

    Parameters
    ----------
    estimators : dict of str to type
        The classes of estimators that an estimator can contain.
    arrays : list of ndarray
        The arrays to which records refer.
    network : callable or None
        The user's function that builds the network.
    """

    def __init__(
        self,
        estimators: Mapping[str, type],
        arrays: Sequence[np.ndarray],
        network: Callable | None,
    ) -> None:
        self.estimators, self.arrays = estimators, arrays
        self.restore = {name: kind.put_together for name, kind in _KINDS.items()}
        self.restore["network"] = partial(restore_network, build=network)
        self.restore["name"] = SavedByName

    def estimator(self, cls: type, records: Mapping[str, Any]) -> Any:
        """Restore an estimator.

        Parameters
        ----------
        cls : type
            Its class.
        records : dict
            Records of its attributes, by name.

        Returns
        -------
        estimator
            An instance that has the attributes.
        """
        estimator = cls()
        for attribute, record in records.items():
            setattr(estimator, attribute, self.value(record))
        return estimator

    def value(self, record: Any) -> Any:
        """Restore a value.

        Parameters
        ----------
        record : object
            Its record.

        Returns
        -------
        object
            The value.
        """
        if isinstance(record, list):
            return [self.value(item) for item in record]
        if not isinstance(record, dict):
            return record
        if record["kind"] == "array":
            return self.arrays[record["parts"]]
        if record["kind"] == "estimator":
            return self.estimator(self.estimators[record["class"]], record["parts"])
        return self.restore[record["kind"]](self.value(record["parts"]))


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


_KINDS = {
    "path": _Kind(PurePath, str, Path),
    "scalar": _Kind(np.generic, np.asarray, lambda array: array[()]),
    "strings": _Kind(np.ndarray, _strings, partial(np.array, dtype=object)),
    "Neighbors": _Kind(Neighbors, list, lambda parts: Neighbors(*parts)),
    "tuple": _Kind(tuple, list, tuple),
    "dict": _Kind(dict, lambda value: [list(item) for item in value.items()], dict),
    **{cls.__name__: _Kind(cls, _csr_parts, partial(_csr, cls)) for cls in _MATRICES},
    **{cls.__name__: _Kind(cls, _state, partial(_instance, cls)) for cls in _OBJECTS},
    "FeatureUnion": _Kind(FeatureUnion, _union_parts, _union),
    "RandomState": _Kind(np.random.RandomState, _generator_state, _generator),
    "TrainingDistance": _Kind(
        TrainingDistance,
        lambda distance: [distance.training_rows],
        lambda parts: TrainingDistance(*parts),
    ),
    "network": _Kind(
        StandardizedNetwork, network_state, partial(restore_network, build=None)
    ),
    "decoder": _Kind(nn.Sequential, _decoder_state, partial(restore_map, build=None)),
}
